/** Time is in seconds from 0, and a step is ten of them. */
import { describe, expect, it } from 'vitest'
import { Gathering, type GatherOptions } from '../../../agents/anomaly/otlp/gather.ts'
import type { Metric, ResourceMetrics } from '../../../agents/anomaly/otlp/wire.ts'
import { type Attributes, buckets, CUMULATIVE, DELTA, exponential, exponentialHistogram, gauge, histogram, number, resource, sum } from './points.ts' // prettier-ignore

const CART = { 'service.name': 'cart' }
const REQUESTS = { name: 'http.server.request.duration', unit: 's' }
const BYTES = { name: 'bytes', unit: 'By' }

/** What a gathering makes of records that were written when their points were measured. */
function gathered(
  records: readonly (readonly [second: number, ...ResourceMetrics[]])[],
  options: Partial<GatherOptions> = {},
) {
  // prettier-ignore
  const gathering = new Gathering({ stepMs: 10_000, ...options })
  for (const [second, ...all] of records) gathering.add(all, second * 1000)
  gathering.close(400_000)
  return {
    gathering,
    /** values by second */
    of: (indicator: string, service = 'cart', namespace: string | null = null) =>
      gathering
        .take({ service, namespace }, { start: -Infinity, end: Infinity })
        .filter((one) => one.indicator === indicator)
        .map(({ time, value, unit }) => [time / 1000, Math.round(value * 1e6) / 1e6, unit]),
  }
}

const exported = (...metrics: Metric[]) => resource(CART, ...metrics)
const each = (seconds: number[], metricAt: (second: number, at: number) => Metric, attributes: Attributes = CART) =>
  seconds.map((second, at) => [second, resource(attributes, metricAt(second, at))] as const)

describe('a counter', () => {
  it('is a rate since its point before', () => {
    const values = [100, 150, 170]
    const records = each([10, 20, 30], (at, n) => sum(BYTES, CUMULATIVE, number(values[n]!, { at, since: 1 })))
    expect(gathered(records).of('bytes')).toEqual([
      [20, 5, 'By/s'],
      [30, 2, 'By/s'],
    ])
  })

  it('that begins anew counts from its start, whether that is told or it only falls', () => {
    const told = [number(100, { at: 10, since: 1 }), number(20, { at: 20, since: 15 })]
    const untold = [number(100, { at: 10 }), number(20, { at: 20 })]
    for (const [points, rate] of [[told, 4], [untold, 2]] as const) // prettier-ignore
      expect(gathered(points.map((one) => [one.timeUnixNano / 1e9, exported(sum(BYTES, CUMULATIVE, one))])).of('bytes')).toEqual([[20, rate, 'By/s']]) // prettier-ignore
  })

  it('of differences is each divided by its time', () => {
    const records = each([20, 30], (at) => sum(BYTES, DELTA, number(30, { at, since: at - 10 })))
    expect(gathered(records).of('bytes')).toEqual([
      [20, 3, 'By/s'],
      [30, 3, 'By/s'],
    ])
  })

  it('of several instances that export at different times, once a minute, adds up to the same in every step', () => {
    const instances = [0, 1, 2, 3, 4, 5]
    const records = instances.flatMap((one) =>
      [0, 1, 2, 3, 4].flatMap((minute) => {
        const at = 10 + one * 10 + minute * 60
        const metric = sum({ name: 'http.requests' }, CUMULATIVE, number(600 * minute, { at }))
        return [[at, resource({ ...CART, 'service.instance.id': `cart-${one}` }, metric)] as const]
      }),
    )
    const rates = gathered(records.sort(([one], [other]) => one - other)).of('http.requests')
    expect(rates.filter(([second]) => Number(second) > 130).map(([, rate]) => rate)).toEqual(Array(17).fill(60))
  })
})

