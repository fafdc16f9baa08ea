/** One open proposal of one action: what asks for the same again joins it. Called with the approval locked. */
import type { PoolClient } from 'pg'
import { actionHash } from '../../schemas/action-hash.ts'
import type { ApprovalRequested } from '../../schemas/events.generated.ts'

/**
 * Closes a request that was just opened as joined to an open approval, if there is one that the same people may decide on: same tenant,
 * action and state of its target, risk and roles. Two at once are heard one after the other, so that not each joins the other.
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
 * Whether an approval may have been asked for on a state that is gone, its own or another's: another action on its target is open, or one
 * has begun since it was asked for. Only then is the target worth a look before anybody decides.
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

/** Nobody can approve an action under the hash of another: joining it would lose the true one. */
const isWhatItSays = ({ action, action_hash }: ApprovalRequested): boolean => actionHash(action) === action_hash
