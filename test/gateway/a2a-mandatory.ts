/**
 * What the A2A project's own test kit (a2aproject/a2a-tck) demands of a server at the level MUST, by its requirement ids, with requests written as its
 * clients write them. The kit itself steers an agent by the ids of its messages, which an agent with work of its own does not obey; so the states it
 * asks for are played here by events.
 */
import { createParser } from 'eventsource-parser'
import { v7 as uuid } from 'uuid'
import { describe, expect, it } from 'vitest'
import { BINDINGS, type Binding } from './a2a-client.ts'
import { type A2a, cart, done, immediately } from './a2a-setting.ts'
import { approvalRequested, completed, progressed, recommended } from './records.ts'

type Params = Record<string, unknown>

/** JSON-RPC code and HTTP status of section 5.4 of the specification. */
const ERRORS = {
  TASK_NOT_FOUND: { JSONRPC: -32001, 'HTTP+JSON': 404 },
  TASK_NOT_CANCELABLE: { JSONRPC: -32002, 'HTTP+JSON': 400 },
  PUSH_NOTIFICATION_NOT_SUPPORTED: { JSONRPC: -32003, 'HTTP+JSON': 400 },
  UNSUPPORTED_OPERATION: { JSONRPC: -32004, 'HTTP+JSON': 400 },
  CONTENT_TYPE_NOT_SUPPORTED: { JSONRPC: -32005, 'HTTP+JSON': 400 },
  VERSION_NOT_SUPPORTED: { JSONRPC: -32009, 'HTTP+JSON': 400 },
  INVALID_PARAMS: { JSONRPC: -32602, 'HTTP+JSON': 400 },
} as const

const ROUTES: Record<string, (params: Params) => [string, string]> = {
  SendMessage: () => ['POST', '/message:send'],
  SendStreamingMessage: () => ['POST', '/message:stream'],
  GetTask: ({ id, historyLength }) => ['GET', `/tasks/${id}?historyLength=${historyLength ?? ''}`],
  ListTasks: (params) => ['GET', `/tasks?${new URLSearchParams(params as Record<string, string>)}`],
  CancelTask: ({ id }) => ['POST', `/tasks/${id}:cancel`],
  SubscribeToTask: ({ id }) => ['POST', `/tasks/${id}:subscribe`],
  GetExtendedAgentCard: () => ['GET', '/extendedAgentCard'],
  CreateTaskPushNotificationConfig: ({ taskId }) => ['POST', `/tasks/${taskId}/pushNotificationConfigs`],
}

const said = (given: Params = {}): Params => ({
  message: { messageId: `tck-${uuid()}`, role: 'ROLE_USER', parts: [{ text: 'Hello from TCK' }], ...given },
})

const keysOf = (value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => [...(Array.isArray(value) ? [] : [key]), ...keysOf(inner)])
    : []

