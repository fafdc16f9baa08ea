/** The bus on PostgreSQL, for a single machine: durable and ordered, but not built to scale like Kafka. */
import { join } from 'node:path'
import type { Contract } from '../../schemas/contract.ts'
import { type Bus, BusError, type Consumption, type InStatement, messageOf } from '../bus.ts'
import { createCodec } from '../codec.ts'
import { createSizeCheck } from '../size.ts'
import { isInTheData } from '../take-what-fits.ts'
import { createBells } from './bell.ts'
import { consume } from './consume.ts'
import { type Followed, lagOf } from './lag.ts'
import { appending, deleteExpired, openPositions, START } from './log.ts'
import { migrate } from './migrate.ts'
import { openPool } from './pool.ts'
import { readBehind } from './read.ts'
import { createSchemaStore, registerSchemas } from './schema-store.ts'

export interface PostgresBusOptions {
  databaseUrl: string
  contract: Contract
  /** ms `close` may take; default 10 s */
  shutdownMs?: number
  /** a consumer without a successful read for this many ms is unhealthy; one that has stopped trying, while the database answers, is dead; default 30 s */
  silentMs?: number
}

const PAGE = { records: 1000, bytes: 4 * 1024 * 1024 }
const EXPIRY_MS = 3_600_000

/** Migrates the database, registers the contract's schemas and applies retention. */
export async function preparePostgresBus(databaseUrl: string, contract: Contract): Promise<void> {
  await migrate(databaseUrl, 'bus', join(import.meta.dirname, 'migrations'))
  const pool = openPool({ connectionString: databaseUrl, max: 1 })
  try {
    await registerSchemas(pool, contract)
    await deleteExpired(pool, contract)
  } finally {
    await pool.end()
  }
}

export async function createPostgresBus({
  databaseUrl,
  contract,
  shutdownMs = 10_000,
  silentMs = 30_000,
}: PostgresBusOptions): Promise<Bus> {
  const pool = openPool({ connectionString: databaseUrl, max: 20, application_name: 'sre-bus' })
  const codec = createCodec(contract, createSchemaStore(pool))
  const checkSize = createSizeCheck(contract)
  const partitions = new Map(
    [...contract.topics, ...contract.deadLetterTopics].map((topic) => [topic.name, topic.partitions]),
  )
  const partitionsOf = (topic: string): number => {
    const count = partitions.get(topic)
    if (count === undefined) throw new BusError('unknown_topic', `topics.yaml has no topic ${topic}`)
    return count
  }
  const bells = createBells(databaseUrl)
  // a failed deletion is retried at the next interval
  const expiry = setInterval(() => void deleteExpired(pool, contract).catch(() => undefined), EXPIRY_MS).unref()
  const consumptions: Consumption[] = []
  const groups: Followed[] = []
  let closing: Promise<void> | null = null

  const publishing: InStatement['publishing'] = (records, first) => {
    checkSize(records)
    return appending(partitionsOf, records, first)
  }
  const publish: Bus['publish'] = async (records) => {
    const { sql, values } = publishing(records, 1)
    if (records.length > 0) await available(() => pool.query(`SELECT ${sql}`, values))
  }
  const health: Bus['health'] = async () => {
    try {
      await pool.query('SELECT')
      return { ok: true, reason: null }
    } catch (error) {
      return { ok: false, reason: `the bus database is unreachable: ${String(error)}` }
    }
  }
  const answers = async () => (await health()).ok
  return {
    encode: (event, value, headers = {}) => codec.encode(event, value, headers),
    decode: (delivery) => codec.decode(delivery),
    publish,
    inStatement: { databaseUrl, publishing },

    async subscribe(subscription) {
      const all = subscription.topics.flatMap((topic) => everyPartition(topic, partitionsOf(topic)))
      await available(() => openPositions(pool, subscription.group, all, subscription.from ?? 'earliest'))
      const bell = bells.of(subscription.topics)
      const consumption = consume({ pool, subscription, codec, publish, bell, silentMs, answers })
      const stoppable: Consumption = {
        ...consumption,
        async stop() {
          const stopped = consumption.stop()
          bell.ring()
          await within(shutdownMs, stopped)
          bell.remove()
        },
      }
      consumptions.push(stoppable)
      groups.push(subscription)
      return stoppable
    },

    async *browse(topic) {
      for (const { partition } of everyPartition(topic, partitionsOf(topic))) {
        let position = { topic, partition, ...START }
        for (;;) {
          const page = await available(() => readBehind(pool, position, PAGE))
          for (const record of page) yield record.delivery
          const last = page.at(-1)
          if (last === undefined) break
          position = last.position
        }
      }
    },

    health,
    lag: () => available(() => lagOf(pool, groups)),

    close() {
      closing ??= (async () => {
        await Promise.all(consumptions.map((consumption) => consumption.stop()))
        clearInterval(expiry)
        await bells.close()
        await within(shutdownMs, pool.end())
      })()
      return closing
    },
  }
}

const everyPartition = (topic: string, count: number) =>
  Array.from({ length: count }, (_, partition) => ({ topic, partition }))

async function available<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof BusError) throw error
    if (isInTheData(error))
      throw new BusError('invalid_event', `PostgreSQL cannot store the record: ${messageOf(error)}`, { cause: error })
    throw new BusError('unavailable', `bus database: ${messageOf(error)}`, { cause: error })
  }
}

async function within(limitMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([work, new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)))])
  clearTimeout(timer)
}