describe('a histogram of requests', () => {
  const bounds = [0.01, 0.1, 1]
  const failed = { 'http.response.status_code': '503' }

  it('is the golden signals of the service, as the queries to Prometheus name them', () => {
    const points = [
      buckets(bounds, [0, 0, 0, 0], { at: 10, attributes: { 'http.response.status_code': '200' } }),
      buckets(bounds, [0, 90, 0, 0], { at: 20, attributes: { 'http.response.status_code': '200' } }),
      buckets(bounds, [0, 0, 0, 0], { at: 10, attributes: failed }),
      buckets(bounds, [0, 0, 10, 0], { at: 20, attributes: failed }),
    ]
    const { gathering } = gathered(points.map((one) => [one.timeUnixNano / 1e9, exported(histogram(REQUESTS, CUMULATIVE, one))])) // prettier-ignore
    const samples = gathering.take({ service: 'cart', namespace: null }, { start: 0, end: Infinity })
    const values = Object.fromEntries(samples.map(({ indicator, value, unit }) => [indicator, [value, unit]]))
    expect(values).toEqual({
      latency_p50: [expect.closeTo(60, 6), 'ms'],
      latency_p95: [expect.closeTo(550, 6), 'ms'],
      latency_p99: [expect.closeTo(910, 6), 'ms'],
      request_rate: [10, '1/s'],
      error_ratio: [0.1, 'ratio'],
      error_rate: [1, '1/s'],
    })
  })

  it('adds instances up, and says nothing of latency where there were no requests', () => {
    const records = ['a', 'b'].flatMap(
      (instance) =>
      each([20, 30, 40], (at, n) => histogram(REQUESTS, DELTA, buckets(bounds, n === 2 ? [0, 0, 0, 0] : [10, 0, 0, 0], { at, since: at - 10 })), { ...CART, 'k8s.pod.name': instance }), // prettier-ignore
    )
    expect(gathered(records).of('request_rate')).toEqual([20, 30, 40].map((at, n) => [at, n === 2 ? 0 : 2, '1/s']))
    expect(gathered(records).of('latency_p50').map(([at]) => at)).toEqual([20, 30]) // prettier-ignore
    expect(gathered(records).of('error_ratio').map(([at]) => at)).toEqual([20, 30]) // prettier-ignore
  })

  it('may be exponential, and is then as exact as its buckets', () => {
    // 1 to 1,000 ms, evenly; scale 5: a bucket is 2.2 % wide
    const counts: number[] = []
    const base = 2 ** (2 ** -5)
    const offset = Math.ceil(Math.log(0.001) / Math.log(base)) - 1
    for (let ms = 1; ms <= 1000; ms += 1) {
      const bucket = Math.ceil(Math.log(ms / 1000) / Math.log(base)) - 1 - offset
      counts[bucket] = (counts[bucket] ?? 0) + 1
    }
    const filled = Array.from(counts, (count) => count ?? 0)
    const records = each([10], (at) => exponentialHistogram(REQUESTS, DELTA, exponential(5, offset, filled, { at, since: 0.1 }))) // prettier-ignore
    for (const [indicator, truth] of [
      ['latency_p50', 500],
      ['latency_p95', 950],
      ['latency_p99', 990],
    ] as const) {
      // prettier-ignore
      const [[, value] = []] = gathered(records).of(indicator)
      expect(Math.abs(Number(value) / truth - 1), indicator).toBeLessThan(0.045)
    }
  })

  it('has quantiles however narrow its buckets are', () => {
    // in (0, the smallest number above it], where a density is infinite
    const records = each([20, 30], (at) => exponentialHistogram(REQUESTS, DELTA, exponential(0, -1075, [5], { at, since: at - 10 }))) // prettier-ignore
    expect(gathered(records).of('request_rate')).toEqual([[20, 0.5, '1/s'], [30, 0.5, '1/s']]) // prettier-ignore
    expect(gathered(records).of('latency_p50')).toHaveLength(2)
  })

  it('may become coarser between two points', () => {
    const fine = exponential(1, 2, [4, 4, 4, 4], { at: 10 })
    const coarse = exponential(0, 1, [8, 18], { at: 20 })
    const records = [fine, coarse].map((one) => [one.timeUnixNano / 1e9, exported(exponentialHistogram(REQUESTS, CUMULATIVE, one))] as const) // prettier-ignore
    expect(gathered(records).of('request_rate')).toEqual([[20, 1, '1/s']])
    // all ten came in (4 s, 8 s]
    expect(gathered(records).of('latency_p50')).toEqual([[20, 6000, 'ms']])
  })

  it('counts once in a service that measures its requests under two conventions', () => {
    const spans = { name: 'traces.span.metrics.duration', unit: 'ms' }
    const [served, called] = ['SPAN_KIND_SERVER', 'SPAN_KIND_CLIENT'].map((kind) => ({ 'span.kind': kind }))
    const records = each([20, 30], (at) => histogram(spans, DELTA, buckets([100], [10, 0], { at, since: at - 10, attributes: served! }), buckets([100], [70, 0], { at, since: at - 10, attributes: called! }))) // prettier-ignore
    expect(gathered(records).of('request_rate')).toEqual([[20, 1, '1/s'], [30, 1, '1/s']]) // prettier-ignore
    const both = [...records, ...each([30], (at) => histogram(REQUESTS, DELTA, buckets(bounds, [30, 0, 0, 0], { at, since: at - 10 })))] // prettier-ignore
    expect(gathered(both).of('request_rate')).toEqual([[30, 3, '1/s']])
  })

  it('is measured under the convention that is left when a better one falls silent', () => {
    const other = { name: 'http_request_duration_seconds', unit: 's' }
    const counts = (at: number) => buckets(bounds, [10, 0, 0, 0], { at, since: at - 10 })
    const gathering = new Gathering({ stepMs: 10_000 })
    gathering.add([exported(histogram(REQUESTS, DELTA, counts(20)))], 20_000)
    for (let at = 20; at <= 1200; at += 10) {
      gathering.add([exported(histogram(other, DELTA, counts(at)))], at * 1000)
      gathering.close(at * 1000)
    }
    const rates = gathering.take({ service: 'cart', namespace: null }, { start: 0, end: Infinity }).filter(({ indicator }) => indicator === 'request_rate') // prettier-ignore
    expect(rates[0]).toMatchObject({ time: 20_000 })
    expect(rates.at(-1)).toMatchObject({ time: 1_200_000, value: 1 })
  })
})

