import { expect, test } from 'vitest'
import { parseScrape } from '../../lab/exposition.ts'
import { type Counter, indicatorsOf, isCounter } from '../../lab/indicators.ts'

const scrape = (requests: number, failures: number, fast: number, all: number, cpu: number) =>
  parseScrape(
    [
      '# HELP http_requests_total Requests answered',
      `http_requests_total{method="GET",route="/carts/:customer",status_code="200"} ${requests}`,
      `http_requests_total{method="GET",route="/a \\"quoted\\" {route}",status_code="502"} ${failures}`,
      `http_request_duration_seconds_bucket{le="0.1",method="GET"} ${fast}`,
      `http_request_duration_seconds_bucket{le="0.2",method="GET"} ${all}`,
      `http_request_duration_seconds_bucket{le="+Inf",method="GET"} ${all}`,
      `process_cpu_seconds_total ${cpu}`,
      'process_resident_memory_bytes 5e+07',
      '',
    ].join('\n'),
  )

/** Indicators from two scrapes at the ends of a ten-second window. */
function between(first: ReturnType<typeof scrape>, last: ReturnType<typeof scrape>): Record<string, number> {
  const counters = [...last].flatMap(([series, { value, ...sample }]): Counter[] => {
    const before = first.get(series)?.value
    const samples = [...(before === undefined ? [] : [{ at: 1, value: before }]), { at: 10_000, value }]
    return isCounter(sample) ? [{ ...sample, samples }] : []
  })
  const told = indicatorsOf({ counters, scrape: last, at: 10_000, windowMs: 10_000 })
  return Object.fromEntries(told.map(({ indicator, value }) => [indicator, value]))
}

test("rates and ratios come from the counters' increases", () => {
  const told = between(scrape(100, 10, 100, 100, 1), scrape(130, 20, 120, 140, 1.5))
  expect(told['request_rate']).toBeCloseTo(4, 2)
  expect(told['error_rate']).toBeCloseTo(1, 2)
  expect(told['error_ratio']).toBeCloseTo(0.25, 2)
  expect(told['cpu']).toBeCloseTo(0.05, 2)
  expect(told['memory']).toBe(5e7)
})

test('quantiles are interpolated within their bucket, in milliseconds', () => {
  const told = between(scrape(0, 0, 100, 100, 0), scrape(40, 0, 120, 140, 0))
  expect(told['latency_p50']).toBeCloseTo(100)
  expect(told['latency_p95']).toBeCloseTo(190)
})

test('a service without requests has no latency and no error ratio, instead of zero', () => {
  const still = scrape(5, 0, 5, 5, 1)
  expect(Object.keys(between(still, still))).toEqual(['request_rate', 'error_rate', 'cpu', 'memory'])
})

test('a counter never seen is unknown, but no failures among counted requests are zero', () => {
  const cpu = (seconds: number) => parseScrape(`process_cpu_seconds_total ${seconds}\n`)
  expect(Object.keys(between(cpu(1), cpu(2)))).toEqual(['cpu'])
  const good = (count: number) => parseScrape(`http_requests_total{status_code="200"} ${count}\n`)
  expect(between(good(1), good(11))).toMatchObject({ error_rate: 0, error_ratio: 0 })
})

test('an invalid scrape is refused', () => {
  expect(() => parseScrape('<html>not metrics</html>')).toThrow('not a sample')
})
