/** Keeps the changes of the bus, for diagnoses without a control-plane. */
import { join } from 'node:path'
import type { Pool } from 'pg'
import type { Bus, Consumption, Observer, Received } from '../../../bus/bus.ts'
import { migrate } from '../../../bus/postgres/migrate.ts'
import { takeWhatFits } from '../../../bus/take-what-fits.ts'
import type { Contract } from '../../../schemas/contract.ts'
import type { ChangeRecorded } from '../../../schemas/events.generated.ts'
import { type Forget, forgetRows } from '../../runtime/retention.ts'

/** The part that reads them, and its consumer group. */
const CONSUMER = 'assistant'
export const CHANGES_GROUP = 'sre-assistant-changes'
export const keptEvent = 'ChangeRecorded'

export const prepareChanges = (databaseUrl: string): Promise<void> =>
  migrate(databaseUrl, 'changes', join(import.meta.dirname, 'migrations'))

/** Reads all changes from the beginning of the topic, whoever published them. */
export const followChanges = (given: {
  bus: Bus
  contract: Contract
  pool: Pool
  observer: Observer
}): Promise<Consumption> =>
  given.bus.subscribe({
    group: CHANGES_GROUP,
    consumer: CONSUMER,
    topics: [given.contract.topicOf(keptEvent).name],
    observer: given.observer,
    handle: (received) =>
      takeWhatFits(received, 'cannot_be_kept', async (some) => {
        for (const { value } of some as readonly Reported[]) await keep(given.pool, value)
      }),
  })

type Reported = Extract<Received, { event: typeof keptEvent }>

/** Repeats are idempotent: the earliest report gives the time, the latest one the state. */
async function keep(pool: Pool, change: ChangeRecorded): Promise<void> {
  const { tenant, change_id, service, namespace, type, author, summary, before, after, deployment_id, occurred_at } =
    change
  await pool.query(
    `INSERT INTO changes.changes AS kept (tenant, change_id, service, namespace, type, author, summary, before, after, deployment_id, changed_at, reported_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, to_timestamp($11 / 1000.0), to_timestamp($11 / 1000.0))
     ON CONFLICT (tenant, change_id) DO UPDATE SET
       changed_at = least(kept.changed_at, excluded.changed_at),
       reported_at = greatest(kept.reported_at, excluded.reported_at),
       summary = CASE WHEN excluded.reported_at > kept.reported_at THEN excluded.summary ELSE kept.summary END,
       after = CASE WHEN excluded.reported_at > kept.reported_at THEN excluded.after ELSE kept.after END,
       before = coalesce(kept.before, excluded.before)`,
    [tenant, change_id, service, namespace, type, author, summary, before, after, deployment_id, occurred_at],
  )
}

export const forgetChanges = (pool: Pool): Forget =>
  forgetRows(
    pool,
    `DELETE FROM changes.changes WHERE (tenant, change_id) IN (
       SELECT tenant, change_id FROM changes.changes WHERE reported_at < $1 LIMIT $2)`,
  )
