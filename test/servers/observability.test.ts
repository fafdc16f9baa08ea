import { expect, test } from 'vitest'
import { loki } from './loki.ts'
import { openMetrics, startPrometheus } from './prometheus.ts'

const json = async (url: string, headers: Record<string, string> = {}): Promise<unknown> =>
  (await fetch(url, { headers })).json()

test('a Prometheus has the history it was started with', async () => {
  const seconds = Date.UTC(2024, 4, 1) / 1000
  const labels = { job: 'cart', path: 'a"b\\c' }
  const server = await startPrometheus({
    openMetrics: openMetrics(
      [0, 15, 30].map((offset) => ({ name: 'up', labels, seconds: seconds + offset, value: 1 })),
    ),
  })
  const query = new URLSearchParams({ query: 'count_over_time(up[1m])', time: String(seconds + 30) })
  expect(await json(`${server.url}/api/v1/query?${query}`)).toMatchObject({
    status: 'success',
    data: { result: [{ metric: labels, value: [seconds + 30, '3'] }] },
  })
  await server.stop()
})

test('lines of any age are readable at once by their tenant, and by no other', async () => {
  const [mine, other] = [await loki(), await loki()]
  const ms = Date.now() - 30 * 24 * 3_600_000
  await mine.push([{ labels: { app: 'cart' }, lines: [{ ms, line: 'out of stock' }] }])
  const query = new URLSearchParams({
    query: '{app="cart"}',
    start: `${ms - 60_000}000000`,
    end: `${ms + 60_000}000000`,
  })
  const lines = async (tenant: string) =>
    await json(`${mine.url}/loki/api/v1/query_range?${query}`, { 'x-scope-orgid': tenant })
  expect(await lines(mine.tenant)).toMatchObject({ data: { result: [{ values: [[`${ms}000000`, 'out of stock']] }] } })
  expect(await lines(other.tenant)).toMatchObject({ data: { result: [] } })
})
