/** What an agent is. Everything else in this folder serves it; nothing outside the folder knows the engine underneath. */
import type { EncodedRecord } from '../../bus/bus.ts'
import type { EventName, Events } from '../../schemas/events.generated.ts'

/** Fields the runtime fills: the id derived from run and position, the place in the run, and the clock. */
export type Stamped = 'event_id' | 'sequence' | 'tenant' | 'occurred_at'

/** An event a handler publishes, without what the runtime stamps on it. */
export type Outgoing = { [E in EventName]: { event: E; value: Omit<Events[E], Stamped> } }[EventName]

/** Writes an outgoing event so that its fields are checked where it is made. */
export const emit = <E extends EventName>(event: E, value: Omit<Events[E], Stamped>): Outgoing =>
  ({ event, value }) as Outgoing

/** What a step may use. */
export interface StepContext {
  /** aborts when the run's active time is spent, and is aborted from the start afterwards: return what there is by then */
  signal: AbortSignal
  /** the same on every attempt of this step: send it with every effect on another system */
  idempotencyKey: string
}

/** One durable execution of one handler for one event. */
export interface Run {
  /** `<agent>/<event id>`, with `/<attempt>` for a redrive */
  readonly id: string
  /** 0, then 1 for the first redrive … */
  readonly attempt: number
  readonly tenant: string
  /** W3C trace context of the event that started it, for every call it makes */
  readonly traceparent: string | null
  /** of the request that led to this event, for every call it makes; null: none was given */
  readonly requestId: string | null
  /** ms since the epoch, journaled: the same after a crash */
  readonly startedAt: number
  /** active work so far, ms: finished steps only, so the same after a crash; waiting in a queue is not counted */
  activeMs(): number
  /**
   * Does `work` once and journals what it returns (plain data); after a crash the journal answers. A step that throws is tried again
   * with backoff, then ends the run. A run somebody cancelled ends here, before its next step; the signal of a step that runs is aborted.
   */
  step<T>(name: string, work: (context: StepContext) => Promise<T>): Promise<T>
  /** Waits durably, for something a machine does; never for a person. Not active time. */
  sleep(ms: number): Promise<void>
}

/** Published together, in this order, as one journaled emission. */
export type Emission = Outgoing | readonly Outgoing[]

export type Handler<E extends EventName> = (event: Events[E], run: Run) => AsyncIterable<Emission>

export interface Agent {
  name: string
  /** raised when a run begun by an older version could not be continued by this one */
  version: number
  /** what it consumes: a handler reads as the story of the work */
  on: { readonly [E in EventName]?: Handler<E> }
  publishes: readonly EventName[]
  /** a second event with the same key starts nothing, e.g. a known session; default: its event_id */
  oncePer?: { readonly [E in EventName]?: (event: Events[E]) => string }
  /** events that stop the runs of the session they name; held when they arrive first */
  cancelledBy?: readonly CancelEvent[]
  /** the same event once more at a later time, e.g. when an approval expires */
  later?: { readonly [E in EventName]?: { at(event: Events[E]): number; handle: Handler<E> } }
  /** active work a run for this event may spend, ms; absent: unlimited */
  activeLimitMs?(event: Events[EventName]): number
  /** events told when a run failed for good, was cancelled, or cannot be continued: a session always gets its answer */
  ended?(event: Events[EventName], end: RunEnd): readonly Outgoing[] | Promise<readonly Outgoing[]>
  /** signs what only this agent may say; what it returns is kept as it is, so a repeat is byte-identical */
  seal?(event: EventName, record: EncodedRecord): Promise<EncodedRecord>
  /** limits of its queue; see `RunLimits` */
  limits?: Partial<RunLimits>
}

/** Events that name a session to be stopped. */
export type CancelEvent = 'DiagnosisCancelRequested'

/** How a run ended without finishing its story. */
export interface RunEnd {
  run: Pick<Run, 'id' | 'attempt' | 'startedAt' | 'activeMs'>
  status: 'failed' | 'cancelled'
  /** stable code: `cancelled`, `handler_failed`, `owner_killed`, `incompatible_version` */
  code: string
  /** the error in full, redacted */
  reason: string
  /** events the run had published all the same: what stands is not taken back */
  published: ReadonlySet<EventName>
}

export interface RunLimits {
  /** runs at once in one process; default 10 */
  concurrency: number
  /** runs at once per tenant in one process; default: as many */
  tenantConcurrency: number
  /** runs a minute that may begin per tenant, in all processes together; default null: no limit */
  tenantPerMinute: number | null
  /** runs that may wait before intake pauses; default 1000 */
  queued: number
}