describe('points that are not used', () => {
  it('are counted by reason, and change nothing', () => {
    const level = { name: 'queue', unit: '{message}' }
    const records = [
      ...each([10, 20], (at) => gauge(level, number(at, { at }))),
      [20, exported(gauge(level, number(99, { at: 20 })))],
      [20, exported(gauge(level, number(99, { at: 15 })))],
      [20, exported(gauge(level, number(NaN, { at: 25 }), number(Infinity, { at: 26 })))],
      [20, exported(gauge(level, number(99, { at: 3600 })))],
      [20, exported(sum(BYTES, CUMULATIVE, number(-1, { at: 20 })))],
      [20, exported(sum(BYTES, 0, number(1, { at: 20 })))],
      [20, resource({}, gauge(level, number(1, { at: 20 })))],
    ] as const
    const { gathering, of } = gathered(records)
    expect(of('queue')).toEqual([[10, 10, undefined], [20, 20, undefined]]) // prettier-ignore
    expect(gathering.unused).toEqual({ repeated: 1, disordered: 1, notNumbers: 2, future: 1, negative: 1, unsupported: 1, unnamed: 1, beyond: 0 }) // prettier-ignore
  })

  it('are those under names that no database or view could hold', () => {
    const point = number(1, { at: 10 })
    const long = 'x'.repeat(256)
    const records = [
      [10, resource({ 'service.name': 'ca\0rt' }, gauge({ name: 'queue' }, point))],
      [10, resource({ 'service.name': long }, gauge({ name: 'queue' }, point))],
      [10, resource({ ...CART, 'k8s.namespace.name': 'shop\n' }, gauge({ name: 'queue' }, point))],
      [10, exported(gauge({ name: 'que\0ue' }, point), gauge({ name: long }, point), gauge({ name: 'queue', unit: '\0' }, point))], // prettier-ignore
      [10, exported(gauge({ name: 'queue' }, point))],
    ] as const
    const { gathering, of } = gathered(records)
    expect(gathering.unused.unnamed).toBe(6)
    expect(gathering.owners()).toEqual([{ service: 'cart', namespace: null }])
    expect(of('queue')).toEqual([[10, 1, undefined]])
  })

  it('are those of histograms without bounds, which would say that nothing was requested', () => {
    const records = each([20, 30], (at) => histogram(REQUESTS, DELTA, buckets([], [], { at, since: at - 10 })))
    const { gathering, of } = gathered(records)
    expect(of('request_rate')).toEqual([])
    expect(gathering.unused.unsupported).toBe(2)
  })

  it('are those of services that nobody watches', () => {
    const records = each([10], (at) => gauge({ name: 'queue' }, number(1, { at })))
    const { gathering, of } = gathered(records, { isOwned: ({ service }) => service !== 'cart' })
    expect(of('queue')).toEqual([])
    expect(gathering.owners()).toEqual([])
  })

  it('are those of more attribute sets than the limit, which is told once', () => {
    const points = Array.from({ length: 10_000 }, (_, user) =>
      number(1, { at: 10, attributes: { user: String(user) } }),
    )
    const records = [10, 20].map((at) => [at, exported(gauge({ name: 'cache.size' }, ...points.map((one) => ({ ...one, timeUnixNano: at * 1e9 }))))] as const) // prettier-ignore
    const { gathering } = gathered(records)
    expect(gathering.unused.beyond).toBe(2 * 9_000)
    expect(gathering.takeCut()).toEqual(['cart cache.size'])
    expect(gathering.takeCut()).toEqual([])
  })
})

