/** Many tasks at once while the agents are killed: what was asked, what was answered, and what was written, counted on the topics. */
import { randomUUID } from 'node:crypto'
import { Role, type SendMessageRequest, TaskState } from '@a2a-js/sdk'
import { ClientFactory } from '@a2a-js/sdk/client'
import { openTopics } from '../../agents/a2a/transport.ts'
import { postmortemCard } from '../../agents/postmortem/card.ts'
import type { A2aRequested, A2aResponded, ActionCompleted } from '../../schemas/events.generated.ts'
import type { KafkaAddress } from '../sessions/platform.ts'
import { openSetting, type Setting } from './setting.ts'

export interface Deaths {
  /** of a client's tasks, while the called agent dies once */
  tasks: Outcome
  /** of the assistant's calls, while it and then the called agent die once each */
  calls: Outcome
}

export interface Outcome {
  asked: number
  /** without an answer, or with another than the expected one */
  lost: number
  /** asked, answered or written more than once */
  doubled: number
  seconds: number
}

const WAIT_MS = 540_000

export async function measureDeaths(kafka: KafkaAddress | null, count: number): Promise<Deaths> {
  const setting = await openSetting(kafka)
  try {
    const topics = await watchTopics(setting)
    const outcomes = {
      tasks: await tasks(setting, topics, count),
      calls: await callsOfAssistant(setting, topics, count),
    }
    await topics.stop()
    return outcomes
  } finally {
    await setting.close()
  }
}

/** Each message asks for the postmortem of an incident of its own, which nobody knows: a task that ends at once, and fails. */
async function tasks(setting: Setting, topics: Watched, count: number): Promise<Outcome> {
  const { bus } = setting
  const kill = await setting.start('postmortem')
  const client = await openTopics({ bus, caller: 'assistant', tenant: 'default', group: `bench-${randomUUID()}`, waitMs: WAIT_MS }) // prettier-ignore
  const called = await new ClientFactory({ transports: [client.factory] }).createFromAgentCard(postmortemCard('1'))
  const began = performance.now()
  const sending = Promise.allSettled(Array.from({ length: count }, () => called.sendMessage(asking())))
  await until(() => topics.answers.size >= count / 4)
  await kill('SIGKILL')
  const end = await setting.start('postmortem')
  const settled = await sending
  const seconds = (performance.now() - began) / 1000
  const ids = settled.flatMap((one) => (one.status === 'fulfilled' && 'artifacts' in one.value && one.value.status?.state === TaskState.TASK_STATE_FAILED ? [one.value.id] : [])) // prettier-ignore
  await end('SIGTERM')
  await client.close()
  const written = ids.filter((id) => topics.written.get(id)?.size === 1).length
  return {
    ...{ asked: count, seconds, lost: count - new Set(ids).size },
    doubled: ids.length - written + [...topics.answers.values()].filter((parts) => parts.size > 1).length,
  }
}

/** The assistant asks for a report after each action that helped. */
async function callsOfAssistant(setting: Setting, topics: Watched, count: number): Promise<Outcome> {
  const { bus } = setting
  const session = randomUUID()
  const calls = () => of(session, topics.calls)
  const answers = () => of(session, topics.answers)
  const request = { ...stamp(), ...question, session_id: session }
  await bus.publish([await bus.encode('DiagnosisRequested', request)])
  const [killAssistant, killPostmortem] = [await setting.start('assistant'), await setting.start('postmortem')]
  await until(() => topics.diagnosed.has(session))
  const actions = Array.from({ length: count }, () => helped(session))
  const began = performance.now()
  for (let index = 0; index < count; index += 100)
    await bus.publish(await Promise.all(actions.slice(index, index + 100).map((one) => bus.encode('ActionCompleted', one)))) // prettier-ignore
  await until(() => calls().length >= count / 4)
  await killAssistant('SIGKILL')
  const ends = [await setting.start('assistant')]
  await until(() => answers().length >= count / 2)
  await killPostmortem('SIGKILL')
  ends.push(await setting.start('postmortem'))
  await until(() => answers().length >= count)
  const seconds = (performance.now() - began) / 1000
  await Promise.all(ends.map((end) => end('SIGTERM')))
  const good = answers().filter((parts) => [...parts.values()].every(({ last, error_code }) => last && error_code === null)) // prettier-ignore
  const twice = [...calls(), ...answers()].filter((events) => events.size > 1)
  return { asked: count, seconds, lost: count - good.length, doubled: Math.max(0, calls().length - count) + twice.length } // prettier-ignore
}

