/** The agent contract. Code outside this folder does not depend on the durable engine. */
import type { EncodedRecord } from '../../bus/bus.ts'
import type { AgentWorkflow, EventName, Events } from '../../schemas/events.generated.ts'

/** Fields the runtime sets: an id derived from run and position, the position, the tenant and the time. */
export type Stamped = 'event_id' | 'sequence' | 'tenant' | 'occurred_at'

/** An event a handler publishes, without the fields the runtime sets. */
export type Outgoing = { [E in EventName]: { event: E; value: Omit<Events[E], Stamped> } }[EventName]

/** Builds an outgoing event, so that its fields are type-checked where it is built. */
export const emit = <E extends EventName>(event: E, value: Omit<Events[E], Stamped>): Outgoing =>
  ({ event, value }) as Outgoing

/** What a step gets from the runtime. */
export interface StepContext {
  /** aborts when the run's active time is used up; steps after that get an aborted signal and should return what they have */
  signal: AbortSignal
  /** the same on every attempt of this step; send it with every side effect on another system */
  idempotencyKey: string
}

/** One durable execution of one handler for one event. */
export interface Run {
  /** `<agent>/<event id>`, with `/<attempt>` for a redrive */
  readonly id: string
  /** 0, then 1 for the first redrive … */
  readonly attempt: number
  readonly tenant: string
  /** W3C trace context of the triggering event, for every call the run makes */
  readonly traceparent: string | null
  /** request id of the triggering event, for every call the run makes; null: none */
  readonly requestId: string | null
  /** all headers of the triggering event */
  readonly headers: Readonly<Record<string, string>>
  /** ms since the epoch; journaled, so the same after a crash */
  readonly startedAt: number
  /** active work so far, ms. Counts finished steps only, so it is the same after a crash; time in a queue does not count */
  activeMs(): number
  /**
   * Runs `work` once and journals its result (plain data); after a crash the result comes from the journal. A step that throws is retried with
   * backoff, then ends the run. A cancelled run ends before its next step, and the signal of a running step is aborted.
   */
  step<T>(name: string, work: (context: StepContext) => Promise<T>): Promise<T>
  /** Waits durably for a machine, never for a person. Does not count as active time. */
  sleep(ms: number): Promise<void>
}

/** Events published together, in order, as one journaled emission. */
export type Emission = Outgoing | readonly Outgoing[]

export type Handler<E extends EventName> = (event: Events[E], run: Run) => AsyncIterable<Emission>

export interface Agent {
  name: string
  /** raise it when a run begun by an older version cannot be continued by this one */
  version: number
  /** handlers by event */
  on: { readonly [E in EventName]?: Handler<E> }
  publishes: readonly EventName[]
  /** what it tells others of the work it does; the version is the agent's */
  workflows?: readonly Workflow[]
  /** a second event with the same key, such as a known session, starts no run; default: its event_id */
  oncePer?: { readonly [E in EventName]?: (event: Events[E]) => string }
  /** events that cancel the runs of the session they name; held if they arrive before the run */
  cancelledBy?: readonly CancelEvent[]
  /** handles the same event again at a later time, such as when an approval expires */
  later?: { readonly [E in EventName]?: { at(event: Events[E]): number; handle: Handler<E> } }
  /** limit on a run's active work, ms; absent: unlimited */
  activeLimitMs?(event: Events[EventName]): number
  /** events to publish when a run failed permanently, was cancelled or cannot be continued, so that a session always gets its answer */
  ended?(event: Events[EventName], end: RunEnd): readonly Outgoing[] | Promise<readonly Outgoing[]>
  /** signs events only this agent may publish, or adds headers; the result is stored, so a repeat is byte-identical */
  seal?(event: EventName, record: EncodedRecord): Promise<EncodedRecord>
  /** limits of its queue; see `RunLimits` */
  limits?: Partial<RunLimits>
}

export type Workflow = Omit<AgentWorkflow, 'version' | 'event'> & { event: EventName }

/** Events that cancel a session. */
export type CancelEvent = 'DiagnosisCancelRequested'

/** How a run ended without finishing. */
export interface RunEnd {
  run: Pick<Run, 'id' | 'attempt' | 'startedAt' | 'activeMs'>
  status: 'failed' | 'cancelled'
  /** stable code: `cancelled`, `handler_failed`, `owner_killed`, `incompatible_version` */
  code: string
  /** the full error, redacted */
  reason: string
  /** events the run had already published; they are not withdrawn */
  published: ReadonlySet<EventName>
}

export interface RunLimits {
  /** concurrent runs per process; default 10 */
  concurrency: number
  /** concurrent runs per tenant and process; default: `concurrency` */
  tenantConcurrency: number
  /** runs per tenant that may start per minute, across all processes; default null: no limit */
  tenantPerMinute: number | null
  /** queued runs at which intake pauses; default 1000 */
  queued: number
}
