/** The views: migration, folding from the bus, and queries. */
import { join } from 'node:path'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Bus, Consumption, Observer, Rejection } from '../../bus/bus.ts'
import { migrate } from '../../bus/postgres/migrate.ts'
import { takeWhatFits } from '../../bus/take-what-fits.ts'
import type { Contract } from '../../schemas/contract.ts'
import { createBounds, type ViewBounds } from './bounds.ts'
import { hear, spokenOf } from '../../bus/statements/heard.ts'
import type { KeySet } from '../../schemas/signed.ts'
import { fold, foldedEvents } from './fold.ts'
import type { FoldOptions, ViewEvent } from './fold.ts'

/** Migrates the schema `gateway`. */
export const migrateViews = (databaseUrl: string): Promise<void> =>
  migrate(databaseUrl, 'gateway', join(import.meta.dirname, 'migrations'))

export interface ViewsOptions extends FoldOptions {
  bus: Bus
  contract: Contract
  /** public keys of the executors; their statements are accepted only with a valid signature */
  keys: KeySet
  log: Logger
  bounds?: ViewBounds
  observer?: Observer
  /** called after each batch, for metrics */
  onFolded?(records: number, seconds: number): void
  /** called with statements the executor did not sign */
  onIgnored?(ignored: readonly Rejection[]): void
}

export const VIEWS_GROUP = 'gateway-views-'

/** Consumes every topic of the views, from the beginning for a new schema. */
export async function followTopics(options: ViewsOptions): Promise<Consumption> {
  const { bus, contract, pool, observer, onFolded, onIgnored } = options
  const bound = createBounds(pool, options.bounds)
  return bus.subscribe({
    group: `${VIEWS_GROUP}${await readEpoch(pool)}`,
    consumer: 'gateway',
    topics: foldedEvents.map((event) => contract.topicOf(event).name),
    from: 'earliest',
    ...(observer === undefined ? {} : { observer }),
    async handle(records) {
      const start = performance.now()
      const { believed, ignored } = await hear(records, options)
      const { kept, refused } = await bound(believed)
      const rejections = await takeWhatFits(kept, 'cannot_be_folded', (some) =>
        fold(some as readonly ViewEvent[], options),
      )
      if (ignored.length > 0) await markIgnored(pool, spokenOf(ignored))
      onIgnored?.(ignored)
      onFolded?.(kept.length, (performance.now() - start) / 1000)
      return [...ignored, ...refused, ...rejections]
    },
  })
}

/** Updates known approvals of the stated tenant only: an unsigned statement adds no row. */
async function markIgnored(pool: Pool, spoken: ReturnType<typeof spokenOf>): Promise<void> {
  await pool.query(
    `UPDATE gateway.approvals a SET ignored_statement = true FROM unnest($1::uuid[], $2::text[]) AS spoken(approval_id, tenant)
     WHERE a.approval_id = spoken.approval_id AND a.tenant = spoken.tenant`,
    spoken,
  )
}

async function readEpoch(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM gateway.epoch')
  const epoch = rows[0]
  if (epoch === undefined) throw new Error('the views have no epoch: drop the schema gateway and start again')
  return epoch.id
}