describe('a series', () => {
  it('in another unit is another one', () => {
    const records = [
      ...each([10], (at) => gauge({ name: 'memory', unit: 'MiBy' }, number(1, { at }))),
      ...each([20], (at) => gauge({ name: 'memory', unit: 'By' }, number(1_048_576, { at }))),
    ]
    expect(gathered(records).of('memory')).toEqual([[10, 1, 'MiBy'], [20, 1_048_576, 'By']]) // prettier-ignore
  })

  it('of levels under several attributes is the worst of them', () => {
    const disk = (device: string, value: number) => number(value, { at: 10, attributes: { device } })
    const records = [[10, exported(gauge({ name: 'disk.utilization' }, disk('a', 0.2), disk('b', 0.9)), gauge({ name: 'disk.free' }, disk('a', 70), disk('b', 5)))]] as const // prettier-ignore
    expect(gathered(records).of('disk.utilization')).toEqual([[10, 0.9, undefined]])
    expect(gathered(records).of('disk.free')).toEqual([[10, 5, undefined]])
  })

  it('falls silent with its instance, which is not a fall to zero', () => {
    const two = ['a', 'b'].flatMap(
      (instance) =>
      each(instance === 'a' ? [20, 30, 40, 50] : [20, 30], (at) => sum({ name: 'jobs' }, DELTA, number(10, { at, since: at - 10 })), { ...CART, 'host.name': instance }), // prettier-ignore
    )
    expect(gathered(two).of('jobs').map(([second, rate]) => [second, rate])).toEqual([20, 30, 40, 50].map((at) => [at, 1])) // prettier-ignore
  })

  it('belongs to the service and namespace that the mapping says, and is apart from the one in another namespace', () => {
    const mapping = { names: { cart: 'cart-prod' }, serviceLabels: ['app'], namespaceLabel: 'team' }
    const records = ['one', 'two'].map((team, at) => [10, resource({ app: 'cart-prod', 'service.name': 'x', team }, gauge({ name: 'queue' }, number(at, { at: 10 })))] as const) // prettier-ignore
    const { gathering, of } = gathered(records, { mapping })
    expect(gathering.owners()).toEqual([{ service: 'cart', namespace: 'one' }, { service: 'cart', namespace: 'two' }]) // prettier-ignore
    expect(of('queue', 'cart', 'two')).toEqual([[10, 1, undefined]])
    expect(of('queue', 'cart', null)).toEqual([[10, 0, undefined]])
  })
})
