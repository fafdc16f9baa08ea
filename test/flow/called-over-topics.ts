/** The postmortem agent called over topics: by the SDK's own client, by hand with faults, and by the assistant. Once each, whoever dies. */
import { randomUUID } from 'node:crypto'
import { Role, type SendMessageRequest, type StreamResponse, type Task, TaskState } from '@a2a-js/sdk'
import { ClientFactory } from '@a2a-js/sdk/client'
import {
  PushNotificationNotSupportedError,
  TaskNotCancelableError,
  TaskNotFoundError,
  UnsupportedOperationError,
} from '@a2a-js/sdk/errors'
import { expect, it } from 'vitest'
import { callOf, firstCall } from '../../agents/a2a/call.ts'
import { eventId } from '../../agents/runtime/run.ts'
import { openTopics } from '../../agents/a2a/transport.ts'
import { postmortemCard } from '../../agents/postmortem/card.ts'
import { reportSchema } from '../../postmortem/report.ts'
import type { A2aRequested, A2aResponded } from '../../schemas/events.generated.ts'
import type { Loop } from './loop.ts'

const { TASK_STATE_COMPLETED, TASK_STATE_FAILED } = TaskState

const asking = (data: object, more: Partial<SendMessageRequest['message'] & object> = {}): SendMessageRequest => ({
  ...{ tenant: '', configuration: undefined, metadata: undefined },
  message: {
    ...{ messageId: randomUUID(), contextId: '', taskId: '', role: Role.ROLE_USER, metadata: undefined },
    ...{ extensions: [], referenceTaskIds: [] },
    parts: [{ content: { $case: 'data', value: data }, mediaType: '', filename: '', metadata: undefined }],
    ...more,
  },
})

