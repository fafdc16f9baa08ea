/** How many approvals may wait for people at once. Anybody can write a request; nobody decides on ten thousand. */
import type { PoolClient } from 'pg'
import { tellDropped } from '../../bus/dropped.ts'
import type { ApprovalRequested } from '../../schemas/events.generated.ts'

export interface OpenBounds {
  /** of one tenant */
  tenant: number
  /** of all tenants: whoever writes a request may name any */
  all: number
}

export const openBounds: OpenBounds = { tenant: 10_000, all: 100_000 }

export const TOO_MANY = 'too_many_open'

/** Closes a request that was just opened as refused where enough others are open. Processes count at once: each may pass a bound by one. */
export async function refuseBeyond(
  client: PoolClient,
  { approval_id, tenant }: ApprovalRequested,
  runId: string,
  bounds: OpenBounds,
): Promise<void> {
  const { rowCount } = await client.query(
    `UPDATE executor.approvals SET outcome = 'refused', code = $3, reason = $4, closed_by_run = $5, closed_at = clock_timestamp()
     WHERE approval_id = $1 AND tenant = $2 AND outcome IS NULL
       AND ((SELECT count(*) FROM (SELECT FROM executor.approvals WHERE outcome IS NULL AND tenant = $2 LIMIT $6 + 1) AS part) > $6
         OR (SELECT count(*) FROM (SELECT FROM executor.approvals WHERE outcome IS NULL LIMIT $7 + 1) AS part) > $7)`,
    [approval_id, tenant, TOO_MANY, reasonOf(bounds), runId, bounds.tenant, bounds.all],
  )
  if (rowCount === 1) tellDropped('open_approval')
}

const reasonOf = ({ tenant, all }: OpenBounds): string =>
  `${tenant} approvals of its tenant, or ${all} in all, wait for a decision already`
