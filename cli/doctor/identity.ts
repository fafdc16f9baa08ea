/** The identity provider: does discovery work, and does each agent get a token? */
import { createTokenSource } from '../../agents/runtime/token.ts'
import type { Config } from '../config.ts'
import { asking } from '../serve/asking.ts'
import { type Check, type Finding, notConfigured, ok } from './check.ts'
import { doctor as texts } from './texts.ts'

const LIMIT_MS = 8000

export function identityChecks(config: Config): Check[] {
  const { OIDC_ISSUER: issuer } = config
  if (issuer === undefined)
    return ['issuer', 'assistant_token', 'executor_token', 'postmortem_token'].map((id) => ({ id, look: async () => notConfigured('OIDC_ISSUER') })) // prettier-ignore
  return [
    { id: 'issuer', look: () => discovered(issuer) },
    { id: 'assistant_token', look: () => token(config, issuer, 'ASSISTANT', 'sre-platform:read') },
    { id: 'executor_token', look: () => token(config, issuer, 'EXECUTOR', 'sre-platform:read sre-platform:write') },
    { id: 'postmortem_token', look: () => token(config, issuer, 'POSTMORTEM', 'sre-platform:read') },
  ]
}

async function discovered(issuer: string): Promise<Finding> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const answer = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS) })
  const known: unknown = await answer.json().catch(() => null)
  const named: unknown = Object(known).issuer
  const todo = texts.checkIssuer
  if (!answer.ok || typeof named !== 'string') return { state: 'failed', says: texts.noDiscovery(url, answer.status), todo } // prettier-ignore
  // tokens name this issuer, and the gateway refuses those of another
  if (named !== issuer) return { state: 'failed', says: texts.otherIssuer(named, issuer), todo }
  return ok(texts.answers)
}

type Agent = 'ASSISTANT' | 'EXECUTOR' | 'POSTMORTEM'

async function token(config: Config, issuer: string, agent: Agent, scope: string): Promise<Finding> {
  const secret = config[`${agent}_CLIENT_SECRET`]
  if (secret === undefined) return notConfigured(`${agent}_CLIENT_SECRET`)
  const secrets = { ASSISTANT_CLIENT_SECRET: secret, EXECUTOR_CLIENT_SECRET: secret, POSTMORTEM_CLIENT_SECRET: secret }
  const { client } = asking({ ...config, ...secrets, OIDC_ISSUER: issuer, CONTROL_PLANE_URL: '' }, agent, scope)
  await createTokenSource(client)()
  return ok(texts.token(client.clientId))
}
