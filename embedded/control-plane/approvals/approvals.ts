/** The control-plane's own view of approvals, built from the topics, and the decisions people make here. */
import { randomUUID } from 'node:crypto'
import { DECIDERS } from '../../../actions/catalogue.ts'
import type { OpenBounds } from '../../../agents/executor/open-bounds.ts'
import type { Received, Rejection } from '../../../bus/bus.ts'
import { transaction, type Database } from '../../../bus/postgres/transaction.ts'
import { takeWhatFits } from '../../../bus/take-what-fits.ts'
import { deciding } from '../../../gateway/present/texts.ts'
import { hear, spokenOf } from '../../../bus/statements/heard.ts'
import { actionHash } from '../../../schemas/action-hash.ts'
import { approvalsNeeded } from '../../../schemas/approvals-needed.ts'
import { decisionAudience, signDecision } from '../../../schemas/decision.ts'
import type {
  ActionCompleted,
  ApprovalClosed,
  ApprovalCounted,
  ApprovalRequested,
  DiagnosisCompleted,
} from '../../../schemas/events.generated.ts'
import type { KeySet } from '../../../schemas/signed.ts'
import type { SigningKeys } from '../../../schemas/signing-keys.ts'
import type { Caller } from '../access.ts'
import { ApiError } from '../api-error.ts'
import type { Trace } from '../events.ts'
import type { House } from '../house.ts'
import { refusals } from '../texts.ts'
import { createOpenBound } from './bounds.ts'

export interface Approval {
  id: string
  /** pending (also while a second approval is needed), decided (not yet judged by the executor), approved, rejected, expired, refused, joined or overtaken */
  status: string
  request: ApprovalRequested
  closed: ApprovalClosed | null
  action: ActionCompleted | null
  /** the latest decision made here */
  decision: { decision: string; reason: string; decider: string } | null
  /** how many different people have to approve */
  approvalsNeeded: number
  /** who has approved so far, each person once; `reason` null: known only from the closing */
  approvedBy: { person: string; reason: string | null }[]
  /** someone published a closing or an outcome that the executor did not sign */
  ignoredStatement: boolean
}

export interface DecisionInput {
  approvalId: string
  /** hash of the action as shown to the person; the decision is valid for it only */
  actionHash: string
  decision: 'approved' | 'rejected'
  reason: string
  trace: Trace
}

export interface Approvals {
  /** handles events from the bus, in any order and repeatedly */
  handle(records: readonly Received[]): Promise<readonly Rejection[]>
  /** one page, open approvals first, then newest first, and the total */
  list(tenant: string, page: { page: number; page_size: number }): Promise<{ items: Approval[]; total: number }>
  find(tenant: string, id: string): Promise<Approval>
  /** Signs and publishes. Throws `ApiError`. The executor judges whether the decision counts. */
  decide(person: Caller, input: DecisionInput): Promise<Approval>
}

export const approvalTopics = [
  'sre.approval.requested.v1',
  'sre.approval.counted.v1',
  'sre.approval.closed.v1',
  'sre.action.completed.v1',
  'sre.diagnosis.completed.v1',
] as const

export const approvalGroup = 'control-plane'

/** Outlasts a restart of the executor, but is far shorter than an approval. */
const decisionLifeS = 600

interface ApprovalRow {
  approval_id: string
  request: ApprovalRequested
  closed: ApprovalClosed | null
  action: ActionCompleted | null
  ignored_statement: boolean
  decisions: { decision: string; reason: string; decider: string; made_here: boolean }[]
}

const selectApprovals = `SELECT a.*, (
    SELECT coalesce(json_agg(d ORDER BY d.decided_at, d.jti), '[]') FROM control_plane.decisions d
    WHERE d.approval_id = a.approval_id AND d.tenant = a.tenant) AS decisions
  FROM control_plane.approvals a WHERE a.request IS NOT NULL AND a.tenant = $1`

export interface ApprovalsOptions {
  house: House
  keys: SigningKeys
  signer: string
  /** public keys of the executors; their statements are accepted only with a valid signature */
  statementKeys: KeySet
  bounds?: OpenBounds
}

