/** The views as one thing: made, folded from the bus, and asked. */
import { join } from 'node:path'
import type { Pool } from 'pg'
import type { Bus, Consumption } from '../../bus/bus.ts'
import { migrate } from '../../bus/postgres/migrate.ts'
import { takeWhatFits } from '../../bus/take-what-fits.ts'
import type { Contract } from '../../schemas/contract.ts'
import { fold, foldedEvents } from './fold.ts'
import type { FoldOptions, ViewEvent } from './fold.ts'

/** Brings the schema `gateway` up to date. */
export const migrateViews = (databaseUrl: string): Promise<void> =>
  migrate(databaseUrl, 'gateway', join(import.meta.dirname, 'migrations'))

export interface ViewsOptions extends FoldOptions {
  bus: Bus
  contract: Contract
  /** told after each batch, for metrics */
  onFolded?(records: number, seconds: number): void
}

/** Reads every topic the views are made of, from the beginning where this schema has not read yet. */
export async function followTopics(options: ViewsOptions): Promise<Consumption> {
  const { bus, contract, pool, onFolded } = options
  return bus.subscribe({
    group: `gateway-views-${await readEpoch(pool)}`,
    consumer: 'gateway',
    topics: foldedEvents.map((event) => contract.topicOf(event).name),
    from: 'earliest',
    async handle(records) {
      const start = performance.now()
      const rejections = await takeWhatFits(records, 'cannot_be_folded', (some) =>
        fold(some as readonly ViewEvent[], options),
      )
      onFolded?.(records.length, (performance.now() - start) / 1000)
      return rejections
    },
  })
}

async function readEpoch(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM gateway.epoch')
  const epoch = rows[0]
  if (epoch === undefined) throw new Error('the views have no epoch: drop the schema gateway and start again')
  return epoch.id
}
