/** Joins a new approval to an open one of the same action. Called with the approval locked. */
import type { PoolClient } from 'pg'
import { actionHash } from '../../schemas/action-hash.ts'
import type { ApprovalRequested } from '../../schemas/events.generated.ts'

/**
 * Closes a request that was just opened as joined to an open approval with the same tenant, action, target state, risk and roles, so that the same
 * people may decide. A lock on the action hash keeps two concurrent requests from joining each other.
 */
export async function joinOpen(client: PoolClient, request: ApprovalRequested, runId: string): Promise<void> {
  if (!isWhatItSays(request) || request.expires_at <= Date.now()) return
  const { tenant, action_hash: hash, approval_id: id } = request
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`joining ${tenant} ${hash}`])
  const { rows } = await client.query<{ request: ApprovalRequested }>(
    `SELECT request FROM executor.approvals
     WHERE tenant = $1 AND request->'action'->>'service' = $2 AND outcome IS NULL AND approval_id <> $3
       AND request->>'action_hash' = $4 AND request->>'risk' = $5 AND request->'approver_roles' = $6::jsonb
       AND (request->>'expires_at')::numeric > $7
     ORDER BY (request->>'occurred_at')::numeric, approval_id LIMIT 100`,
    [tenant, request.action.service, id, hash, request.risk, JSON.stringify(request.approver_roles), Date.now()],
  )
  const first = rows.map((row) => row.request).find(isWhatItSays)
  if (first === undefined) return
  await client.query(
    `UPDATE executor.approvals SET outcome = 'joined', code = 'joined', reason = $2, joined_approval = $3, closed_by_run = $4,
       closed_at = clock_timestamp() WHERE approval_id = $1 AND tenant = $5`,
    [id, `approval ${first.approval_id} proposes the same action`, first.approval_id, runId, tenant],
  )
}

/**
 * Whether the target's state may have changed for this approval or another: a different action on the target is open, or one began after this
 * request. Only then is the target read before anyone decides.
 */
export async function isDoubtful(client: PoolClient, request: ApprovalRequested): Promise<boolean> {
  const { rows } = await client.query<{ doubtful: boolean }>(
    `SELECT EXISTS (SELECT FROM executor.approvals WHERE tenant = $1 AND request->'action'->>'service' = $2 AND approval_id <> $3
       AND ((outcome IS NULL AND request->>'action_hash' <> $4) OR begun_at > to_timestamp($5::numeric / 1000))) AS doubtful`,
    [
      request.tenant,
      request.action.service,
      request.approval_id,
      request.action_hash,
      Math.min(request.occurred_at, Date.now()),
    ],
  )
  return rows[0]?.doubtful ?? false
}

/** A request must carry its own action's hash: joining a forged one would lose the real proposal. */
const isWhatItSays = ({ action, action_hash }: ApprovalRequested): boolean => actionHash(action) === action_hash
