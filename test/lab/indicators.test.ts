import { expect, test } from 'vitest'
import { parseScrape } from '../../lab/exposition.ts'
import { increase, indicatorsOf } from '../../lab/indicators.ts'

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

const named = (samples: { indicator: string; value: number }[]) =>
  Object.fromEntries(samples.map(({ indicator, value }) => [indicator, value]))

test('rates and ratios come from what the counters grew by', () => {
  const grown = increase(scrape(100, 0, 100, 100, 1), scrape(130, 10, 120, 140, 1.5), 0, 10_000)
  expect(named(indicatorsOf([grown], 5e7))).toMatchObject({
    request_rate: 4,
    error_rate: 1,
    error_ratio: 0.25,
    cpu: 0.05,
    memory: 5e7,
  })
})

test('quantiles are interpolated within their bucket, in milliseconds', () => {
  const grown = increase(scrape(0, 0, 0, 0, 0), scrape(40, 0, 20, 40, 0), 0, 10_000)
  const { latency_p50, latency_p95 } = named(indicatorsOf([grown], 0))
  expect(latency_p50).toBeCloseTo(100)
  expect(latency_p95).toBeCloseTo(190)
})

test('a service nobody asked has no latency and no error ratio, rather than a zero', () => {
  const still = increase(scrape(5, 0, 5, 5, 1), scrape(5, 0, 5, 5, 1), 0, 1_000)
  expect(Object.keys(named(indicatorsOf([still], 0)))).toEqual(['request_rate', 'error_rate', 'cpu', 'memory'])
})

test('a scrape that is not in the text format is refused', () => {
  expect(() => parseScrape('<html>not metrics</html>')).toThrow('not a sample')
})
