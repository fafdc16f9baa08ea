/** From the bus to the queue: an event becomes a row and a queued run, in milliseconds, and the offset moves on. */
import type { Bus, Consumption, Received } from '../../bus/bus.ts'
import { ATTEMPT_HEADER } from '../../bus/dead-letter.ts'
import { takeWhatFits } from '../../bus/take-what-fits.ts'
import type { Contract } from '../../schemas/contract.ts'
import type { EventName, Events } from '../../schemas/events.generated.ts'
import type { Agent, CancelEvent, RunLimits } from './agent.ts'
import type { Engine } from './engine.ts'
import type { NewRun, RunStore } from './runs.ts'

export interface IntakeOptions {
  agent: Agent
  limits: RunLimits
  bus: Bus
  contract: Contract
  runs: RunStore
  engine: Engine
  /** told of what the intake could not do and will try again */
  onError(error: unknown): void
}

export interface Intake {
  consumption: Consumption
  stop(): Promise<void>
}

/** ms between looks at a queue that was full */
const FULL_QUEUE_POLL_MS = 250

export async function startIntake(options: IntakeOptions): Promise<Intake> {
  const { agent, bus, contract, runs, engine, limits } = options
  const events = [...new Set([...Object.keys(agent.on), ...(agent.cancelledBy ?? [])])] as EventName[]
  let consumption: Consumption | null = null
  let full: NodeJS.Timeout | null = null

  const watchQueue = async () => {
    if (full !== null || (await runs.waiting(agent.name)) < limits.queued) return
    consumption?.pause()
    full = setInterval(() => {
      void runs.waiting(agent.name).then((waiting) => {
        if (waiting > limits.queued / 2 || full === null) return
        clearInterval(full)
        full = null
        consumption?.resume()
      }, options.onError)
    }, FULL_QUEUE_POLL_MS)
  }

  const accept = async (received: readonly Received[]) => {
    for (const one of received) {
      if (isCancel(agent, one)) await runs.cancel(agent.name, one.value.tenant, one.value.session_id)
    }
    const accepted = received.flatMap((one) => runsFor(agent, one))
    if (accepted.length === 0) return
    const toQueue = await runs.accept(accepted)
    for (const run of accepted.filter((one) => toQueue.has(one.runId)))
      await engine.enqueue({ ...run, queue: agent.name })
    await runs.queued([...toQueue])
  }

  consumption = await bus.subscribe({
    group: `sre-${agent.name}`,
    consumer: agent.name,
    topics: events.map((event) => contract.topicOf(event).name),
    async handle(received) {
      const rejections = await takeWhatFits(received, 'cannot_be_accepted', accept)
      await watchQueue()
      return rejections
    },
  })
  return {
    consumption,
    async stop() {
      if (full !== null) clearInterval(full)
      full = null
      await consumption.stop()
    },
  }
}

type Cancel = Extract<Received, { event: CancelEvent }>

const isCancel = (agent: Agent, received: Received): received is Cancel =>
  (agent.cancelledBy as readonly EventName[] | undefined)?.includes(received.event) ?? false

/** The runs one event starts: now, and for some events once more later. */
function runsFor(agent: Agent, { event, value, headers, delivery }: Received): NewRun[] {
  const attempt = Number(headers[ATTEMPT_HEADER] ?? 0)
  const base = `${agent.name}/${value.event_id}${attempt === 0 ? '' : `/${attempt}`}`
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
