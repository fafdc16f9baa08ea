/** Limits on open approvals: anyone can publish a request, and nobody can review ten thousand. */
import type { PoolClient } from 'pg'
import { tellDropped } from '../../bus/dropped.ts'
import type { ApprovalRequested } from '../../schemas/events.generated.ts'

export interface OpenBounds {
  /** per tenant */
  tenant: number
  /** over all tenants, as a request may name any tenant */
  all: number
}

export const openBounds: OpenBounds = { tenant: 10_000, all: 100_000 }

export const TOO_MANY = 'too_many_open'

/** Refuses a newly opened request when a limit is reached. Processes count concurrently, so each may exceed it by one. */
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
  `${tenant} approvals of its tenant, or ${all} in all, are already waiting for a decision`
