/** The gateway's request log. */
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '../../cli/log.ts'
import { startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'
import { requested } from './records.ts'

let platform: Platform
const lines: Record<string, unknown>[] = []
beforeAll(async () => {
  const log = createLog({ base: { part: 'gateway' } }, { write: (line) => void lines.push(JSON.parse(line)) })
  platform = await startPlatform({ log })
})
afterAll(() => platform.close())

const answered = () => lines.filter(({ msg }) => msg === 'answered')

test('a line has its level as a word, its time as RFC 3339, and the ids of session and trace', async () => {
  const session = uuid()
  await platform.tell(requested(session))
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  const headers = { traceparent: `00-${trace}-00f067aa0ba902b7-01`, 'x-request-id': 'r-1' }
  await platform.ask('bob', 'GET', `/api/v1/diagnostics/${session}/status`, { headers })
  expect(answered().at(-1)).toMatchObject({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    ...{ part: 'gateway', operation: 'getSessionStatus', status: '200', session, trace, request: 'r-1' },
  })
  await platform.ask('bob', 'GET', '/api/v1/diagnostics/history')
  expect(answered().at(-1)).toMatchObject({ trace: expect.stringMatching(/^[0-9a-f]{32}$/) })
})

test('probes and scrapes are not logged', async () => {
  const before = answered().length
  for (const name of ['healthz', 'readyz', 'metrics']) await platform.ask(null, 'GET', `/api/v1/${name}`)
  await platform.ask('bob', 'GET', '/api/v1/approvals')
  expect(answered().slice(before)).toMatchObject([{ operation: 'listApprovals' }])
})
