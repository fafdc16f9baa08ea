/** Ends a run that did not finish: publishes its stored emissions and gives its session an answer, once. */
import type { Logger } from 'pino'
import { BusError, type Bus, type Delivery, type EncodedRecord } from '../../bus/bus.ts'
import { deadLetterRecord } from '../../bus/dead-letter.ts'
import { logging } from '../../bus/observer.ts'
import { putAsideAs } from '../../bus/put-aside.ts'
import type { Contract } from '../../schemas/contract.ts'
import type { EventName, Events } from '../../schemas/events.generated.ts'
import type { Agent, Outgoing, RunEnd } from './agent.ts'
import { publishedChannel } from './metrics.ts'
import { throughOutage } from './outage.ts'
import { stamp, stepChannel } from './run.ts'
import { ENDING } from './emissions.ts'
import type { RunStore, StoredRun } from './runs.ts'

export interface EndingOptions {
  agent: Agent
  stored: StoredRun
  delivery: Delivery
  bus: Bus
  contract: Contract
  runs: RunStore
  owner: string
  log: Logger
}

export type End = Omit<RunEnd, 'run' | 'published'>

/** Sequence number after every event the run may have published. */
const ENDING_SEQUENCE = 1_000_000

/** `value` null: the event cannot be decoded; only the dead letter reports it. */
export async function endEarly(
  options: EndingOptions,
  value: Events[EventName] | null,
  end: End,
  deadLetter: boolean,
): Promise<void> {
  const { agent, stored, delivery, bus, runs, owner, log } = options
  const reached = (phase: string) => stepChannel.publish({ run: stored.runId, step: 'end', phase })
  reached('before')
  const published = await publishKept(options)
  const { events, records } = value === null ? NOBODY : await answerOf(options, value, { ...end, published })
  const { code, reason } = end
  const why = { consumer: agent.name, group: `sre-${agent.name}`, code, reason }
  const letter = deadLetter ? deadLetterRecord(delivery, why) : null
  const all = letter === null ? records : [...records, letter]
  const kept = await throughOutage(() => runs.record({ runId: stored.runId, number: ENDING, owner }, all))
  if (!kept.published) {
    reached('recorded')
    await throughOutage(() => bus.publish(kept.records))
  }
  if (!kept.published || !kept.repeat) for (const event of events) publishedChannel.publish(event)
  if (letter !== null) logging(log).putAside(putAsideAs(letter, { delivery, why }))
  reached('done')
  await throughOutage(() => runs.end(stored.runId, code))
  reached('journaled')
}

/** Publishes emissions stored by an owner that died, and counts them as published. A refused record does not count. */
async function publishKept({ stored, bus, contract, runs, owner, log }: EndingOptions): Promise<Set<EventName>> {
  const told = new Set<EventName>()
  for (const { topics, records, published } of await throughOutage(() => runs.emitted(stored.runId, owner))) {
    try {
      if (!published) await throughOutage(() => bus.publish(records))
      for (const topic of topics) told.add(contract.topicNamed(topic)!.event)
    } catch (error) {
      if (!(error instanceof BusError)) throw error
      log.error({ run: stored.runId, error: error.message }, 'an emission of a run was refused')
    }
  }
  return told
}

interface Answer {
  events: readonly Outgoing[]
  records: readonly EncodedRecord[]
}
const NOBODY: Answer = { events: [], records: [] }

/** The run must end even if its agent fails to build the final events. */
async function answerOf(
  { agent, stored, bus, runs, log }: EndingOptions,
  value: Events[EventName],
  end: Omit<RunEnd, 'run'>,
): Promise<Answer> {
  try {
    return await throughOutage(async () => {
      const workedMs = await runs.workedMs(stored.runId)
      const run = { id: stored.runId, attempt: stored.attempt, startedAt: stored.startedAt, activeMs: () => workedMs }
      const events = (await agent.ended?.(value, { ...end, run })) ?? []
      const records = await Promise.all(
        events.map((event, index) => stamp({ bus, stored, seal: agent.seal }, event, ENDING_SEQUENCE + index)),
      )
      return { events, records }
    })
  } catch (error) {
    log.error({ run: stored.runId, error: String(error) }, 'the agent failed to report how its run ended')
    return NOBODY
  }
}
