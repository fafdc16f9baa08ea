/** Executes one run: from the stored event to its last emission, or to the events that report how it ended early. */
import type { Logger } from 'pino'
import { BusError, type Bus, type Delivery } from '../../bus/bus.ts'
import type { Contract } from '../../schemas/contract.ts'
import type { EventName, Events } from '../../schemas/events.generated.ts'
import { traceIdOf } from '../../schemas/trace-id.ts'
import type { Agent, Handler } from './agent.ts'
import { declared } from './check.ts'
import { type End, endEarly } from './ending.ts'
import { isLostOwnership } from './engine.ts'
import { throughOutage } from './outage.ts'
import { endedChannel, type EndedRun } from './metrics.ts'
import { redactText } from './redaction.ts'
import { CancelledError, createRun, stepChannel } from './run.ts'
import { RunLostError } from './emissions.ts'
import type { RunStore, StoredRun } from './runs.ts'

export interface ExecuteOptions {
  agents: ReadonlyMap<string, Agent>
  bus: Bus
  contract: Contract
  runs: RunStore
  owner: string
  log: Logger
}

/** A run whose owner died this many times becomes a dead letter: the run probably killed them. */
const MAX_STARTS = 3

export async function executeRun(options: ExecuteOptions, agentName: string, runId: string): Promise<void> {
  const agent = options.agents.get(agentName)
  if (agent === undefined) throw new Error(`this process has no agent ${agentName}`)
  stepChannel.publish({ run: runId, step: 'start', phase: 'before' })
  const stored = await throughOutage(() => options.runs.start(runId, options.owner, agent.version))
  if (stored.status === 'ended') return
  const about = {
    ...{ run: runId, session: stored.sessionId, request: stored.headers['x-request-id'] },
    trace: traceIdOf(stored.headers['traceparent']),
  }
  options.log.info({ ...about, event: stored.event, starts: stored.starts }, 'run begins')
  try {
    const outcome = await carryOut(options, agent, stored)
    const seconds = (Date.now() - stored.startedAt) / 1000
    endedChannel.publish({ agent: agentName, outcome, seconds } satisfies EndedRun)
    options.log.info({ ...about, outcome }, 'run ended')
  } catch (error) {
    if (isLost(error)) options.log.info(about, 'the run continues in another process')
    else options.log.error({ ...about, error: String(error) }, 'the run could not be ended')
    throw error
  }
}

const isLost = (error: unknown): boolean => isLostOwnership(error) || error instanceof RunLostError

/** Returns how the run ended. */
async function carryOut(options: ExecuteOptions, agent: Agent, stored: StoredRun): Promise<string> {
  const delivery: Delivery = { origin: stored.origin, key: stored.key, value: stored.record, headers: stored.headers }
  const event = await decoded(options.bus, delivery)
  const end = async (how: End, deadLetter: boolean): Promise<string> => {
    await endEarly({ ...options, agent, stored, delivery }, 'value' in event ? event.value : null, how, deadLetter)
    return how.code
  }
  // it was decoded at intake, perhaps by another version of the program
  if ('refused' in event) return end({ status: 'failed', code: 'undecodable', reason: event.refused.message }, true)
  if (stored.starts > MAX_STARTS) {
    const reason = `its owner died ${MAX_STARTS} times while it ran`
    return end({ status: 'failed', code: 'owner_killed', reason }, true)
  }
  if (stored.handlerVersion !== agent.version) {
    const reason = `begun by version ${stored.handlerVersion} of ${agent.name}; version ${agent.version} cannot continue it`
    return end({ status: 'failed', code: 'incompatible_version', reason }, false)
  }
  try {
    await tell(options, agent, stored, event.value)
    await throughOutage(() => options.runs.end(stored.runId, 'completed'))
    return 'completed'
  } catch (error) {
    if (isLost(error)) throw error
    if (error instanceof CancelledError)
      return end({ status: 'cancelled', code: 'cancelled', reason: 'cancelled on request' }, false)
    const reason = redactText(error instanceof Error ? (error.stack ?? error.message) : String(error)).text
    return end({ status: 'failed', code: 'handler_failed', reason }, true)
  }
}

async function decoded(bus: Bus, delivery: Delivery): Promise<{ value: Events[EventName] } | { refused: BusError }> {
  try {
    return await throughOutage(() => bus.decode(delivery))
  } catch (error) {
    if (error instanceof BusError) return { refused: error }
    throw error
  }
}

async function tell(options: ExecuteOptions, agent: Agent, stored: StoredRun, value: Events[EventName]): Promise<void> {
  const run = createRun({
    stored,
    bus: options.bus,
    runs: options.runs,
    owner: options.owner,
    activeLimitMs: agent.activeLimitMs?.(value) ?? Number.POSITIVE_INFINITY,
    seal: agent.seal,
    cancellable: agent.cancelledBy !== undefined && stored.sessionId !== null,
  })
  const handler = stored.dueAt === null ? agent.on[stored.event] : agent.later?.[stored.event]?.handle
  if (handler === undefined) throw new Error(`${agent.name} has no handler for ${stored.event}`)
  for await (const emission of (handler as Handler<EventName>)(value as never, run))
    await run.publish(declared(agent, emission))
}