export function createApprovals({ house, keys, signer, statementKeys, bounds }: ApprovalsOptions): Approvals {
  const { pool, bus, outbox, clock } = house
  const bound = createOpenBound(pool, bounds)

  async function find(tenant: string, id: string, connection: Database = pool): Promise<Approval> {
    const { rows } = await connection.query<ApprovalRow>(`${selectApprovals} AND a.approval_id::text = $2`, [
      tenant,
      id,
    ])
    if (rows[0] === undefined) throw new ApiError('RESOURCE_NOT_FOUND', refusals.noSuch.approval(id))
    return approvalOf(rows[0])
  }

  async function claim(person: Caller, { approvalId, actionHash, decision, reason }: DecisionInput) {
    const now = Math.floor(clock() / 1000)
    const jti = randomUUID()
    const decision_jws = await signDecision(await keys.signer(), {
      iss: signer,
      aud: decisionAudience,
      sub: person.sub,
      decider_iss: person.iss,
      roles: person.roles,
      jti,
      iat: now,
      exp: now + decisionLifeS,
      tenant: person.tenant,
      approval_id: approvalId,
      action_hash: actionHash,
      decision,
      reason,
    })
    return { jti, decision_jws }
  }

  return {
    handle: async (records) => {
      const { believed, ignored } = await hear(records, { keys: statementKeys, log: house.log })
      const { kept, refused } = await bound(believed)
      const rejections = await takeWhatFits(kept, 'cannot_be_folded', (some) =>
        transaction(pool, (client) => fold(client, some, house)),
      )
      if (ignored.length > 0)
        await pool.query(
          `UPDATE control_plane.approvals a SET ignored_statement = true FROM unnest($1::uuid[], $2::text[]) AS spoken(id, tenant)
           WHERE a.approval_id = spoken.id AND a.tenant = spoken.tenant`,
          spokenOf(ignored),
        )
      return [...ignored, ...refused, ...rejections]
    },
    list: async (tenant, { page, page_size }) => {
      const { rows } = await pool.query<ApprovalRow>(
        `${selectApprovals} ORDER BY (a.closed IS NULL) DESC, (a.request->>'occurred_at')::bigint DESC, approval_id
         LIMIT $2 OFFSET $3`,
        [tenant, page_size, (page - 1) * page_size],
      )
      const counted = await pool.query<{ total: number }>(
        `SELECT count(*)::int AS total FROM (${selectApprovals}) AS known`,
        [tenant],
      )
      return { items: rows.map(approvalOf), total: counted.rows[0]?.total ?? 0 }
    },
    find,
    decide: async (person, input) => {
      const approval = await find(person.tenant, input.approvalId)
      const { service, namespace } = approval.request.action
      if (!house.tenants.of(person.tenant).has(service, namespace ?? house.namespace))
        throw new ApiError('RESOURCE_NOT_FOUND', refusals.noSuch.service(service))
      mustBeAllowed(person, approval, input, clock())
      const { jti, decision_jws } = await claim(person, input)
      const decided = {
        event_id: jti,
        session_id: approval.request.session_id,
        sequence: 0,
        tenant: person.tenant,
        occurred_at: clock(),
        approval_id: input.approvalId,
        decision_jws,
      }
      const record = await bus.encode('ApprovalDecided', decided, input.trace)
      await transaction(pool, async (client) => {
        const { approvalId: id } = input
        await client.query(
          `SELECT FROM control_plane.approvals WHERE approval_id::text = $1 AND tenant = $2 FOR UPDATE`,
          [id, person.tenant],
        )
        // another decision may have been made since
        mustBeAllowed(person, await find(person.tenant, id, client), input, clock())
        await client.query(
          `INSERT INTO control_plane.decisions (approval_id, tenant, decision, reason, decider, jti, decided_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)`,
          [id, person.tenant, input.decision, input.reason, person.identity, jti, new Date(clock())],
        )
        await outbox.add(client, [record])
      })
      outbox.nudge()
      return find(person.tenant, input.approvalId)
    },
  }
}

