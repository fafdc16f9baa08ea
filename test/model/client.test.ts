/** The real client against a server that speaks the Messages API, well and badly. */
import { onTestFinished, describe, expect, it } from 'vitest'
import { connectModel, type ModelOptions } from '../../model/client.ts'
import { ModelError, type TurnRequest } from '../../model/model.ts'
import { type Answer, startStandIn, type Step } from './stand-in/server.ts'

const KEY = 'sk-test-4711-never-shown'
const NEVER = new AbortController().signal
const REQUEST: TurnRequest = {
  system: 'Explain the incident.',
  messages: [{ role: 'user', content: 'cart 購物車 is slow' }],
  tools: [],
  schema: null,
  ...{ maxTokens: 100, size: 'hard' },
}
const PLAIN: Answer = { content: [{ type: 'text', text: '購物車 is slow' }], stop: 'end_turn' }
const ANSWER: Step = { do: 'answer', answer: PLAIN }

async function against(steps: readonly Step[], options: Partial<ModelOptions> = {}) {
  const server = await startStandIn(steps)
  onTestFinished(server.stop)
  const model = connectModel({ key: KEY, url: server.url, hard: 'large-1', cheap: 'small-1', ...options })
  return { model, asked: server.asked }
}

async function failure(steps: readonly Step[], options: Partial<ModelOptions> = {}, signal = NEVER) {
  const { model, asked } = await against(steps, { retries: 0, ...options })
  const error: unknown = await model.turn(REQUEST, signal).catch((thrown: unknown) => thrown)
  if (!(error instanceof ModelError)) throw new Error(`not a ModelError: ${String(error)}`)
  expect(JSON.stringify({ ...error, text: error.message, stack: error.stack })).not.toContain(KEY)
  return { error, asked: asked.length }
}

describe('a turn', () => {
  it('streams text, thinking and a tool use, and gives them back as they came', async () => {
    const content = [
      { type: 'thinking' as const, thinking: 'the diff', signature: 'c2ln' },
      { type: 'text' as const, text: '購物車, first' },
      { type: 'tool_use' as const, id: 'toolu_1', name: 'read_change', input: { id: 'c-1', page: 2 } },
    ]
    const usage = {
      ...{ cache_read_input_tokens: 5, cache_creation_input_tokens: 9 },
      cache_creation: { ephemeral_5m_input_tokens: 6, ephemeral_1h_input_tokens: 3 },
    }
    const { model, asked } = await against([{ do: 'answer', answer: { content, stop: 'tool_use', usage } }, ANSWER])
    const first = await model.turn(REQUEST, NEVER)
    expect(first).toMatchObject({ content, stop: 'tool_use', costUsd: null, model: 'stand-in-1' })
    expect(first.usage).toEqual({ input: 10, output: 7, cache_read: 5, cache_write_5m: 6, cache_write_1h: 3 })
    await model.turn(
      { ...REQUEST, size: 'cheap', messages: [...REQUEST.messages, { role: 'assistant', content: first.content }] },
      NEVER,
    )
    expect(asked[1]?.body['messages']).toMatchObject([{}, { role: 'assistant', content }])
    expect(asked.map(({ body }) => body['model'])).toEqual(['large-1', 'small-1'])
    expect(JSON.stringify(asked[0]?.body['system'])).toBe(JSON.stringify(asked[1]?.body['system']))
    expect(asked[0]?.headers.authorization).toBe(`Bearer ${KEY}`)
  })

  it('sends the schema, the tools and the cache mark', async () => {
    const { model, asked } = await against([ANSWER])
    const tool = { name: 'read_change', input_schema: { type: 'object' as const } }
    await model.turn({ ...REQUEST, schema: { type: 'object' }, tools: [tool] }, NEVER)
    expect(asked[0]?.body).toMatchObject({
      system: [{ cache_control: { type: 'ephemeral' } }],
      tools: [tool],
      output_config: { format: { type: 'json_schema', schema: { type: 'object' } } },
      ...{ max_tokens: 100, stream: true },
    })
  })

  it.each([
    ['refusal', 'refusal'],
    ['max_tokens', 'max_tokens'],
    ['pause_turn', 'pause_turn'],
    ['model_context_window_exceeded', 'context_exceeded'],
    ['something_new', 'something_new'],
  ])('stops with %s as %s', async (stop, said) => {
    const { model } = await against([{ do: 'answer', answer: { content: [], stop } }])
    expect((await model.turn(REQUEST, NEVER)).stop).toBe(said)
  })

  it('tries again after what passes, and waits as long as the server asks', async () => {
    const { model, asked } = await against([
      { do: 'status', status: 429, type: 'rate_limit_error', retryAfter: '0.9' },
      { do: 'cut', after: 3, torn: true, answer: PLAIN },
      ANSWER,
    ])
    const result = await model.turn(REQUEST, NEVER)
    expect(result.content).toMatchObject(PLAIN.content)
    expect(asked).toHaveLength(3)
    expect(result.latencyMs).toBeGreaterThanOrEqual(900)
  })

  it('does not wait for a server that asks for more than the longest wait', async () => {
    const step: Step = { do: 'status', status: 429, type: 'rate_limit_error', retryAfter: '3600' }
    const { error, asked } = await failure([step, ANSWER], { retries: 3 })
    expect(error).toMatchObject({ code: 'rate_limited', retryable: true, retryAfterMs: 3_600_000 })
    expect(asked).toBe(1)
  })

  it.each([401, 400])('does not ask again after %i', async (status) => {
    expect((await failure([{ do: 'status', status, type: 'x' }, ANSWER], { retries: 3 })).asked).toBe(1)
  })

  it('ends an answer that never does', async () => {
    const { error } = await failure([{ do: 'drip', everyMs: 20 }], { attemptMs: 300 })
    expect(error).toMatchObject({ code: 'timeout', retryable: false })
  })

  it.each([
    ['an answer', { do: 'drip', everyMs: 20 } as const],
    ['a wait', { do: 'status', status: 529, type: 'overloaded_error', retryAfter: '50' } as const],
  ])('stops within %s when the caller does', async (_, step) => {
    const { error } = await failure([step], { retries: 3 }, AbortSignal.timeout(400))
    expect(error.code).toBe('timeout')
  })

  it('says that nobody answers', async () => {
    const { error } = await failure([ANSWER], { url: 'http://127.0.0.1:1' })
    expect(error).toMatchObject({ code: 'unreachable', retryable: true })
  })
})