export function calledOverTopics(setting: () => { loop: Loop; session: string }) {
  const answersTo = ({ call_id }: Pick<A2aRequested, 'call_id'>): Promise<A2aResponded[]> =>
    setting().loop.all('A2aResponded', (value) => value.call_id === call_id)

  it("answer the SDK's client over the bus: a report, its stream, its list, and what is refused", async () => {
    const { loop, session } = setting()
    const agents = await loop.startAgents({ postmortem: true })
    const { client, close } = await openClient(setting().loop)
    const question = asking({ session_ids: [session] }, { contextId: 'outage of today' })
    const task = (await client.sendMessage(question)) as Task
    expect(task).toMatchObject({ status: { state: TASK_STATE_COMPLETED }, contextId: 'outage of today' })
    const [markdown, data] = task.artifacts[0]!.parts
    expect(markdown?.content).toMatchObject({ $case: 'text', value: expect.stringContaining('cart') })
    const report = reportSchema.parse(data?.content?.value)
    const written = await loop.first('PostmortemCompleted', (value) => value.postmortem_id === task.id)
    expect(report).toEqual(reportSchema.parse(JSON.parse(written.report ?? 'null')))

    // the same question, by another message: the same task, and nothing is written again
    expect(await client.sendMessage(asking({ session_ids: [session.toUpperCase()] }))).toEqual(task)
    expect(await client.getTask({ tenant: '', id: task.id })).toEqual(task)
    const streamed = await all(client.sendMessageStream(asking({ session_ids: [session] })))
    expect(streamed).toEqual([{ payload: { $case: 'task', value: task } }])
    const fresh = await all(client.sendMessageStream(asking({ incident_ids: [`INC-${randomUUID()}`] })))
    expect(stateAtEnd(fresh)).toBe(TASK_STATE_FAILED)
    const failed = taskIn(fresh)
    const list = { tenant: '', contextId: '', status: 0, pageToken: '', pageSize: 1, includeArtifacts: false, statusTimestampAfter: undefined } // prettier-ignore
    const page = await client.listTasks(list)
    expect(page.tasks).toMatchObject([{ id: failed.id, artifacts: [] }])
    const rest = await client.listTasks({ ...list, pageToken: page.nextPageToken, status: TASK_STATE_COMPLETED })
    expect(rest.tasks).toMatchObject([{ id: task.id, artifacts: [] }])

    await expect(client.getTask({ tenant: '', id: randomUUID() })).rejects.toThrow(TaskNotFoundError)
    await expect(client.cancelTask({ tenant: '', id: task.id, metadata: undefined })).rejects.toThrow(TaskNotCancelableError) // prettier-ignore
    await expect(all(client.resubscribeTask({ tenant: '', id: task.id }))).rejects.toThrow(UnsupportedOperationError)
    await expect(client.sendMessage(asking({}, { taskId: task.id }))).rejects.toThrow(UnsupportedOperationError)
    await expect(client.sendMessage(asking({ session_ids: [randomUUID()] }))).rejects.toThrow('unknown sessions')
    await expect(client.transport.listTaskPushNotificationConfig({ tenant: '', taskId: task.id, pageSize: 0, pageToken: '' })).rejects.toThrow(PushNotificationNotSupportedError) // prettier-ignore
    expect((await client.getAgentCard()).name).toBe(postmortemCard('1').name)
    await close()

    const stranger = await openClient(setting().loop, 'other')
    await expect(stranger.client.getTask({ tenant: '', id: task.id })).rejects.toThrow(TaskNotFoundError)
    await stranger.close()
    await agents.stop()
    expect(await loop.all('PostmortemCompleted', (value) => value.postmortem_id === task.id)).toHaveLength(1)
  })

  it('refuse calls that are late, too deep, of another version or malformed, once each', async () => {
    const { loop } = setting()
    const agents = await loop.startAgents({ postmortem: true })
    const late = await call({ deadline: Date.now() - 1 })
    const cases: [string, A2aRequested][] = [
      ['DEADLINE_EXCEEDED', late],
      ['CALL_REFUSED', await call({ depth: 5 })],
      ['CALL_REFUSED', await call({ caller: 'postmortem' })],
      ['CALL_REFUSED', await call({ budget: -1 })],
      ['VERSION_NOT_SUPPORTED', await call({}, {})],
      ['VERSION_NOT_SUPPORTED', await call({}, { 'a2a-version': '0.3' })],
      ['METHOD_NOT_FOUND', await call({ method: 'toString' })],
      ['INVALID_PARAMS', await call({ body: '[' })],
      ['INVALID_PARAMS', await call({ body: `{"x":"${'x'.repeat(300_000)}"}` })],
      ['INVALID_PARAMS', await call({ body: JSON.stringify({ tenant: 'other', id: randomUUID() }) })],
      ['TASK_NOT_FOUND', await call({ body: JSON.stringify({ id: "'; DROP TABLE postmortem.tasks" }) })],
    ]
    for (const [code, asked] of cases) {
      const answer = await loop.first('A2aResponded', (value) => value.call_id === asked.call_id)
      expect(answer).toMatchObject({ error_code: code, body: null, last: true, part: 0, task_id: asked.task_id })
      expect(answer.error).not.toBe('')
    }
    // again, and after its deadline: it was answered
    await publish({ ...late, event_id: randomUUID() })
    const { call_id } = await call({})
    await loop.first('A2aResponded', (value) => value.call_id === call_id)
    await agents.stop()
    expect(await answersTo(late)).toHaveLength(1)
  })

  waitingCalls(setting, ['resolve:done', 'open:done', 'answer callers:done', 'answer callers:journaled'])

  it('are asked once by the assistant, though it is killed before and after its call', async () => {
    const { loop, session } = setting()
    const [acted] = await loop.all('ActionCompleted', (value) => value.session_id === session)
    const helped = { ...acted!, event_id: randomUUID(), effect: 'helped', occurred_at: Date.now() }
    const [, heir] = await loop.relay(
      ['before', 'journaled'].map((phase) => `assistant/${helped.event_id}/publish 0:${phase}`),
      async () => loop.bus.publish([await loop.bus.encode('ActionCompleted', helped)]),
      { asks: true, only: ['assistant'] },
    )
    const postmortem = await loop.startAgents({ only: ['postmortem'] })
    const callId = eventId(`assistant/${helped.event_id}`, 'call:postmortem')
    const isMine = ({ call_id }: Pick<A2aRequested, 'call_id'>) => call_id === callId
    const asked = await loop.first('A2aRequested', isMine)
    expect(asked).toMatchObject({ caller: 'assistant', agent: 'postmortem', method: 'SendMessage', depth: 1 })
    const answer = await loop.first('A2aResponded', isMine)
    expect(answer).toMatchObject({ last: true, error_code: null, body: expect.stringContaining('TASK_STATE_COMPLETED') }) // prettier-ignore
    expect(answer.body).not.toContain('artifacts')
    const told = await loop.first(
      'DiagnosisProgressed',
      (value) => value.step === 'postmortem' && value.occurred_at >= answer.occurred_at,
    )
    expect(told.message['en']).toBe(`Postmortem ${answer.task_id}`)
    await heir.stop()
    await postmortem.stop()
    expect(await loop.all('A2aRequested', isMine)).toHaveLength(1)
    expect(await answersTo(asked)).toHaveLength(1)
    expect(await loop.all('PostmortemCompleted', (value) => value.postmortem_id === answer.task_id)).toHaveLength(1)
  })

  async function call(
    change: Partial<A2aRequested>,
    headers: Record<string, string> = { 'a2a-version': '1.0' },
  ): Promise<A2aRequested> {
    const value = {
      ...{ event_id: randomUUID(), sequence: 0, tenant: 'default', occurred_at: Date.now() },
      ...callOf({
        ...firstCall(Date.now() + 60_000),
        ...{ method: 'GetTask', request: { tenant: '', id: randomUUID() }, callId: randomUUID(), agent: 'postmortem' },
        ...{ caller: 'assistant', sessionId: null },
      }),
      ...change,
    }
    await publish(value, headers)
    return value
  }

  async function publish(value: A2aRequested, headers: Record<string, string> = { 'a2a-version': '1.0' }) {
    const { bus } = setting().loop
    await bus.publish([await bus.encode('A2aRequested', value, headers)])
  }
}