/** Events by what they are about, then by event id: a record that is delivered again is the same event. */
interface Watched {
  calls: Map<string, Map<string, A2aRequested>>
  answers: Map<string, Map<string, A2aResponded>>
  written: Map<string, Map<string, unknown>>
  diagnosed: Set<string>
  stop(): Promise<void>
}

/** Those about one session, by call. */
const of = <T extends { session_id: string | null }>(session: string, calls: ReadonlyMap<string, Map<string, T>>) =>
  [...calls.values()].filter((events) => [...events.values()].some(({ session_id }) => session_id === session))

async function watchTopics({ bus, contract }: Setting): Promise<Watched> {
  const watched = { calls: new Map(), answers: new Map(), written: new Map(), diagnosed: new Set<string>() }
  const keep = <T extends { event_id: string }>(into: Map<string, Map<string, T>>, about: string, event: T) =>
    void into.set(about, (into.get(about) ?? new Map<string, T>()).set(event.event_id, event))
  const names = ['A2aRequested', 'A2aResponded', 'PostmortemCompleted', 'DiagnosisCompleted'] as const
  const consumption = await bus.subscribe({
    ...{ group: `bench-${randomUUID()}`, consumer: 'gateway', from: 'latest' },
    topics: names.map((name) => contract.topicOf(name).name),
    async handle(records) {
      for (const { event, value } of records) {
        if (event === 'A2aRequested') keep(watched.calls, value.call_id, value)
        if (event === 'A2aResponded') keep(watched.answers, value.call_id, value)
        if (event === 'PostmortemCompleted') keep(watched.written, value.postmortem_id, value)
        if (event === 'DiagnosisCompleted') watched.diagnosed.add(value.session_id)
      }
      return []
    },
  })
  return { ...watched, stop: () => consumption.stop() }
}

async function until(holds: () => boolean): Promise<void> {
  for (const limit = Date.now() + WAIT_MS; !holds();) {
    if (Date.now() > limit) throw new Error('the agents did not go on')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const asking = (): SendMessageRequest => ({
  ...{ tenant: '', metadata: undefined, configuration: undefined },
  message: {
    ...{ messageId: randomUUID(), contextId: '', taskId: '', role: Role.ROLE_USER, metadata: undefined },
    ...{ extensions: [], referenceTaskIds: [] },
    parts: [{ content: { $case: 'data', value: { incident_ids: [`INC-${randomUUID()}`] } }, mediaType: '', filename: '', metadata: undefined }], // prettier-ignore
  },
})

const stamp = () => ({ event_id: randomUUID(), sequence: 0, tenant: 'default', occurred_at: Date.now() })

const question = {
  ...{ kind: 'alert', service: 'cart', namespace: null, severity: 'P2', incident_ids: [], alert_ids: [] },
  ...{ deployment_id: null, affected_services: [], window_start: null, window_end: null, question: null },
  ...{ max_execution_ms: null, requested_by: 'bench|bench', context: {} },
}

const helped = (session_id: string): ActionCompleted => ({
  ...{ ...stamp(), session_id, approval_id: randomUUID(), action_hash: 'x', outcome: 'succeeded', effect: 'helped' },
  action: { type: 'rollback', service: 'cart', namespace: null, parameters: {}, target_state: {} },
  ...{
    execution_id: 'x',
    output: '',
    error: null,
    code: null,
    checks: [],
    started_at: Date.now(),
    finished_at: Date.now(),
  },
})