/** Any decision the executor refuses closes the approval, so a decision it would refuse is not signed here. */
function mustBeAllowed(person: Caller, approval: Approval, input: DecisionInput, now: number): void {
  const { status, request, approvedBy } = approval
  if (person.kind !== 'person') throw new ApiError('INSUFFICIENT_PERMISSIONS', deciding.notAPerson)
  const allowed = person.roles.filter((role) => DECIDERS.includes(role) && request.approver_roles.includes(role))
  if (allowed.length === 0)
    throw new ApiError(
      'INSUFFICIENT_PERMISSIONS',
      deciding.needsRole(
        { subject: person.identity.slice(person.identity.lastIndexOf('|') + 1), roles: person.roles },
        request.approver_roles,
      ),
    )
  if (person.identity === request.requested_by) throw new ApiError('INSUFFICIENT_PERMISSIONS', deciding.ownRequest)
  if (person.identity === request.proposed_by?.id) throw new ApiError('INSUFFICIENT_PERMISSIONS', deciding.ownProposal)
  if (status !== 'pending') throw new ApiError('RESOURCE_CONFLICT', deciding.closed(status))
  if (input.decision === 'approved' && approvedBy.some((one) => one.person === person.identity))
    throw new ApiError('RESOURCE_CONFLICT', deciding.approvedAlready)
  if (request.expires_at <= now) throw new ApiError('RESOURCE_CONFLICT', deciding.expired)
  if (actionHash(request.action) !== request.action_hash) throw new ApiError('RESOURCE_CONFLICT', deciding.altered)
  if (request.action_hash !== input.actionHash) throw new ApiError('RESOURCE_CONFLICT', deciding.another)
}

async function fold(client: Database, records: readonly Received[], house: House): Promise<void> {
  for (const { event, value } of records) {
    if (event === 'ApprovalRequested') await keep(client, 'request', value)
    if (event === 'ApprovalCounted') await keepCounted(client, value)
    if (event === 'ApprovalClosed') await keep(client, 'closed', value)
    if (event === 'ActionCompleted') await keep(client, 'action', value)
    if (event === 'DiagnosisCompleted') await concluded(client, value, house)
  }
}

/** Ignores a result published by another tenant's agent under the same session. */
async function concluded(client: Database, value: DiagnosisCompleted, { tenants, namespace }: House): Promise<void> {
  const { rows } = await client.query<{ service: string }>(
    `SELECT service_name AS service FROM control_plane.incidents WHERE session_id = $1`,
    [value.session_id],
  )
  if (!rows.every(({ service }) => tenants.of(value.tenant).has(service, namespace))) return
  await client.query(
    `UPDATE control_plane.incidents SET diagnosis = $2
     WHERE session_id = $1 AND COALESCE((diagnosis->>'revision')::int, 0) <= $3`,
    [value.session_id, JSON.stringify(value), value.revision],
  )
}

/** Topics are not ordered relative to each other: each event fills its own column, and the first one wins. */
const keep = (
  client: Database,
  column: 'request' | 'closed' | 'action',
  value: { approval_id: string; tenant: string },
) =>
  client.query(
    `INSERT INTO control_plane.approvals (approval_id, tenant, ${column}) VALUES ($1, $2, $3)
     ON CONFLICT (approval_id, tenant) DO UPDATE SET ${column} = COALESCE(approvals.${column}, EXCLUDED.${column})`,
    [value.approval_id, value.tenant, JSON.stringify(value)],
  )

/** A decision made here is already stored, with more details than the executor publishes. */
const keepCounted = (client: Database, value: ApprovalCounted) =>
  client.query(
    `INSERT INTO control_plane.decisions (approval_id, tenant, decision, reason, decider, jti, decided_at, made_here)
     VALUES ($1, $2, 'approved', $3, $4, $5, $6, false) ON CONFLICT DO NOTHING`,
    [value.approval_id, value.tenant, value.reason, value.approved_by, value.decision_jti, new Date(value.occurred_at)],
  )

function approvalOf({ approval_id, request, closed, action, decisions, ignored_statement }: ApprovalRow): Approval {
  const given = decisions.filter(({ decision }) => decision === 'approved')
  const approvers = new Map<string, string | null>(given.map(({ decider, reason }) => [decider, reason]))
  for (const person of closed?.approved_by ?? []) if (!approvers.has(person)) approvers.set(person, null)
  const needed = approvalsNeeded(request.risk)
  const isDecided = decisions.some(({ decision }) => decision === 'rejected') || approvers.size >= needed
  return {
    id: approval_id,
    status: closed?.outcome ?? (isDecided ? 'decided' : 'pending'),
    request,
    closed,
    action,
    decision: decisions.findLast(({ made_here }) => made_here) ?? null,
    approvalsNeeded: needed,
    approvedBy: [...approvers].map(([person, reason]) => ({ person, reason })),
    ignoredStatement: ignored_statement,
  }
}
