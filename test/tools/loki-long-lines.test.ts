import { expect, it } from 'vitest'
import type { Http } from '../../agents/tools/http.ts'
import { readLines } from '../../agents/tools/loki/pages.ts'
import type { CallContext } from '../../agents/tools/tools.ts'

const LIMIT = 65_536

it('cuts a line that is too long, says by how much, and warns', async () => {
  const values = [
    ['2000000', `XError:a.go:${'1'.repeat(200_000)}\u2028`],
    ['1000000', 'x'.repeat(LIMIT)],
  ]
  const body = { data: { result: [{ stream: { app: 'cart' }, values }] } }
  const http = { json: () => Promise.resolve(body) } as unknown as Http
  const { lines, warnings } = await readLines(
    http,
    { logql: '{app="cart"}', range: { start: 0, end: 10 }, service: 'cart', limit: 10, wanted: () => true },
    {} as CallContext,
  )
  expect(lines.map(({ message }) => message.length < LIMIT + 50)).toEqual([true, true])
  expect(lines[0]?.message).toBe(values[1]?.[1])
  expect(lines[1]?.message).toMatch(/1… \(134477 more characters\)$/)
  expect(warnings).toEqual([`1 lines longer than ${LIMIT} characters were cut`])
})