export const mandatory = (open: () => A2a) =>
  describe.each(BINDINGS)('what the test kit demands, over %s', (binding: Binding) => {
    const ask = (method: string, params: Params, headers: Record<string, string> = {}): Promise<Response> => {
      if (binding === 'JSONRPC') return open().call(method, params, headers)
      const [verb, path] = ROUTES[method]!(params)
      const body = verb === 'POST' && 'message' in params ? { body: JSON.stringify(params) } : {}
      return open().ask(`/a2a/rest${path}`, {
        ...{ method: verb, ...body },
        headers: verb === 'POST' ? { 'content-type': 'application/json', ...headers } : headers,
      })
    }
    const resultOf = async (answer: Response): Promise<unknown> => {
      const body = (await answer.json()) as { result?: unknown }
      return binding === 'JSONRPC' ? body.result : body
    }

    async function waiting(): Promise<string> {
      const sending = { ...said({ parts: [{ data: cart }] }), configuration: immediately }
      const { task } = (await resultOf(await ask('SendMessage', sending))) as { task: { id: string } }
      const approval = uuid()
      const found = completed(task.id, { recommended_actions: recommended(approval) })
      await open().platform.tell(approvalRequested(task.id, approval), found)
      return task.id
    }

    it.each<[string, string, () => Params, keyof typeof ERRORS]>([
      ['CORE-GET-002', 'GetTask', () => ({ id: 'tck-none' }), 'TASK_NOT_FOUND'],
      ['CORE-CANCEL-003', 'CancelTask', () => ({ id: 'tck-none' }), 'TASK_NOT_FOUND'],
      ['STREAM-SUB-004', 'SubscribeToTask', () => ({ id: 'tck-none' }), 'TASK_NOT_FOUND'],
      ['CORE-MULTI-004', 'SendMessage', () => said({ taskId: 'tck-none' }), 'TASK_NOT_FOUND'],
      ['CORE-SEND-002', 'SendMessage', () => said({ taskId: done }), 'UNSUPPORTED_OPERATION'],
      ['CORE-SEND-002, streaming', 'SendStreamingMessage', () => said({ taskId: done }), 'UNSUPPORTED_OPERATION'],
      ['STREAM-SUB-003', 'SubscribeToTask', () => ({ id: done }), 'UNSUPPORTED_OPERATION'],
      ['CORE-CANCEL-002', 'CancelTask', () => ({ id: done }), 'TASK_NOT_CANCELABLE'],
      ['CORE-SEND-003', 'SendMessage', () => said({ parts: [{ raw: 'dGNr', mediaType: 'application/x-tck' }] }), 'CONTENT_TYPE_NOT_SUPPORTED'], // prettier-ignore
      ['CORE-CAP-001', 'CreateTaskPushNotificationConfig', () => ({ taskId: 't', url: 'https://example.com' }), 'PUSH_NOTIFICATION_NOT_SUPPORTED'], // prettier-ignore
      ['CORE-ERR-002', 'SendMessage', () => ({}), 'INVALID_PARAMS'],
      ['CORE-MULTI-006', 'SendMessage', () => said({ taskId: done, contextId: 'tck-wrong' }), 'INVALID_PARAMS'],
    ])('%s: %s', async (_id, method, params, reason) => {
      await isError(await ask(method, params()), reason)
    })

    /** CORE-ERR-001, JSONRPC-ERR-001 to 003 and SSE-002, HTTP_JSON-ERR-001 and 002, STATUS-001 */
    async function isError(answer: Response, reason: keyof typeof ERRORS): Promise<void> {
      const code = ERRORS[reason][binding]
      expect(answer.status).toBe(binding === 'JSONRPC' ? 200 : code)
      expect(answer.headers.get('content-type')).toContain('application/json')
      const { error } = (await answer.json()) as { error: Params }
      const info = [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'a2a-protocol.org' }]
      expect(error).toMatchObject({ code, message: expect.any(String) })
      expect(error[binding === 'JSONRPC' ? 'data' : 'details']).toEqual(info)
    }

    it('VER-SERVER-002, VER-SERVER-003: another version, and none', async () => {
      for (const version of ['99.0', ''])
        await isError(await ask('SendMessage', said(), { 'a2a-version': version }), 'VERSION_NOT_SUPPORTED')
    })

    it('CORE-SEND-001, CORE-MULTI-001a, DM-SERIAL-001 to 005: an answer in ProtoJSON, whatever else was sent', async () => {
      const answer = await ask('SendMessage', { ...said({ tckUnknown: 1 }), tckExtra: 42 }, { 'a2a-extensions': 'https://example.com/ext/v1' }) // prettier-ignore
      expect(answer.headers.get('content-type')).toContain(binding === 'JSONRPC' ? 'application/json' : 'application/a2a+json') // prettier-ignore
      const result = await resultOf(answer)
      const required = { messageId: expect.any(String), contextId: expect.any(String), role: 'ROLE_AGENT' }
      expect(result).toEqual({ message: { ...required, parts: [{ text: expect.any(String), mediaType: 'text/plain' }] } }) // prettier-ignore
      expect(keysOf(result).filter((key) => key.includes('_'))).toEqual([])
    })

    it('CORE-GET-001, CORE-MULTI-003 and 005, CORE-HIST-002, CORE-EXECUTION-MODE-001: a task that waits for input', async () => {
      const id = await waiting()
      const task = { id, contextId: id, status: { state: 'TASK_STATE_INPUT_REQUIRED', timestamp: expect.stringMatching(/^[\dT:.-]+Z$/) } } // prettier-ignore
      expect(await resultOf(await ask('SendMessage', said({ taskId: id })))).toMatchObject({ task })
      const found = await resultOf(await ask('GetTask', { id, historyLength: 1 }))
      expect(found).toMatchObject(task)
      expect(found).not.toHaveProperty('history')
    })

    it('CORE-LIST-001 to 005: required fields also when they are empty, artifacts only if asked for, the last changed first', async () => {
      expect(await resultOf(await ask('ListTasks', { contextId: 'tck-nothing', pageSize: 2 }))).toEqual({ tasks: [], nextPageToken: '', pageSize: 2, totalSize: 0 }) // prettier-ignore
      const listed = async (params: Params) => (await resultOf(await ask('ListTasks', params))) as { tasks: { status: { timestamp: string } }[]; nextPageToken: string } // prettier-ignore
      const first = await listed({ pageSize: 2 })
      const second = await listed({ pageSize: 2, pageToken: first.nextPageToken })
      const times = [...first.tasks, ...second.tasks].map(({ status }) => Date.parse(status.timestamp))
      expect(times).toEqual(times.toSorted((a, b) => b - a))
      const [task] = (await listed({ contextId: done })).tasks
      expect(task).not.toHaveProperty('artifacts')
      expect((await listed({ contextId: done, includeArtifacts: true })).tasks[0]).toHaveProperty('artifacts')
    })

    it('CARD-EXT-001: the extended card has the required fields', async () => {
      const fields = ['name', 'description', 'supportedInterfaces', 'version', 'capabilities', 'defaultInputModes', 'defaultOutputModes', 'skills'] // prettier-ignore
      const card = await resultOf(await ask('GetExtendedAgentCard', {}))
      for (const field of fields) expect(card).toHaveProperty(field)
    })

    it('CORE-STREAM-001 and 002: an answer that is a message is the only event', async () => {
      const answer = await ask('SendStreamingMessage', said())
      expect(answer.headers.get('content-type')).toBe('text/event-stream')
      expect(await eventsOf(answer).all).toMatchObject([{ message: { role: 'ROLE_AGENT' } }])
    })

    it('STREAM-SUB-001 and 002, STREAM-ORDER-001 to 004: all streams have the same events, whoever leaves, and end with the task', async () => {
      const sending = { ...said({ parts: [{ data: cart }] }), configuration: immediately }
      const { task } = (await resultOf(await ask('SendMessage', sending))) as { task: { id: string } }
      const streams = await Promise.all([1, 2, 3].map(async () => eventsOf(await ask('SubscribeToTask', { id: task.id })))) // prettier-ignore
      const [leaving, ...staying] = streams
      for (const { seen } of streams) await expect.poll(() => seen.length, { timeout: 60_000 }).toBe(1)
      await leaving!.leave()
      await open().platform.tell(progressed(task.id, 40))
      for (const { seen } of staying) await expect.poll(() => seen.length, { timeout: 60_000 }).toBe(2)
      await open().platform.tell(completed(task.id))
      const [one, other] = await Promise.all(staying.map(({ all }) => all))
      expect(one).toEqual(other)
      expect(one!.map((event) => Object.keys(event as object)[0])).toEqual(['task', 'statusUpdate', 'artifactUpdate', 'artifactUpdate', 'statusUpdate']) // prettier-ignore
      expect(one!.at(-1)).toMatchObject({ statusUpdate: { taskId: task.id, status: { state: 'TASK_STATE_COMPLETED' } } }) // prettier-ignore
    })

    /** The events of a stream, without the envelope that JSON-RPC puts around each. */
    function eventsOf(answer: Response) {
      const seen: unknown[] = []
      const parser = createParser({
        onEvent({ data }) {
          const event = JSON.parse(data) as Params
          if (binding === 'JSONRPC') expect(event).toMatchObject({ jsonrpc: '2.0', id: 7 })
          seen.push(binding === 'JSONRPC' ? event['result'] : event)
        },
      })
      const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
      const all = (async () => {
        for (let next = await reader.read(); !next.done; next = await reader.read()) parser.feed(next.value)
        return seen
      })()
      return { seen, all, leave: () => reader.cancel() }
    }
  })
