/** Runs a handler on the durable engine's journal: steps and emissions. Only this file and `engine.ts` depend on the engine. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { channel } from 'node:diagnostics_channel'
import { DBOS } from '@dbos-inc/dbos-sdk'
import pRetry from 'p-retry'
import { v5 as uuidv5 } from 'uuid'
import { type Bus, BusError, type EncodedRecord } from '../../bus/bus.ts'
import { throughOutage } from './outage.ts'
import type { Agent, Emission, Outgoing, Run } from './agent.ts'
import { RunLostError } from './emissions.ts'
import { limitOf } from './limit.ts'
import { publishedChannel } from './metrics.ts'
import type { RunStore, StoredRun } from './runs.ts'

/**
 * Publishes `{run, step, phase: 'before' | 'recorded' | 'done' | 'journaled'}` for tests and instrumentation. `recorded`: an emission's bytes are
 * stored but not published. `done`: the effect happened but is not in the journal. Both are skipped where publishing and journaling are one
 * statement. Intake (`intake`) and early ends (`end`) have the same phases.
 */
export const stepChannel = channel('sre:step')

export class CancelledError extends Error {
  override readonly name = 'CancelledError'
}

/** Namespace of event ids: `uuidv5(<run id>#<position>)`. */
const EVENT_IDS = '6f0c9a3e-2f0b-5c55-9d3e-8d7f1b1d0a57'

export const eventId = (runId: string, position: number | string): string => uuidv5(`${runId}#${position}`, EVENT_IDS)

/**
 * Runs work outside the engine's asynchronous context. Everything created in that context, such as a timer or a connection that outlives the step, keeps the
 * step's whole data in memory.
 */
const outside = AsyncLocalStorage.snapshot()

export interface RunContext {
  stored: StoredRun
  bus: Bus
  runs: RunStore
  owner: string
  /** limit on the run's active work, ms */
  activeLimitMs: number
  cancellable: boolean
  seal: Agent['seal']
}

export interface DurableRun extends Run {
  publish(emission: Emission): Promise<void>
}

export function createRun({ stored, bus, runs, owner, activeLimitMs, cancellable, seal }: RunContext): DurableRun {
  let active = 0
  let position = 0
  let emissions = 0

  const journaled = async <T>(step: string, work: () => Promise<T>): Promise<T> => {
    stepChannel.publish({ run: stored.runId, step, phase: 'before' })
    const result = await DBOS.runStep(
      () =>
        outside(() =>
          repeated(async () => {
            const value = await work()
            stepChannel.publish({ run: stored.runId, step, phase: 'done' })
            return value
          }),
        ),
      { name: step },
    )
    stepChannel.publish({ run: stored.runId, step, phase: 'journaled' })
    return result
  }

  return {
    id: stored.runId,
    attempt: stored.attempt,
    tenant: stored.tenant,
    traceparent: stored.headers['traceparent'] ?? null,
    requestId: stored.headers['x-request-id'] ?? null,
    headers: stored.headers,
    startedAt: stored.startedAt,
    activeMs: () => Math.round(active),

    async step(name, work) {
      // failed attempts count as work
      let spent = 0
      const outcome = await journaled(name, async () => {
        if (cancellable && (await runs.isCancelled(stored))) return { cancelled: true as const }
        const began = performance.now()
        const limit = limitOf(activeLimitMs - active - spent)
        const watch = cancellable ? watchCancellation(() => runs.isCancelled(stored)) : null
        const signal = watch === null ? limit.signal : AbortSignal.any([limit.signal, watch.signal])
        try {
          const value = await work({ signal, idempotencyKey: eventId(stored.runId, `step:${name}`) })
          return { cancelled: false as const, value, elapsedMs: spent + performance.now() - began }
        } finally {
          spent += performance.now() - began
          watch?.stop()
          limit.stop()
        }
      })
      if (outcome.cancelled) throw new CancelledError(`cancelled before step ${name}`)
      active += outcome.elapsedMs
      return outcome.value
    },

    sleep: (ms) => DBOS.sleep(ms),

    async publish(emission) {
      const events = Array.isArray(emission) ? (emission as readonly Outgoing[]) : [emission as Outgoing]
      if (events.length === 0) return
      const number = emissions++
      const first = position
      position += events.length
      const place = { runId: stored.runId, number, owner }
      const reached = (phase: string) => stepChannel.publish({ run: stored.runId, step: `publish ${number}`, phase })
      const attempt = async () => {
        const encoded = await Promise.all(
          events.map((event, index) => stamp({ bus, stored, seal }, event, first + index)),
        )
        const kept = await runs.record(place, encoded)
        if (!kept.published) {
          reached('recorded')
          await bus.publish(kept.records)
          reached('done')
          await runs.published(place)
        }
        // an event that is already on its topic was reported by the process that published it
        if (!kept.published || !kept.repeat) for (const event of events) publishedChannel.publish(event)
      }
      reached('before')
      await outside(() => repeated(attempt))
      reached('journaled')
    },
  }
}

/** Encodes one outgoing event with its id, position, tenant and time, and signs it. */
export async function stamp(
  { bus, stored, seal }: Pick<RunContext, 'bus' | 'stored' | 'seal'>,
  event: Outgoing,
  sequence: number,
): Promise<EncodedRecord> {
  const { traceparent, 'x-request-id': requestId } = stored.headers
  const value = {
    ...event.value,
    event_id: eventId(stored.runId, sequence),
    sequence,
    tenant: stored.tenant,
    occurred_at: Date.now(),
  }
  const headers = {
    ce_source: `/sre/agents/${stored.agent}`,
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(requestId === undefined ? {} : { 'x-request-id': requestId }),
  }
  const record = await bus.encode(event.event, value as never, headers).catch(unregisteredIsAnOutage)
  return seal === undefined ? record : seal(event.event, record)
}

/** If the registry has lost its schemas the run is not at fault: it waits until they are back. */
function unregisteredIsAnOutage(error: unknown): never {
  if (!(error instanceof BusError) || error.code !== 'unknown_schema') throw error
  throw new BusError('not_prepared', error.message, { cause: error })
}

/** Five attempts within about eight seconds; an outage is waited out instead. */
const repeated = <T>(work: () => Promise<T>): Promise<T> =>
  pRetry(() => throughOutage(work), {
    retries: 4,
    minTimeout: 200,
    factor: 3,
    shouldRetry: ({ error }) => isRetryable(error),
  })

/** A programming error or a refused record will fail again. */
function isRetryable(error: unknown): boolean {
  if (
    error instanceof CancelledError ||
    error instanceof RunLostError ||
    error instanceof TypeError ||
    error instanceof RangeError
  )
    return false
  const code = (error as { code?: unknown }).code
  return code !== 'invalid_event' && code !== 'too_large'
}

/** ms between checks during a step; most steps finish before the first */
const CANCELLATION_POLL_MS = 2000

/** Aborts a long step soon after its run is cancelled, instead of waiting for the slowest source. */
function watchCancellation(isCancelled: () => Promise<boolean>): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController()
  const timer = setInterval(() => {
    void isCancelled().then(
      (cancelled) => cancelled && controller.abort(new CancelledError('cancelled on request')),
      () => undefined, // the next check, or the next step, tries again
    )
  }, CANCELLATION_POLL_MS)
  return { signal: controller.signal, stop: () => clearInterval(timer) }
}
