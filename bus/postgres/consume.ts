/** A member of a consumer group: in one transaction it locks partitions, handles their next records and advances their positions. */
import { setTimeout } from 'node:timers/promises'
import type { Pool, PoolClient } from 'pg'
import { type Bus, type Consumption, type Subscription } from '../bus.ts'
import type { Codec } from '../codec.ts'
import { createIntake, type Take } from '../intake.ts'
import { watchSilence } from '../silence.ts'
import { openReason, watchStanding } from '../standing.ts'
import type { Bell } from './bell.ts'
import { lockBehind, moveOn, type Partition, type Position } from './log.ts'
import { type Piece, readLocked } from './read.ts'
import { createResting, type Resting } from './resting.ts'

export interface ConsumeOptions {
  pool: Pool
  subscription: Subscription
  codec: Codec
  publish: Bus['publish']
  bell: Bell
  silentMs: number
  /** whether the database answers */
  answers(): Promise<boolean>
}

/** Small enough to handle before `FROZEN_MS` ends the transaction. */
const PIECE: Piece = { records: 50, bytes: 4 * 1024 * 1024 }
/** After a failed transaction, which may have taken too long: read a single record. */
const SMALLEST: Piece = { records: 1, bytes: 1 }
const PARTITIONS = 16
/** Commit after this time even if locked partitions have more records; well below `FROZEN_MS`. */
const TURN_MS = 500
/** PostgreSQL ends the transaction of a suspended member after this, and its partitions go to the other members. */
const FROZEN_MS = 5000
const IDLE_MS = 1000
/** Polling intervals while an open transaction holds records back; transactions are short. */
const SETTLING_MS = [5, 10, 20, 50, 100, 250]
const BACKOFF_MS = [100, 500, 2000, 5000]

export function consume(options: ConsumeOptions): Consumption {
  const { subscription, codec, publish, bell, silentMs } = options
  const halt = new AbortController()
  let paused = false
  let failures = 0
  let unsettled = 0
  let lastError: unknown
  let lastGood = Date.now()
  let lastTurn = Date.now()
  let piece = PIECE
  const silence = watchSilence({ lastSign: () => lastTurn, answers: options.answers, limitMs: silentMs })
  const standing = watchStanding({ limitMs: silentMs, observer: subscription.observer })
  const resting = createResting(BACKOFF_MS)
  const take = createIntake(subscription, codec, publish)
  const halted = () => paused || halt.signal.aborted

  const turn = async () => {
    // read before the query, so that a record published during it wakes the wait below
    const heard = bell.rung()
    const { seen, moved, failed } = paused ? NOTHING : await consumeOnce({ ...options, take, halted, piece, resting })
    for (const place of moved) for (const one of [standing, resting]) one.moved(place)
    for (const { place, error } of failed) for (const one of [standing, resting]) one.failed(place, error)
    unsettled = seen === 'unsettled' ? unsettled + 1 : 0
    failures = 0
    piece = PIECE
    lastGood = Date.now()
    if (seen === 'unsettled') await bell.wait(Math.min(at(SETTLING_MS, unsettled - 1), resting.soonest()), heard)
    if (seen === 'nothing') await bell.wait(Math.min(IDLE_MS, resting.soonest()), heard)
  }
  const loop = async () => {
    while (!halt.signal.aborted) {
      try {
        await turn()
      } catch (error) {
        lastError = error
        piece = SMALLEST
        await setTimeout(at(BACKOFF_MS, failures++), undefined, { signal: halt.signal }).catch(() => undefined)
      }
      lastTurn = Date.now()
    }
  }
  const running = loop()
  return {
    pause: () => void (paused = true),
    resume: () => void (paused = false),
    unhealthy() {
      if (halt.signal.aborted) return 'the consumer is stopped'
      const quietMs = Date.now() - lastGood
      return quietMs > silentMs
        ? `nothing could be read for ${Math.round(quietMs / 1000)} s: ${openReason(lastError)}`
        : standing.unhealthy()
    },
    failed: silence.failed,
    async stop() {
      halt.abort()
      silence.stop()
      await running
    },
  }
}

interface Turn {
  seen: 'records' | 'unsettled' | 'nothing'
  moved: readonly Position[]
  /** partitions whose position does not advance, with the error */
  failed: readonly { place: Partition; error: unknown }[]
}
const NOTHING: Turn = { seen: 'nothing', moved: [], failed: [] }

interface TurnOptions {
  pool: Pool
  subscription: Subscription
  take: Take
  halted(): boolean
  piece: Piece
  resting: Resting
}

async function consumeOnce(options: TurnOptions): Promise<Turn> {
  const client = await options.pool.connect()
  let broken = false
  try {
    await client.query(`BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${FROZEN_MS}`)
    const done = await consumeLocked(client, options)
    await client.query('COMMIT')
    return done
  } catch (error) {
    broken = true
    throw error
  } finally {
    // discard the connection of a failed transaction; closing it rolls back
    client.release(broken)
  }
}

/** A partition whose records fail keeps its position; the others advance. At least one partition is tried, however long the read took. */
async function consumeLocked(
  client: PoolClient,
  { subscription: { group, topics }, take, halted, piece, resting }: TurnOptions,
): Promise<Turn> {
  const { locked, unsettled } = await lockBehind(client, group, topics, resting.now(), PARTITIONS)
  if (locked.length === 0) return unsettled ? { ...NOTHING, seen: 'unsettled' } : NOTHING
  const found = await readLocked(client, group, locked, piece)
  const until = Date.now() + TURN_MS
  const moved: Position[] = []
  const failed: { place: Partition; error: unknown }[] = []
  for (const records of found) {
    if (halted() || Date.now() > until) break
    const { position } = records.at(-1)!
    try {
      await take(records.map(({ delivery }) => delivery))
      moved.push(position)
    } catch (error) {
      failed.push({ place: position, error })
    }
  }
  if (moved.length > 0) await moveOn(client, group, moved)
  return { seen: 'records', moved, failed }
}

const at = (waits: readonly number[], place: number): number => waits[Math.min(place, waits.length - 1)]!
