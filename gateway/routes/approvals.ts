import { v7 as uuid } from 'uuid'
import type { Decision } from '../api.generated.ts'
import { actionHash } from '../../schemas/action-hash.ts'
import { decisionAudience, signDecision } from '../../schemas/decision.ts'
import type { Caller } from '../auth/caller.ts'
import { mayNotDecide } from '../auth/permissions.ts'
import { conflict, forbidden, notFound } from '../errors.ts'
import type { Gateway, Handler } from '../gateway.ts'
import { publishOnce } from '../idempotency/keys.ts'
import { presentApproval } from '../present/approval.ts'
import { deciding } from '../present/texts.ts'
import { publish, stamp } from '../publish.ts'
import { findApproval, listApprovals as findApprovals } from '../views/approvals.ts'
import type { ApprovalRow } from '../views/approvals.ts'
import { withLock } from '../views/lock.ts'
import { pagination } from '../views/sessions.ts'
import { demandOwnTarget } from './owned.ts'

export const listApprovals =
  ({ pool }: Gateway): Handler<'listApprovals'> =>
  async ({ query, language }, caller) => {
    const { rows, total } = await findApprovals(pool, { ...query, tenant: caller.tenant })
    const items = rows.map((row) => presentApproval(row, language))
    return { status: 200, body: { items, pagination: pagination(query, total) } }
  }

export const getApproval =
  ({ pool }: Gateway): Handler<'getApproval'> =>
  async ({ params, language }, caller) => {
    const row = await findApproval(pool, caller.tenant, params.approval_id)
    if (row === null) throw notFound('approval')
    return { status: 200, body: presentApproval(row, language) }
  }

/** Checks the person, signs the decision and publishes it. Concurrent decisions on one approval are serialized. */
export const decideApproval =
  (gateway: Gateway): Handler<'decideApproval'> =>
  async ({ params, body, headers, language, request, ...asked }, caller) => {
    if (caller.kind !== 'person') throw forbidden(deciding.notAPerson)
    const { approval_id } = params
    const keyed = {
      caller,
      key: headers['idempotency-key'],
      request: { path: request.routeOptions.url, approval_id, body },
    }
    const row = await withLock(gateway.locks, `approval ${approval_id}`, async () => {
      await publishOnce(gateway.pool, keyed, {
        prepare: async () => decided(gateway, await decidable(gateway, approval_id, body, caller), body, caller),
        publish: (received) => publish(gateway, received, asked),
      })
      return findApproval(gateway.pool, caller.tenant, approval_id)
    })
    if (row === null) throw notFound('approval')
    gateway.log.info({ request: request.id, approval_id, by: caller.id, decision: body.decision }, 'decided')
    return { status: 200, body: presentApproval(row, language) }
  }

async function decidable(
  { pool, tenants, now }: Gateway,
  approvalId: string,
  body: Decision,
  caller: Caller,
): Promise<ApprovalRow> {
  const row = await findApproval(pool, caller.tenant, approvalId)
  if (row === null) throw notFound('approval')
  // the service may have been moved to another tenant since the approval was requested
  demandOwnTarget(tenants, caller, row.requested.action)
  const refusal = mayNotDecide(caller, row.requested)
  if (refusal !== null) throw forbidden(refusal)
  if (row.status !== 'pending') throw conflict(deciding.closed(row.status))
  const approved = row.decisions.filter(({ decision }) => decision === 'approved')
  if (body.decision === 'approved' && approved.some(({ decided_by }) => decided_by === caller.id))
    throw conflict(deciding.approvedAlready)
  if (row.requested.expires_at <= now()) throw conflict(deciding.expired)
  if (actionHash(row.requested.action) !== row.requested.action_hash) throw conflict(deciding.altered)
  if (row.requested.action_hash !== body.action_hash) throw conflict(deciding.another)
  return row
}

async function decided({ decisions, now }: Gateway, { requested }: ApprovalRow, body: Decision, caller: Caller) {
  const at = now()
  const jws = await signDecision(await decisions.keys.signer(), {
    iss: decisions.issuer,
    aud: decisionAudience,
    sub: caller.subject,
    decider_iss: caller.issuer,
    ...(caller.name === null ? {} : { name: caller.name }),
    roles: [...caller.roles],
    jti: uuid(),
    iat: Math.floor(at / 1000),
    // a decision stays valid as long as its approval
    exp: Math.ceil(requested.expires_at / 1000),
    tenant: caller.tenant,
    approval_id: requested.approval_id,
    action_hash: body.action_hash,
    decision: body.decision,
    reason: body.reason,
  })
  const { approval_id, session_id } = requested
  const value = { ...stamp(caller.tenant, at), approval_id, session_id, decision_jws: jws }
  return { event: 'ApprovalDecided' as const, value }
}
