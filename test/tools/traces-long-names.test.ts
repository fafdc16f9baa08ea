import { expect, it } from 'vitest'
import type { Span } from '../../analysis/observations.ts'
import { liveTraces } from '../../agents/tools/traces/traces.ts'
import type { TraceSource } from '../../agents/tools/traces/source.ts'

const at = Date.UTC(2026, 2, 2)
const named = (spanId: string, name: string): Span => ({ traceId: 't', spanId, service: 'cart', name, start: at, end: at + 5 }) // prettier-ignore
const source: TraceSource = {
  tool: 'zipkin',
  link: () => null,
  searches: async () => [
    {
      query: () => 'all',
      run: async () => ({ found: [{ id: 't', start: at, read: async () => ({ spans: [named('a', 'GET'), named('b', 'x'.repeat(70_000))] }) }] }), // prettier-ignore
    },
  ],
}

it('cuts a long span name, and says by how much', async () => {
  const answer = await liveTraces({ source }).traces({ range: { start: at - 1000, end: at + 1000 } }, { signal: new AbortController().signal }) // prettier-ignore
  const names = answer.data?.spans.map(({ name }) => name) ?? []
  expect(names.map((name) => name.length).sort((a, b) => a - b)[0]).toBe(3)
  expect(names.find((name) => name.startsWith('x'))).toMatch(/^x{65536}… \(4464 more characters\)$/)
  expect(answer.warnings).toEqual(['1 span names longer than 65536 characters were cut'])
})
