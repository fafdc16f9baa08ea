/** A2A at the gateway, called by the SDK's own client over both bindings; agents are played by the events they publish. */
import { TaskState } from '@a2a-js/sdk'
import {
  ContentTypeNotSupportedError,
  PushNotificationNotSupportedError,
  RequestMalformedError,
  TaskNotCancelableError,
  TaskNotFoundError,
  UnsupportedOperationError,
} from '@a2a-js/sdk/errors'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeReport } from '../../agents/postmortem/write-report.ts'
import type { Events } from '../../schemas/events.generated.ts'
import { facts } from '../postmortem/facts.ts'
import { pushes } from './a2a-push.ts'
import { badRequests } from './a2a-bad-requests.ts'
import { mandatory } from './a2a-mandatory.ts'
import { askedBack, BINDINGS, message, send } from './a2a-client.ts'
import { type A2a, cart, done, errorOf, foreign, immediately, openA2a } from './a2a-setting.ts'
import { actionCompleted, approvalClosed, approvalRequested, completed, progressed, recommended } from './records.ts' // prettier-ignore

let a2a: A2a

beforeAll(async () => {
  a2a = await openA2a()
}, 180_000)
afterAll(() => a2a?.close())

const state = TaskState

describe('the agent card', () => {
  it('is public, announces only what works, and can be cached', async () => {
    const answer = await fetch(`${a2a.url}/.well-known/agent-card.json`)
    const card: unknown = await answer.json()
    expect(answer.headers.get('cache-control')).toBe('public, max-age=3600')
    expect(card).toMatchObject({
      supportedInterfaces: [
        { url: `${a2a.url}/a2a/jsonrpc`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
        { url: `${a2a.url}/a2a/rest`, protocolBinding: 'HTTP+JSON', protocolVersion: '1.0' },
      ],
      capabilities: { streaming: true, pushNotifications: false, extendedAgentCard: true },
      securitySchemes: { oidc: { openIdConnectSecurityScheme: { openIdConnectUrl: `${a2a.platform.issuer.url}/.well-known/openid-configuration` } } }, // prettier-ignore
      skills: [{ id: 'diagnose' }, { id: 'postmortem' }],
    })
    const headers = { 'if-none-match': answer.headers.get('etag') ?? '' }
    expect((await fetch(`${a2a.url}/.well-known/agent-card.json`, { headers })).status).toBe(304)
  })

  it('names the configured URL, and is extended for callers who are signed in', async () => {
    const configured = await fetch(`${a2a.replicaUrl}/.well-known/agent-card.json`)
    expect(await configured.json()).toMatchObject({ supportedInterfaces: [{ url: 'https://sre.example/a2a/jsonrpc' }, {}] }) // prettier-ignore
    const { skills } = await a2a.clients['HTTP+JSON'].getAgentCard()
    expect(skills[0]?.examples.join()).toContain('affected_services')
    expect((await fetch(`${a2a.url}/a2a/rest/extendedAgentCard`, { headers: { 'a2a-version': '1.0' } })).status).toBe(
      401,
    )
  })
})

describe.each(BINDINGS)('over %s', (binding) => {
  const client = () => a2a.clients[binding]

  it('a diagnosis is asked for, followed to an approval, and its task has the result and its evidence', async () => {
    const task = await send(client(), message(cart, { ...immediately, contextId: `talk ${binding}` }))
    expect(task).toMatchObject({ contextId: `talk ${binding}`, status: { state: state.TASK_STATE_SUBMITTED } })
    expect(await a2a.asked(task.id)).toMatchObject([{ kind: 'question', affected_services: ['cart'], service: 'cart' }])
    const approval = uuid()
    const seen: string[] = []
    const following = (async () => {
      for await (const { payload } of client().resubscribeTask({ tenant: '', id: task.id })) {
        if (payload?.$case === 'task') seen.push('task')
        if (payload?.$case === 'artifactUpdate') seen.push(payload.value.artifact?.artifactId ?? '')
        if (payload?.$case === 'statusUpdate') seen.push(state[payload.value.status?.state ?? 0] ?? '')
      }
    })()
    await expect.poll(() => seen, { timeout: 60_000 }).toEqual(['task'])
    await a2a.platform.tell(progressed(task.id, 40))
    await expect.poll(() => seen, { timeout: 60_000 }).toEqual(['task', 'TASK_STATE_WORKING'])
    await a2a.platform.tell(
      approvalRequested(task.id, approval),
      completed(task.id, { recommended_actions: recommended(approval) }),
    )
    await expect.poll(() => seen.at(-1), { timeout: 60_000 }).toBe('TASK_STATE_INPUT_REQUIRED')
    const waiting = await client().getTask({ tenant: '', id: task.id })
    expect(waiting.status).toMatchObject({
      state: state.TASK_STATE_INPUT_REQUIRED,
      message: {
        parts: [
          { content: { value: expect.stringContaining(`Roll back cart (risk: medium). v2 fails A person decides`) } },
          { content: { value: { approval_id: approval, status: 'pending' } }, metadata: { schema: 'Approval' } },
        ],
      },
    })
    expect(await send(client(), message('approve it', { taskId: task.id }))).toEqual(waiting)
    await expect(send(client(), message('no', { taskId: task.id, contextId: 'x' }))).rejects.toThrow(RequestMalformedError) // prettier-ignore
    const canceling = client().cancelTask({ tenant: '', id: task.id, metadata: undefined })
    await expect(canceling).rejects.toThrow(TaskNotCancelableError)
    await expect(canceling).rejects.toThrow('somebody who may decide has to reject it')
    expect(await client().getTask({ tenant: '', id: task.id })).toEqual(waiting)
    await a2a.platform.tell(approvalClosed(task.id, approval), actionCompleted(task.id, approval))
    await following
    expect(seen.slice(2)).toEqual(expect.arrayContaining(['result', 'evidence', 'TASK_STATE_INPUT_REQUIRED']))
    expect(seen.at(-1)).toBe('TASK_STATE_COMPLETED')
    const ended = await client().getTask({ tenant: '', id: task.id })
    expect(ended.artifacts).toMatchObject([
      {
        artifactId: 'result',
        parts: [
          { content: { value: 'a bad version of cart' } },
          {
            content: { value: { verdict: 'incident', confidence_score: 0.9 } },
            mediaType: 'application/json',
            metadata: { schema: 'DiagnosticResult' },
          },
        ],
      },
      {
        artifactId: 'evidence',
        parts: [{ content: { value: { evidence: [{ evidence_id: 'e-1', href: `/api/v1/diagnostics/${task.id}/evidence/e-1` }] } } }], // prettier-ignore
      },
    ])
    const proposed_by = { id: 'alice', role: 'team_manager', client: 'sre-cli', via: 'api' as const }
    await a2a.platform.tell(approvalRequested(task.id, uuid(), { proposed_by }))
    expect(await client().getTask({ tenant: '', id: task.id })).toEqual(ended)
    await expect(send(client(), message('more', { taskId: task.id }))).rejects.toThrow(UnsupportedOperationError)
    await expect(client().cancelTask({ tenant: '', id: task.id, metadata: undefined })).rejects.toThrow(TaskNotCancelableError) // prettier-ignore
    await expect(client().resubscribeTask({ tenant: '', id: task.id }).next()).rejects.toThrow(UnsupportedOperationError) // prettier-ignore
  })

  it('a message waits for its answer, streams it, and a repeat of it starts nothing', async () => {
    const first = message('checkout', { messageId: `once ${binding}` })
    const before = (await a2a.requests()).map(({ session_id }) => session_id)
    const waiting = send(client(), first)
    const fresh = async () => (await a2a.requests()).map(({ session_id }) => session_id).filter((one) => !before.includes(one)) // prettier-ignore
    await expect.poll(fresh, { timeout: 60_000 }).toHaveLength(1)
    const [session] = await fresh()
    await a2a.platform.tell(progressed(session!, 10), completed(session!))
    const { id, status } = await waiting
    expect({ id, state: status?.state }).toEqual({ id: session, state: state.TASK_STATE_COMPLETED })
    // two at once, another gateway, and without the keys, as after a week
    await a2a.platform.pool.query('DELETE FROM gateway_requests.keys')
    const other = await a2a.clientAt(a2a.replicaUrl, binding)
    for (const again of await Promise.all([send(client(), first), send(other, first)])) expect(again.id).toBe(id)
    const twice = message(cart, { ...immediately })
    const [one, two] = await Promise.all([send(client(), twice), send(other, twice)])
    expect(two.id).toBe(one.id)
    expect(new Set((await a2a.asked(one.id)).map(({ event_id }) => event_id)).size).toBe(1)
    expect(new Set((await a2a.asked(id)).map(({ event_id }) => event_id)).size).toBe(1)
    const changed = message({ affected_services: ['web'] }, { ...immediately, messageId: twice.message!.messageId })
    await expect(send(client(), changed)).rejects.toThrow(RequestMalformedError)
    const streamed = []
    for await (const { payload } of client().sendMessageStream(first)) streamed.push(payload?.$case)
    expect(streamed).toEqual(['task'])
    const carol = await a2a.clientAt(a2a.url, binding, 'carol')
    expect((await send(carol, { ...twice })).id).not.toBe(one.id)
  })

  it('a diagnosis is canceled once its agent has stopped', async () => {
    const { id } = await send(client(), message(cart, immediately))
    const canceling = client().cancelTask({ tenant: '', id, metadata: undefined })
    await expect
      .poll(
        async () =>
          (await a2a.platform.published('DiagnosisCancelRequested')).filter(({ value }) => value.session_id === id),
        { timeout: 60_000 },
      ) // prettier-ignore
      .toHaveLength(1)
    await a2a.platform.tell(completed(id, { status: 'cancelled' }))
    await canceling
    const again = await client().cancelTask({ tenant: '', id, metadata: undefined })
    expect(again.status?.state).toBe(state.TASK_STATE_CANCELED)
  })

  it('a postmortem is asked for in words, and its task has the report', async () => {
    const stream = client().sendMessageStream(message('Write a postmortem of INC-1, please', { contextId: 'after' }))
    const first = await stream.next()
    const task = first.value?.payload?.$case === 'task' ? first.value.payload.value : null
    expect(task).toMatchObject({ contextId: 'after', status: { state: state.TASK_STATE_WORKING } })
    const id = task!.id
    const [request] = (await a2a.platform.published('PostmortemRequested')).filter(
      ({ value }) => value.postmortem_id === id,
    )
    expect(request?.value.incident_ids).toEqual(['INC-1'])
    await expect(client().cancelTask({ tenant: '', id, metadata: undefined })).rejects.toThrow(TaskNotCancelableError)
    await a2a.platform.tell({ event: 'PostmortemCompleted', value: written(id) })
    const rest = []
    for await (const { payload } of stream) rest.push(payload?.$case)
    expect(rest).toEqual(['artifactUpdate', 'statusUpdate'])
    const ended = await client().getTask({ tenant: '', id })
    const edit = { revision: 1, summary: { en: `Completed by a person over ${binding}.` } }
    expect((await a2a.platform.ask('alice', 'PATCH', `/api/v1/postmortems/${id}`, { body: edit })).status).toBe(200)
    const edited = await client().getTask({ tenant: '', id })
    expect(edited.status?.message?.parts[0]?.content?.value).toBe(edit.summary.en)
    expect(edited.artifacts[0]?.parts[0]?.content?.value).toContain(edit.summary.en)
    expect(ended.artifacts).toMatchObject([
      {
        artifactId: 'report',
        parts: [
          { mediaType: 'text/markdown', content: { value: expect.stringContaining('# ') } },
          { content: { value: { head: {}, timeline: expect.any(Array) } }, metadata: { schema: 'PostmortemReport' } },
        ],
      },
    ])
  })

  it('tasks are listed, the last changed first, by page, context and state', async () => {
    const contextId = `list ${binding}`
    const ids = []
    for (let n = 0; n < 3; n++) ids.push((await send(client(), message(cart, { ...immediately, contextId }))).id)
    const asking = { tenant: '', contextId, status: state.TASK_STATE_UNSPECIFIED, pageToken: '', statusTimestampAfter: undefined } // prettier-ignore
    const first = await client().listTasks({ ...asking, pageSize: 2 })
    const second = await client().listTasks({ ...asking, pageSize: 2, pageToken: first.nextPageToken })
    expect([...first.tasks, ...second.tasks].map(({ id }) => id)).toEqual(ids.toReversed())
    expect(first).toMatchObject({ totalSize: 3, pageSize: 2 })
    expect(second.nextPageToken).toBe('')
    await a2a.platform.tell(completed(ids[0]!, { occurred_at: Date.now() }))
    const over = { ...asking, status: state.TASK_STATE_COMPLETED }
    expect((await client().listTasks(over)).tasks).toMatchObject([{ id: ids[0], artifacts: [] }])
    const whole = await client().listTasks({ ...over, includeArtifacts: true })
    expect(whole.pageSize).toBe(10)
    expect(whole.tasks[0]?.artifacts).toHaveLength(2)
    const all = await client().listTasks({ ...asking, contextId: '' })
    expect(all.tasks.map(({ id }) => id)).not.toContain(foreign)
    for (const wrong of [{ pageSize: 0 }, { pageSize: 101 }, { pageToken: 'x' }, { statusTimestampAfter: 'now' }, { historyLength: -1 }, { contextId: '\u0000' }]) // prettier-ignore
      await expect(client().listTasks({ ...asking, ...wrong }), JSON.stringify(wrong)).rejects.toThrow(RequestMalformedError) // prettier-ignore
  })

  it("an unknown task and another tenant's look alike", async () => {
    for (const id of [uuid(), foreign, 'x', "'", done.replace('-', '')]) {
      await expect(client().getTask({ tenant: '', id }), id).rejects.toThrow(TaskNotFoundError)
      await expect(client().cancelTask({ tenant: '', id, metadata: undefined })).rejects.toThrow(TaskNotFoundError)
      await expect(client().resubscribeTask({ tenant: '', id }).next()).rejects.toThrow(TaskNotFoundError)
      await expect(send(client(), message('hello', { taskId: id }))).rejects.toThrow(TaskNotFoundError)
    }
    expect(await errorOf(await a2a.call('GetTask', { tenant: 'other', id: foreign }))).toMatchObject({
      code: -32602,
    })
  })

  it.each([
    ['an unknown field', { affected_services: ['cart'], servce: 'x' }, 'must NOT have additional properties: servce'],
    ['nothing to diagnose', {}, 'must have required property'],
    ['an empty time range', { ...cart, time_range: { start: '2026-01-01T00:00:00Z', end: '2026-01-01T00:00:00Z' } }, 'time range is empty'], // prettier-ignore
    ['an unknown skill', { ...cart, skill: 'anomaly' }, 'skill is not one of diagnose, postmortem'],
    ['unknown ids', { skill: 'postmortem', session_ids: [foreign] }, `no session ${foreign}`],
    ['no words', ' ', 'one text or one data part'],
  ])('%s is refused with what to send instead', async (_what, content, why) => {
    const error: unknown = await send(client(), message(content, immediately)).catch((one: unknown) => one)
    expect(error).toBeInstanceOf(RequestMalformedError)
    expect((error as Error).message).toContain(why)
  })

  it.each([
    ['no service', 'what is wrong with chekout?', 'Known services: checkout'],
    ['an unclear time', 'checkout since yesterday', 'which time is meant'],
    ['no incident', 'a postmortem of INC-other', 'name incident or session ids'],
    ['an incident alone', 'INC-1', 'INC-1 is an incident'],
    ['a session alone', done, 'which service is meant'],
  ])('words with %s are asked back about, and start nothing', async (_what, words, why) => {
    const before = (await a2a.requests()).length
    const { text, contextId } = await askedBack(client(), message(words, immediately))
    expect(text).toMatch(new RegExp(why, 'i'))
    expect((await askedBack(client(), message(words, { contextId }))).contextId).toBe(contextId)
    const streamed = []
    for await (const { payload } of client().sendMessageStream(message(words))) streamed.push(payload?.$case)
    expect(streamed).toEqual(['message'])
    expect(await a2a.requests()).toHaveLength(before)
  })

  it('push notifications and parts other than text and data are refused', async () => {
    const config = { tenant: '', id: 'a', taskId: done, url: 'http://169.254.169.254/', token: '', authentication: undefined } // prettier-ignore
    const created = await a2a.call('CreateTaskPushNotificationConfig', config)
    expect(await errorOf(created)).toMatchObject({ code: -32003 })
    const pushed = message(cart)
    pushed.configuration!.taskPushNotificationConfig = config
    await expect(send(client(), pushed)).rejects.toThrow(PushNotificationNotSupportedError)
    const file = message(cart)
    file.message!.parts[0]!.content = { $case: 'url', value: 'http://169.254.169.254/' }
    await expect(send(client(), file)).rejects.toThrow(ContentTypeNotSupportedError)
  })
})

/** What the agent would publish. */
const written = (id: string): Events['PostmortemCompleted'] => ({
  ...{ event_id: uuid(), session_id: null, sequence: 0, tenant: 'default', occurred_at: Date.now(), postmortem_id: id },
  ...{ revision: 1, run_id: 'r', handler_version: '1', status: 'completed', reason: null, incident_ids: ['INC-1'] },
  ...{ session_ids: [done], title: { en: 'cart is slow' }, summary: { en: 'It was slow.' }, language: null },
  ...{ requested_at: Date.now(), execution_ms: 1, report: JSON.stringify(writeReport(facts({ postmortemId: id }))) },
})

badRequests(() => a2a)
mandatory(() => a2a)
pushes(() => a2a)
