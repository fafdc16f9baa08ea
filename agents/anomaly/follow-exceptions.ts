/** Keeps what the bus tells of what is to be kept out. */
import type { Pool } from 'pg'
import type { Bus, Consumption, Observer, Received } from '../../bus/bus.ts'
import { takeWhatFits } from '../../bus/take-what-fits.ts'
import type { Contract } from '../../schemas/contract.ts'
import type { AnomalyExpected } from '../../schemas/events.generated.ts'
import { keepDeployment } from './deployments.ts'
import type { Covered, ToldException } from './kept-out.ts'

export const EXCEPTIONS_GROUP = 'sre-anomaly-exceptions'
export const EXCEPTION_EVENTS = ['AnomalyExpected', 'ChangeRecorded'] as const
type Told = Extract<Received, { event: (typeof EXCEPTION_EVENTS)[number] }>

/** Anyone can write to a topic without ACLs: longer lists are cut, and longer times end as early as the gateway's. */
const MOST = 100
const LONGEST_MS = 30 * 86_400_000

/** Of the column and of what comes along. */
const both = (column: string, more: string): string =>
  `ARRAY(SELECT DISTINCT unnest(kept.${column} || ${more}) ORDER BY 1 LIMIT ${MOST})`

export interface FollowingExceptions {
  bus: Pick<Bus, 'subscribe'>
  contract: Contract
  pool: Pool
  observer: Observer
}

export const followExceptions = ({ bus, contract, pool, observer }: FollowingExceptions): Promise<Consumption> =>
  bus.subscribe({
    group: EXCEPTIONS_GROUP,
    consumer: 'anomaly',
    topics: EXCEPTION_EVENTS.map((event) => contract.topicOf(event).name),
    observer,
    handle: (received) =>
      takeWhatFits(received, 'cannot_be_kept', async (some) => {
        for (const { event, value } of some as readonly Told[])
          await (event === 'AnomalyExpected' ? keepExpected(pool, value) : keepDeployment(pool, value))
      }),
  })

/** Safe to repeat, in any order: of several about one anomaly, the latest counts. What was known to belong to the anomaly still does. */
async function keepExpected(pool: Pool, expected: AnomalyExpected): Promise<void> {
  const { tenant, anomaly_id, services, indicators, until, occurred_at } = expected
  await pool.query(
    `INSERT INTO anomaly.exceptions AS kept (tenant, id, services, indicators, starts_at, ends_at, told_at)
     VALUES ($1, $2, $3, $4, $5, $6, $5)
     ON CONFLICT (tenant, id) DO UPDATE SET services = ${both('services', 'excluded.services')}, indicators = ${both('indicators', 'excluded.indicators')},
       starts_at = excluded.starts_at, ends_at = excluded.ends_at, told_at = excluded.told_at
     WHERE excluded.told_at > kept.told_at`,
    [
      tenant,
      anomaly_id,
      services.slice(0, MOST),
      indicators.slice(0, MOST),
      occurred_at,
      Math.min(until, occurred_at + LONGEST_MS),
    ],
  )
}

/** Adds what an expected anomaly has become. */
export async function widenExpected(pool: Pool, tenant: string, { id, services, indicators }: Covered): Promise<void> {
  await pool.query(
    `UPDATE anomaly.exceptions AS kept SET services = ${both('services', '$3::text[]')}, indicators = ${both('indicators', '$4::text[]')}
     WHERE tenant = $1 AND id = $2`,
    [tenant, id, services, indicators],
  )
}

/** Those that end at `since` or later, ms since the epoch. */
export async function loadExceptions(pool: Pool, tenant: string, since: number): Promise<ToldException[]> {
  const { rows } = await pool.query<ToldException>(
    `SELECT id, services, indicators, starts_at::float8 AS start, ends_at::float8 AS "end" FROM anomaly.exceptions
     WHERE tenant = $1 AND ends_at >= $2 ORDER BY id`,
    [tenant, since],
  )
  return rows
}