/** Two callers wait for one task, and the agent is killed at each of these, one after another. */
export function waitingCalls(setting: () => { loop: Loop }, boundaries: readonly string[]) {
  it(`answer waiting calls once though the agent is killed at ${boundaries.join(', then ')}`, async () => {
    const { loop } = setting()
    const incident = `INC-${randomUUID()}`
    const { client, close } = await openClient(loop)
    const [{ waiting, one }, heir] = await loop.relay(
      boundaries.map((boundary) => `postmortem/${boundary}`),
      async () => ({
        waiting: all(client.sendMessageStream(asking({ incident_ids: [incident] }))),
        one: client.sendMessage(asking({ incident_ids: [incident] })),
      }),
      { only: ['postmortem'] },
    )
    const parts = await waiting
    expect(stateAtEnd(parts)).toBe(TASK_STATE_FAILED)
    const task = (await one) as Task
    expect(task).toMatchObject({ id: taskIn(parts).id, status: { state: TASK_STATE_FAILED } })
    await close()
    await heir.stop()
    const answers = await loop.all('A2aResponded', (value) => value.task_id === task.id)
    const byCall = Object.values(Object.groupBy(answers, ({ call_id }) => call_id)).map((given) => given!.sort((a, b) => a.part - b.part)) // prettier-ignore
    expect(byCall).toHaveLength(2)
    for (const given of byCall) {
      expect(given.map(({ part }) => part)).toEqual([...given.keys()])
      expect(given.map(({ last }) => last)).toEqual(given.map((_, place) => place === given.length - 1))
    }
    expect(await loop.all('PostmortemCompleted', (value) => value.postmortem_id === task.id)).toHaveLength(1)
  })
}

async function openClient({ bus }: Loop, tenant = 'default') {
  const group = `calls-${randomUUID()}`
  const topics = await openTopics({ bus, caller: 'assistant', tenant, group, waitMs: 600_000 })
  const factory = new ClientFactory({ transports: [topics.factory] })
  return { client: await factory.createFromAgentCard(postmortemCard('1')), close: () => topics.close() }
}

async function all(stream: AsyncIterable<StreamResponse>): Promise<StreamResponse[]> {
  const parts: StreamResponse[] = []
  for await (const part of stream) parts.push(part)
  return parts
}

function stateAtEnd(parts: readonly StreamResponse[]): TaskState | undefined {
  const payload = parts.at(-1)?.payload
  return payload?.$case === 'task' || payload?.$case === 'statusUpdate' ? payload.value.status?.state : undefined
}

function taskIn(parts: readonly StreamResponse[]): Task {
  const payload = parts[0]?.payload
  if (payload?.$case !== 'task') throw new Error('a stream begins with the task')
  return payload.value
}
