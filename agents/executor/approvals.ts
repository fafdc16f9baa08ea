/** The executor's own record of approvals: each is opened once and closed once, by one run. */
import type { Pool, PoolClient } from 'pg'
import { transaction } from '../../bus/postgres/transaction.ts'
import type { Action, ApprovalDecided, ApprovalRequested } from '../../schemas/events.generated.ts'
import { type ApprovalKey, executionKey } from './approval-key.ts'
import { APPROVED_BY, count, type Counted, countedBy, hasApproved, tooFew } from './approvers.ts'
import { keepInAudit, mentionInAudit } from './audit.ts'
import { activeFreeze, type Freeze, wordsOfFreeze } from './freezes.ts'
import { hold, holdAsGenuine } from './held-decisions.ts'
import { isDoubtful, joinOpen } from './joining.ts'
import { type Closing, isAboutAnother } from './judge.ts'
import { type OpenBounds, openBounds, refuseBeyond, TOO_MANY } from './open-bounds.ts'

/** An approval right after it was opened. */
export interface Opened {
  /** decisions that arrived before it: those of a trusted signer first, then the oldest */
  held: readonly ApprovalDecided[]
  /** set if it was closed at once, for this run: it joined another approval, or too many are open */
  closed: Closing | null
  /** the state of its target, or of another approval's target, may have changed */
  doubtful: boolean
}

/** The fields of an open approval that are needed to close it. */
export type OpenApproval = Pick<ApprovalRequested, 'approval_id' | 'session_id' | 'action' | 'action_hash'>

/** An approval this run closed, and whether its action was started. */
export interface Closed {
  request: ApprovalRequested
  closing: Omit<Closing, 'issuer'>
  /** the control-plane may have received the action */
  begun: boolean
}

/** Most approvals of one target that one run closes. */
const MOST_OVERTAKEN = 100

