/** One member of a consumer group: locks partitions, hands on what lies behind their positions, moves them on, all in one transaction. */
import { setTimeout } from 'node:timers/promises'
import type { Pool, PoolClient } from 'pg'
import { type Bus, type Consumption, messageOf, type Subscription } from '../bus.ts'
import type { Codec } from '../codec.ts'
import { take } from '../intake.ts'
import { watchSilence } from '../silence.ts'
import type { Bell } from './bell.ts'
import { lockBehind, moveOn, type Position, readLocked } from './log.ts'

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

const BATCH = 50
const PARTITIONS = 16
/** What was handled is committed after this, though locked partitions have more: well before the member seems frozen. */
const TURN_MS = 500
/** A member that is frozen inside its transaction loses its partitions to the others after this. */
const FROZEN_MS = 5000
const IDLE_MS = 1000
/** Transactions are short: what one holds back is looked for again soon. */
const SETTLING_MS = [5, 10, 20, 50, 100, 250]
const BACKOFF_MS = [100, 500, 2000, 5000]

export function consume(options: ConsumeOptions): Consumption {
  const halt = new AbortController()
  let paused = false
  let failures = 0
  let unsettled = 0
  let lastError = ''
  let lastGood = Date.now()
  let lastTurn = Date.now()
  const silence = watchSilence({ lastSign: () => lastTurn, answers: options.answers, limitMs: options.silentMs })
  const halted = () => paused || halt.signal.aborted
  const rest = (ms: number) => setTimeout(ms, undefined, { signal: halt.signal }).catch(() => undefined)

  const turn = async () => {
    // heard before looking: what is published while it looks does not wait
    const heard = options.bell.rung()
    const { seen, failure } = paused ? NOTHING : await consumeOnce(options, halted)
    unsettled = seen === 'unsettled' ? unsettled + 1 : 0
    if (failure !== null) throw failure.error
    failures = 0
    lastGood = Date.now()
    if (seen === 'unsettled') await options.bell.wait(at(SETTLING_MS, unsettled - 1), heard)
    if (seen === 'nothing') await options.bell.wait(IDLE_MS, heard)
  }
  const loop = async () => {
    while (!halt.signal.aborted) {
      try {
        await turn()
      } catch (error) {
        lastError = messageOf(error)
        await rest(at(BACKOFF_MS, failures++))
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
      return quietMs > options.silentMs
        ? `nothing could be read for ${Math.round(quietMs / 1000)} s: ${lastError}`
        : null
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
  /** what a handler threw */
  failure: { error: unknown } | null
}
const NOTHING: Turn = { seen: 'nothing', failure: null }

async function consumeOnce(options: ConsumeOptions, halted: () => boolean): Promise<Turn> {
  const client = await options.pool.connect()
  let broken = false
  try {
    await client.query(`BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${FROZEN_MS}`)
    const done = await consumeLocked(client, options, halted)
    await client.query('COMMIT')
    return done
  } catch (error) {
    broken = true
    throw error
  } finally {
    // A connection whose transaction failed is not used again: closing it is the rollback.
    client.release(broken)
  }
}

/** A partition whose handler throws stays where it is; the others move on. */
async function consumeLocked(
  client: PoolClient,
  { subscription, codec, publish }: ConsumeOptions,
  halted: () => boolean,
): Promise<Turn> {
  const { group, topics } = subscription
  const { locked, unsettled } = await lockBehind(client, group, topics, PARTITIONS)
  if (locked.length === 0) return unsettled ? { seen: 'unsettled', failure: null } : NOTHING
  const until = Date.now() + TURN_MS
  const handled: Position[] = []
  let failure: Turn['failure'] = null
  for (const records of await readLocked(client, group, locked, BATCH)) {
    if (halted() || Date.now() > until) break
    try {
      await take(records.map(({ delivery }) => delivery), subscription, codec, publish) // prettier-ignore
      handled.push(...records.slice(-1).map(({ position }) => position))
    } catch (error) {
      failure ??= { error }
    }
  }
  if (handled.length > 0) await moveOn(client, group, handled)
  return { seen: 'records', failure }
}

const at = (waits: readonly number[], place: number): number => waits[Math.min(place, waits.length - 1)]!
