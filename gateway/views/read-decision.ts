import { verifyDecision } from '../../schemas/decision.ts'
import type { SigningKeys } from '../../schemas/signing-keys.ts'
import type { FoldOptions } from './fold.ts'

/**
 * Reads decisions this platform's gateway signed. Others show up once the executor closes the approval: anyone can write to the topic, and a forged
 * decision must not look real.
 */
export const decisionReader =
  (decisions: { issuer: string; keys: SigningKeys }): FoldOptions['readDecision'] =>
  async ({ approval_id, decision_jws }) => {
    const verified = await verifyDecision(decision_jws, new Map([[decisions.issuer, decisions.keys.keySet()]]))
    if (!verified.ok || verified.claim.approval_id !== approval_id) return null
    const { tenant, decider_iss, sub, name, decision, reason, iat, jti } = verified.claim
    const known = { approval_id, tenant, decision, reason, decided_at: iat * 1000, jti }
    return { ...known, decided_by: `${decider_iss}|${sub}`, signed_here: true, ...(name === undefined ? {} : { name }) }
  }
