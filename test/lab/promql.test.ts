import { expect, test } from 'vitest'
import { createHttp } from '../../agents/tools/http.ts'
import { prometheusMetrics } from '../../agents/tools/prometheus/prometheus.ts'
import { type Counter, indicatorsOf } from '../../lab/indicators.ts'
import { openMetrics, startPrometheus } from '../servers/prometheus.ts'

const WINDOW_MS = 10_000
const COUNT = 60
const end = Math.floor(Date.now() / 1_000) * 1_000 - 60_000
const start = end - (COUNT - 1) * 1_000

/** Scraped about once a second between two instants, growing by `grow`; one scrape in seven is missing. */
function counted(
  name: string,
  labels: Counter['labels'],
  grow: (turn: number) => number,
  { from = 0, to = COUNT - 1, first = 0 } = {},
): Counter {
  let value = first
  const samples = Array.from({ length: to - from + 1 }, (_, index) => {
    const turn = from + index
    value += index === 0 ? 0 : grow(turn)
    return { at: start + turn * 1_000 - 300 + Math.round(200 * Math.sin(turn * 7)), value }
  })
  return { name, labels, samples: samples.filter((_, index) => index % 7 !== 3) }
}

/** A process is replaced by another that sometimes fails: its counter appears with its first sample. */
function* counters(): Iterable<Counter> {
  for (const [instance, lived] of [
    ['one', { to: 30 }],
    ['two', { from: 29 }],
  ] as const) {
    const labels = { job: 'cart', instance, status_code: '200' }
    yield counted('http_requests_total', labels, (turn) => 3 + (turn % 4), lived)
    for (const [le, share] of [
      ['0.1', 1],
      ['0.5', 2],
      ['+Inf', 3],
    ] as const)
      yield counted('http_request_duration_seconds_bucket', { ...labels, le }, (turn) => share + (turn % 2), lived)
    yield counted('process_cpu_seconds_total', { job: 'cart', instance }, () => 0.25, { ...lived, first: 3 })
  }
  const failed = { job: 'cart', instance: 'two', status_code: '500' }
  yield counted('http_requests_total', failed, (turn) => (turn % 5 === 0 ? 2 : 0), { from: 36, first: 1 })
}

test('the same scrapes give the same indicators here and in Prometheus, at every instant', async () => {
  const all = [...counters()]
  const samples = all.flatMap(({ name, labels, samples }) =>
    samples.map(({ at, value }) => ({ name, labels: { ...labels }, seconds: at / 1_000, value })),
  )
  const prometheus = await startPrometheus({ openMetrics: openMetrics(samples) })
  const tool = prometheusMetrics({ http: createHttp({ baseUrl: prometheus.url, timeoutMs: 60_000 }), rateWindowS: 10 })
  const context = { signal: new AbortController().signal }
  const answer = await tool.goldenSignals({ service: 'cart', range: { start, end }, stepS: 1 }, context)
  await prometheus.stop()
  const theirs = (answer.data?.series ?? []).flatMap(({ indicator, times, values }) =>
    times.map((time, index) => ({ time, indicator, value: values[index] ?? Number.NaN })),
  )
  const ours = Array.from({ length: COUNT }, (_, turn) => start + turn * 1_000).flatMap((at) =>
    indicatorsOf({ counters: all, scrape: null, at, windowMs: WINDOW_MS }).map((one) => ({ time: at, ...one })),
  )
  const byPlace = (points: readonly { time: number; indicator: string; value: number }[]) =>
    new Map(points.map(({ time, indicator, value }) => [`${indicator} ${(time - start) / 1_000}`, value]))
  const [here, there] = [byPlace(ours), byPlace(theirs)]
  expect(here.size).toBeGreaterThan(6 * (COUNT - 5))
  expect([...here.keys()].sort()).toEqual([...there.keys()].sort())
  for (const [place, value] of here) expect(value, place).toBeCloseTo(there.get(place) ?? Number.NaN, 6)
}, 180_000)