export function createApprovals(pool: Pool, bounds: OpenBounds = openBounds) {
  /** A request and its decision may arrive at the same time; the lock makes one handler see the other's row. */
  const locked = <T>({ tenant, approval_id }: ApprovalKey, work: (client: PoolClient) => Promise<T>): Promise<T> =>
    transaction(pool, async (client) => {
      await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${approval_id} ${tenant}`])
      return work(client)
    })

  return {
    /**
     * Opens an approval. Joins it to an open, undecided one of the same action, or refuses it if too many are open. Null if another request of the
     * tenant already has this id.
     */
    open: (request: ApprovalRequested, runId: string): Promise<Opened | null> =>
      locked(request, async (client) => {
        const { rowCount: isNew } = await client.query(
          `INSERT INTO executor.approvals (approval_id, tenant, session_id, request, execution_key) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT DO NOTHING`,
          [request.approval_id, request.tenant, request.session_id, JSON.stringify(request), executionKey(request)],
        )
        const { rowCount } = await client.query(
          `SELECT FROM executor.approvals WHERE ${IS_IT} AND request->>'event_id' = $3`,
          [request.approval_id, request.tenant, request.event_id],
        )
        if (rowCount === 0) return null
        const { rows } = await client.query<{ decision: ApprovalDecided }>(
          `SELECT decision FROM executor.held_decisions WHERE ${IS_IT} ORDER BY genuine DESC, held_at, event_id`,
          [request.approval_id, request.tenant],
        )
        if (isNew === 1 && rows.length === 0) await joinOpen(client, request, runId)
        if (isNew === 1) await refuseBeyond(client, request, runId, bounds)
        const closing = await closingOf(client, request, runId, null)
        return {
          held: rows.map((row) => row.decision),
          closed: closing?.outcome === 'joined' || closing?.code === TOO_MANY ? closing : null,
          doubtful: await isDoubtful(client, request),
        }
      }),

    /** Open approvals for this action's target, oldest first. */
    async openFor(tenant: string, { service, namespace }: Action): Promise<OpenApproval[]> {
      const { rows } = await pool.query<{ request: ApprovalRequested }>(
        `SELECT request FROM executor.approvals WHERE outcome IS NULL AND tenant = $1 AND request->'action'->>'service' = $2
           AND request->'action'->>'namespace' IS NOT DISTINCT FROM $3
         ORDER BY (request->>'occurred_at')::numeric, approval_id LIMIT ${MOST_OVERTAKEN}`,
        [tenant, service, namespace],
      )
      return rows.map(({ request: { approval_id, session_id, action, action_hash } }) => ({
        approval_id,
        session_id,
        action,
        action_hash,
      }))
    },

    /** The request a decision is about; null if it has not arrived, in which case the decision is held. */
    requestFor: (decision: ApprovalDecided): Promise<ApprovalRequested | null> =>
      locked(decision, async (client) => {
        const { rows } = await client.query<{ request: ApprovalRequested }>(
          `SELECT request FROM executor.approvals WHERE ${IS_IT}`,
          [decision.approval_id, decision.tenant],
        )
        if (rows[0] !== undefined) return rows[0].request
        await hold(client, decision)
        return null
      }),

    /** Marks a held decision as signed by a trusted signer. */
    holdAsGenuine: (decision: ApprovalDecided): Promise<void> => holdAsGenuine(pool, decision),

    /**
     * Closes an approval for a run; null if another run, or another decision of this run, has closed it, or if its person has already approved. It is
     * closed as refused if the signed decision was already used or actions are frozen, and stays open (`counted`) while another person has to approve.
     * A repeated call by the same run returns the same result. A `decision` is recorded in the audit with its outcome.
     */
    close: (approval: ApprovalKey, closing: Closing, runId: string, decision: ApprovalDecided | null) =>
      locked(approval, async (client): Promise<Closing | null> => {
        const { approval_id, tenant } = approval
        const approving = closing.outcome === 'approved' && (await isOpen(client, approval)) ? decision : null
        if (approving !== null && (await hasApproved(client, approval, closing.decidedBy, approving, runId))) {
          const why = {
            outcome: 'refused' as const,
            code: 'same_person',
            reason: 'this person has already approved it',
          }
          await mentionInAudit(client, approving, { ...closing, ...why }, runId)
          return null
        }
        const possible = await effective(client, approval, closing, runId)
        const counts =
          possible.outcome === 'approved' && approving !== null
            ? await count(client, approval, possible, approving, runId)
            : possible
        if (counts.outcome === 'counted' && approving !== null) {
          await keepInAudit(client, approving, counts, runId)
          return counts
        }
        await client.query(
          `UPDATE executor.approvals SET outcome = $3, code = $4, reason = $5, decided_by = $6, decision_jti = $7, closed_by_run = $8,
             closed_by_decision = $9, closed_at = clock_timestamp() WHERE ${IS_IT} AND outcome IS NULL`,
          [approval_id, tenant, counts.outcome, counts.code, counts.reason, counts.decidedBy, counts.jti, runId, decision?.event_id],
        ) // prettier-ignore
        const stands = await closingOf(client, approval, runId, decision)
        const late = { ...counts, outcome: 'refused' as const, code: 'already_closed', reason: 'it was already closed' }
        if (decision !== null && stands !== null) await keepInAudit(client, decision, stands, runId)
        else if (decision !== null) await mentionInAudit(client, decision, late, runId)
        return stands
      }),

    /**
     * Must be called before every request to the control-plane to act. `frozen`: do not send it; `before`: it may already have been sent, by this run
     * or by a process that died running it; `key`: the approval's idempotency key, the same on every call.
     */
    begin: (request: ApprovalRequested): Promise<{ frozen: Freeze | null; before: boolean; key: string }> =>
      locked(request, async (client) => {
        const { approval_id, tenant } = request
        const frozen = await activeFreeze(client, tenant)
        const { rows } = await client.query<{ before: boolean; key: string }>(
          `SELECT begun_at IS NOT NULL AS before, COALESCE(execution_key, approval_id) AS key FROM executor.approvals WHERE ${IS_IT}`,
          [approval_id, tenant],
        )
        if (frozen === null)
          await client.query(
            `UPDATE executor.approvals SET begun_at = COALESCE(begun_at, clock_timestamp()) WHERE ${IS_IT}`,
            [approval_id, tenant],
          )
        return { frozen, before: rows[0]?.before ?? false, key: rows[0]?.key ?? executionKey(request) }
      }),

    /** The approvals this run counted for requests that stayed open. */
    countedBy: (runId: string): Promise<Counted[]> => countedBy(pool, runId),

    /** The approvals this run closed. */
    async closedBy(runId: string): Promise<Closed[]> {
      const { rows } = await pool.query<Omit<Closing, 'issuer'> & Pick<Closed, 'request' | 'begun'>>(
        `SELECT request, ${CLOSING}, begun_at IS NOT NULL AS begun
         FROM executor.approvals WHERE closed_by_run = $1 ORDER BY closed_at, approval_id`,
        [runId],
      )
      return rows.map(({ request, begun, ...closing }) => ({ request, begun, closing }))
    },
  }
}

const CLOSING = `outcome, code, reason, decided_by AS "decidedBy", decision_jti AS jti, joined_approval AS "joinedApproval",
  ${APPROVED_BY} AS "approvedBy"`
const IS_IT = `approval_id = $1 AND tenant = $2`

export type Approvals = ReturnType<typeof createApprovals>

/** How the approval was closed, if this run closed it by this decision. */
async function closingOf(
  client: PoolClient,
  { approval_id, tenant }: ApprovalKey,
  runId: string,
  decision: ApprovalDecided | null,
): Promise<Closing | null> {
  const { rows } = await client.query<Closing>(
    `SELECT ${CLOSING}, NULL AS issuer FROM executor.approvals
     WHERE ${IS_IT} AND closed_by_run = $3
       AND ($4::text IS NULL OR closed_by_decision IS NULL OR closed_by_decision = $4)`,
    [approval_id, tenant, runId, decision?.event_id],
  )
  return rows[0] ?? null
}

/** The closing after the checks that need the database. */
async function effective(client: PoolClient, approval: ApprovalKey, closing: Closing, runId: string): Promise<Closing> {
  const instead = (code: string, reason: string): Closing => ({ ...closing, outcome: 'refused', code, reason })
  if (await isReplayed(client, approval, closing, runId))
    return instead('replayed', 'this signed decision has already been used')
  if (closing.outcome === 'expired') return { ...closing, ...(await tooFew(client, approval)) }
  if (closing.outcome !== 'approved') return closing
  const frozen = (await isOpen(client, approval)) ? await activeFreeze(client, approval.tenant) : null
  return frozen === null ? closing : instead('frozen', wordsOfFreeze(frozen))
}

async function isOpen(client: PoolClient, { approval_id, tenant }: ApprovalKey): Promise<boolean> {
  const { rowCount } = await client.query(`SELECT FROM executor.approvals WHERE ${IS_IT} AND outcome IS NULL`, [
    approval_id,
    tenant,
  ])
  return rowCount === 1
}

/** A decision is used up only by the approval it names: showing it to another approval does not consume it. */
async function isReplayed(
  client: PoolClient,
  { approval_id, tenant }: ApprovalKey,
  { jti, issuer, code }: Closing,
  runId: string,
): Promise<boolean> {
  if (jti === null || issuer === null || isAboutAnother(code)) return false
  await client.query(
    `INSERT INTO executor.used_decisions (issuer, jti, approval_id, tenant, run_id) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
    [issuer, jti, approval_id, tenant, runId],
  )
  const { rows } = await client.query<{ run_id: string }>(
    `SELECT run_id FROM executor.used_decisions WHERE issuer = $1 AND jti = $2`,
    [issuer, jti],
  )
  return rows[0]?.run_id !== runId
}
