/** One execution of one run: from the stored event to its last emission, or to the events that say how it ended early. */
import type { Bus, Delivery } from '../../bus/bus.ts'
import { deadLetterRecord } from '../../bus/dead-letter.ts'
import type { EventName, Events } from '../../schemas/events.generated.ts'
import type { Agent, Handler, RunEnd } from './agent.ts'
import { isLostOwnership } from './engine.ts'
import { throughOutage } from './outage.ts'
import { redactText } from './redaction.ts'
import { CancelledError, createRun, stamp } from './run.ts'
import { ENDING, RunLostError, type RunStore, type StoredRun } from './runs.ts'

export interface ExecuteOptions {
  agents: ReadonlyMap<string, Agent>
  bus: Bus
  runs: RunStore
  owner: string
}

/** A run whose owner died this often is dead-lettered: it is what kills them. */
const MAX_STARTS = 3
/** Events that end a run early stand behind everything it may have published. */
const ENDING_SEQUENCE = 1_000_000

export async function executeRun(options: ExecuteOptions, agentName: string, runId: string): Promise<void> {
  const agent = options.agents.get(agentName)
  if (agent === undefined) throw new Error(`this process has no agent ${agentName}`)
  const stored = await throughOutage(() => options.runs.start(runId, options.owner, agent.version))
  if (stored.status === 'ended') return
  const delivery: Delivery = { origin: stored.origin, key: stored.key, value: stored.record, headers: stored.headers }
  const { value } = await options.bus.decode(delivery)

  const endEarly = async (end: Omit<RunEnd, 'run'>, deadLetter: boolean) => {
    const events =
      (await agent.ended?.(value, {
        ...end,
        run: { id: stored.runId, attempt: stored.attempt, startedAt: stored.startedAt },
      })) ?? []
    const records = await Promise.all(
      events.map((event, index) => stamp(options.bus, stored, event, ENDING_SEQUENCE + index)),
    )
    if (deadLetter)
      records.push(
        deadLetterRecord(delivery, {
          consumer: agent.name,
          group: `sre-${agent.name}`,
          code: end.code,
          reason: end.reason,
        }),
      )
    const place = { runId, number: ENDING, owner: options.owner }
    const kept = await throughOutage(() => options.runs.record(place, records))
    await throughOutage(() => options.bus.publish(kept.records))
    await throughOutage(() => options.runs.end(runId, end.code))
  }

  if (stored.starts > MAX_STARTS) {
    const reason = `its owner died ${MAX_STARTS} times while it ran`
    return endEarly({ status: 'failed', code: 'owner_killed', reason }, true)
  }
  if (stored.handlerVersion !== agent.version) {
    const reason = `begun by version ${stored.handlerVersion} of ${agent.name}; version ${agent.version} cannot go on with it`
    return endEarly({ status: 'failed', code: 'incompatible_version', reason }, false)
  }
  try {
    await tell(options, agent, stored, value)
    await throughOutage(() => options.runs.end(runId, 'completed'))
  } catch (error) {
    if (isLostOwnership(error) || error instanceof RunLostError) throw error
    if (error instanceof CancelledError) {
      return endEarly({ status: 'cancelled', code: 'cancelled', reason: 'cancelled on request' }, false)
    }
    const reason = redactText(error instanceof Error ? (error.stack ?? error.message) : String(error)).text
    await endEarly({ status: 'failed', code: 'handler_failed', reason }, true)
  }
}

async function tell(options: ExecuteOptions, agent: Agent, stored: StoredRun, value: Events[EventName]): Promise<void> {
  const run = createRun({
    stored,
    bus: options.bus,
    runs: options.runs,
    owner: options.owner,
    activeLimitMs: agent.activeLimitMs?.(value) ?? Number.POSITIVE_INFINITY,
    cancellable: agent.cancelledBy !== undefined && stored.sessionId !== null,
  })
  const handler = stored.dueAt === null ? agent.on[stored.event] : agent.later?.[stored.event]?.handle
  if (handler === undefined) throw new Error(`${agent.name} has no handler for ${stored.event}`)
  for await (const emission of (handler as Handler<EventName>)(value as never, run)) await run.publish(emission)
}
