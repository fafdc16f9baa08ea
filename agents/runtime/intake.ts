/** Moves events from the bus to the queue: stores each as a run, queues it, and commits the offset, in milliseconds. */
import type { Bus, Consumption, Observer, Received } from '../../bus/bus.ts'
import { ATTEMPT_HEADER } from '../../bus/dead-letter.ts'
import { takeWhatFits } from '../../bus/take-what-fits.ts'
import type { Contract } from '../../schemas/contract.ts'
import type { EventName, Events } from '../../schemas/events.generated.ts'
import type { Agent, CancelEvent, RunLimits } from './agent.ts'
import type { Engine } from './engine.ts'
import { stepChannel } from './run.ts'
import type { NewRun, RunStore } from './runs.ts'

export interface IntakeOptions {
  agent: Agent
  limits: RunLimits
  bus: Bus
  contract: Contract
  runs: RunStore
  engine: Engine
  observer: Observer
  /** called for errors the intake will retry */
  onError(error: unknown): void
}

export interface Intake {
  consumption: Pick<Consumption, 'unhealthy' | 'failed'>
  stop(): Promise<void>
}

/** Two consumer groups per agent, stable across upgrades: one for work, one for cancellations, which is read even when the queue is full. */
const workGroup = (agent: Agent): string => `sre-${agent.name}`
const cancelGroup = (agent: Agent): string => `sre-${agent.name}-cancel`
export const groupsOf = (agent: Agent): string[] => [
  workGroup(agent),
  ...((agent.cancelledBy ?? []).length > 0 ? [cancelGroup(agent)] : []),
]

export async function startIntake(options: IntakeOptions): Promise<Intake> {
  const { agent, bus, contract } = options
  const topics = (events: readonly string[]) => events.map((event) => contract.topicOf(event as EventName).name)
  const queue = watchQueue(options)
  let work: Consumption | null = null
  work = await bus.subscribe({
    group: workGroup(agent),
    consumer: agent.name,
    topics: topics(Object.keys(agent.on)),
    observer: options.observer,
    async handle(received) {
      const rejections = await takeWhatFits(received, CODE, (some) => accept(some, options))
      if (work !== null) await queue.look(work)
      return rejections
    },
  })
  const cancels = await subscribeToCancels(options, topics(agent.cancelledBy ?? []))
  const consumptions = cancels === null ? [work] : [work, cancels]
  return {
    consumption: {
      unhealthy: () => consumptions.map((one) => one.unhealthy()).find((reason) => reason !== null) ?? null,
      failed: Promise.race(consumptions.map((one) => one.failed)),
    },
    async stop() {
      await Promise.all(consumptions.map((one) => one.stop()))
      queue.stop()
    },
  }
}

const CODE = 'cannot_be_accepted'

async function accept(received: readonly Received[], { agent, runs, engine }: IntakeOptions): Promise<void> {
  const reached = (phase: string) => stepChannel.publish({ run: `${agent.name}/intake`, step: 'intake', phase })
  const accepted = received.flatMap((one) => runsFor(agent, one))
  reached('before')
  const toQueue = await runs.accept(accepted)
  reached('recorded')
  await engine.enqueue(agent.name, accepted.filter(({ runId }) => toQueue.has(runId))) // prettier-ignore
  reached('done')
  await runs.queued([...toQueue])
  reached('journaled')
}

async function subscribeToCancels(
  { agent, bus, runs, observer }: IntakeOptions,
  topics: string[],
): Promise<Consumption | null> {
  if (topics.length === 0) return null
  return bus.subscribe({
    group: cancelGroup(agent),
    consumer: agent.name,
    topics,
    observer,
    handle: (received) =>
      takeWhatFits(received, CODE, async (some) => {
        for (const { value } of some as readonly Cancel[]) await runs.cancel(agent.name, value.tenant, value.session_id)
      }),
  })
}

type Cancel = Extract<Received, { event: CancelEvent }>

/** ms between checks of a full queue */
const FULL_QUEUE_POLL_MS = 250

/** A full queue pauses intake until it is half empty. */
function watchQueue({ agent, runs, limits, onError }: IntakeOptions) {
  let full: NodeJS.Timeout | null = null
  const waiting = () => runs.waiting(agent.name)
  const stop = () => {
    if (full !== null) clearInterval(full)
    full = null
  }
  return {
    stop,
    /** Called for several partitions at once; only the first pauses the consumer. */
    async look(consumption: Consumption): Promise<void> {
      if (full !== null || (await waiting()) < limits.queued || full !== null) return
      consumption.pause()
      full = setInterval(() => {
        void waiting().then((count) => {
          if (count > limits.queued / 2 || full === null) return
          stop()
          consumption.resume()
        }, onError)
      }, FULL_QUEUE_POLL_MS)
    },
  }
}

/** The runs an event starts: one now, and for some events another one later. */
function runsFor(agent: Agent, { event, value, headers, delivery }: Received): NewRun[] {
  const attempt = Number(headers[ATTEMPT_HEADER] ?? 0)
  const base = `${agent.name}/${idOf(value)}${attempt === 0 ? '' : `/${attempt}`}`
  const oncePer = agent.oncePer?.[event] as ((event: Events[EventName]) => string) | undefined
  const run = {
    runId: base,
    agent: agent.name,
    onceKey: `${event}/${value.tenant}/${oncePer?.(value) ?? value.event_id}`,
    attempt,
    tenant: value.tenant,
    sessionId: 'session_id' in value ? value.session_id : null,
    event,
    dueAt: null,
    origin: delivery.origin,
    key: delivery.key,
    record: delivery.value ?? Buffer.alloc(0),
    headers,
  }
  const runs: NewRun[] = agent.on[event] === undefined ? [] : [run]
  const later = agent.later?.[event] as { at(event: Events[EventName]): number } | undefined
  if (later !== undefined) runs.push({ ...run, runId: `${base}/due`, dueAt: later.at(value) })
  return runs
}

/** The tenant whose run ids have always been the event id alone. */
const FIRST_TENANT = 'default'

/** Event ids are unique per tenant only: publishing an id first must not take it from another tenant. */
function idOf({ tenant, event_id }: Pick<Events[EventName], 'tenant' | 'event_id'>): string {
  const id = encodeURIComponent(event_id)
  return tenant === FIRST_TENANT ? id : `${encodeURIComponent(tenant)}:${id}`
}
