/** What the anomaly agent has done and learned about a service's tenant, from its database. */
import type { Deployed } from '../../agents/anomaly/deployments.ts'
import type { Asked } from '../../agents/anomaly/policy.ts'
import { createAnomalyStore } from '../../agents/anomaly/store.ts'
import { openPool } from '../../bus/postgres/pool.ts'

export interface Known {
  /** the requests of the last 24 hours */
  asked: readonly Asked[]
  /** the deployments of the last 24 hours */
  deployed: readonly Deployed[]
}

const CONNECT_MS = 10_000
export const DAY_MS = 86_400_000

export async function knownOf(connectionString: string, tenant: string, now: number): Promise<Known> {
  const pool = openPool({ connectionString, max: 1, connectionTimeoutMillis: CONNECT_MS })
  try {
    const store = createAnomalyStore(pool)
    return { asked: await store.asked(tenant, now - DAY_MS), deployed: await store.deployments(tenant, now - DAY_MS) }
  } finally {
    await pool.end()
  }
}
