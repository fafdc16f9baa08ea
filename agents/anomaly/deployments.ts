/** What is announced about a service that was just deployed: the severe at once, the rest if it lasts. */
import type { Pool } from 'pg'
import type { Exception } from '../../analysis/watch/exceptions.ts'
import type { Severity } from '../../analysis/watch/watched.ts'
import type { ChangeRecorded } from '../../schemas/events.generated.ts'

export interface Delay {
  /** ms after a deployment; 0: nothing is delayed */
  ms: number
  /** announced even then */
  leastSeverity: Severity
}

export interface Deployed {
  service: string
  /** ms since the epoch */
  at: number
}

export const delaysOf = ({ ms, leastSeverity: below }: Delay, deployed: readonly Deployed[]): Exception[] =>
  deployed.map(({ service, at }) => ({ service, start: at, end: at + ms, reason: 'deployment', below }))

/** Safe to repeat, in any order: the earliest report says when it was. Other changes are not kept. */
export async function keepDeployment(pool: Pool, change: ChangeRecorded): Promise<void> {
  const { tenant, change_id, service, type, occurred_at } = change
  if (type.toUpperCase() !== 'DEPLOYMENT') return
  await pool.query(
    `INSERT INTO anomaly.deployments AS kept (tenant, change_id, service, deployed_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant, change_id) DO UPDATE SET deployed_at = least(kept.deployed_at, excluded.deployed_at)`,
    [tenant, change_id, service, occurred_at],
  )
}

/** Those at `since` or later, ms since the epoch. */
export async function loadDeployments(pool: Pool, tenant: string, since: number): Promise<Deployed[]> {
  const { rows } = await pool.query<Deployed>(
    `SELECT service, deployed_at::float8 AS at FROM anomaly.deployments WHERE tenant = $1 AND deployed_at >= $2
     ORDER BY deployed_at, change_id`,
    [tenant, since],
  )
  return rows
}