const EVENTS = 4 + [...'購物車 is slow'].length + 1
const STATUSES: [number, string, string][] = [
  ...[500, 502, 503, 504, 529].map((status): [number, string, string] => [status, 'api_error', 'overloaded']),
  [429, 'rate_limit_error', 'rate_limited'],
  [401, 'authentication_error', 'unauthorized'],
  [403, 'permission_error', 'unauthorized'],
  [400, 'invalid_request_error', 'bad_request'],
  [404, 'not_found_error', 'bad_request'],
  [413, 'request_too_large', 'bad_request'],
  [408, 'timeout_error', 'timeout'],
]
const BODIES = ['', '{', 'null', '<h1>Bad gateway</h1>', 'data: {\n\n', 'event: message_start\ndata: {"type":\n\n']
const bad = (usage: Record<string, unknown>): Step => ({ do: 'answer', answer: { ...PLAIN, usage } })
const FAILURES: [string, Step, string[]][] = [
  ...STATUSES.flatMap(([status, type, code]) =>
    ['no', 'your key is KEY', 'x'.repeat(9000)].map((message): [string, Step, string[]] => [
      `${status} ${message.slice(0, 15)}`,
      { do: 'status', status, type, message },
      [code],
    ]),
  ),
  ...Array.from({ length: EVENTS }, (_, after) =>
    [true, false].map((torn): [string, Step, string[]] => [
      `cut ${torn ? 'off' : 'short'} after ${after} events`,
      { do: 'cut', after, torn, answer: PLAIN },
      after === 0 ? ['cut_off', 'nonsense'] : ['cut_off'],
    ]),
  ).flat(),
  ...BODIES.flatMap((body) =>
    ['application/json', 'text/html', 'text/event-stream'].map((contentType): [string, Step, string[]] => [
      `${contentType} ${JSON.stringify(body)}`,
      { do: 'body', contentType, body },
      ['nonsense', 'cut_off'],
    ]),
  ),
  ...[{ input_tokens: -1 }, { input_tokens: 'many' }, { cache_read_input_tokens: 1.5 }].map(
    (usage): [string, Step, string[]] => [`usage ${JSON.stringify(usage)}`, bad(usage), ['nonsense']],
  ),
  ['overloaded within the stream', { do: 'error-event', type: 'overloaded_error' }, ['overloaded']],
  ['an unknown error within the stream', { do: 'error-event', type: 'new_error' }, ['overloaded']],
]

describe('a failure of the server', () => {
  it.each(FAILURES)('%s is coded, bounded and without the key', async (_, step, codes) => {
    const { error } = await failure([step])
    expect(codes).toContain(error.code)
    expect(error.message.length).toBeLessThan(600)
  })
})
