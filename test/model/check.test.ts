/** `sre model check` as a process, against a stand-in for a paid model. */
import { expect, onTestFinished, test } from 'vitest'
import { runSre } from '../cli/run-sre.ts'
import { type Answer, startStandIn, type Step } from './stand-in/server.ts'

const text = (said: string, usage = {}): Step => ({
  do: 'answer',
  answer: { content: [{ type: 'text', text: said }], stop: 'end_turn', usage },
})
const CALL: Answer = {
  content: [
    { type: 'thinking', thinking: 'the diff', signature: 'c2ln' },
    { type: 'tool_use', id: 'toolu_1', name: 'read_change', input: { id: 'c-17' } },
  ],
  stop: 'tool_use',
}
const ABLE: Step[] = [
  text('Ready.'),
  text('回復到上一版。'),
  text('{"guilty":"c-17"}'),
  { do: 'answer', answer: CALL },
  text('The pool is too small.'),
  text('ready'),
  text('ready', { cache_read_input_tokens: 9000 }),
]

async function checked(steps: readonly Step[], args: string[] = [], more: Record<string, string> = {}) {
  const server = await startStandIn(steps)
  onTestFinished(server.stop)
  const environment = { ANTHROPIC_API_KEY: 'sk-4711', ANTHROPIC_BASE_URL: server.url, SRE_MODEL: 'large-1', ...more }
  return { ...(await runSre(['model', 'check', ...args], environment)), asked: server.asked }
}

test('a model that can do all of it', async () => {
  const { code, out, asked } = await checked(ABLE)
  expect(out.split('\n').filter((line) => line.startsWith('yes  '))).toHaveLength(6)
  expect(out).toContain('9000 read from the cache')
  expect(out).toContain('the cost is unknown')
  expect(code).toBe(0)
  expect(asked[4]?.body['messages']).toMatchObject([{}, { content: CALL.content }, {}])
})

test('a model that only answers', async () => {
  const { code, out } = await checked([text('ready')], ['--json'])
  const { tried } = JSON.parse(out) as { tried: { ability: string; able: boolean }[] }
  expect(tried.filter(({ able }) => able).map(({ ability }) => ability)).toEqual(['answer'])
  expect(code).toBe(1)
})

test('a wrong key, in Chinese, and never shown', async () => {
  const wrong: Step = { do: 'status', status: 401, type: 'authentication_error', message: 'no such key: KEY' }
  const { code, out, err, asked } = await checked([wrong], [], { LANG: 'zh_TW.UTF-8' })
  expect(err).toMatch(/無法詢問模型[^]*unauthorized/)
  expect(out + err).not.toContain('sk-4711')
  expect(asked).toHaveLength(1)
  expect(code).toBe(1)
})

test('without a key', async () => {
  expect(await runSre(['model', 'check'], {})).toMatchObject({
    err: expect.stringMatching(/ANTHROPIC_API_KEY[^]*SRE_MODEL/),
  })
})
