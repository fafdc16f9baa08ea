import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { createHttp } from '../../agents/tools/http.ts'
import { type PrometheusOptions, prometheusMetrics } from '../../agents/tools/prometheus/prometheus.ts'
import { requestProfiles } from '../../agents/tools/prometheus/profiles.ts'
import { resourceProfiles } from '../../agents/tools/prometheus/resources.ts'
import type { MetricsAnswer } from '../../agents/tools/tools.ts'
import { openMetrics, startPrometheus } from '../servers/prometheus.ts'
import { END, FAULT, type Measured, requests, samples, START } from './measured-service.ts'
import { shapes } from './metric-shapes.ts'

const DAY = 24 * 3600
const shape = (profile: string): Measured => shapes[profile]!
const [istio, classic] = [shape('istio'), shape('http-requests')]

const history = openMetrics([
  ...Object.values(shapes).flatMap((shape) => [...requests(shape)]),
  // the caller's side reports the same requests
  ...requests({ ...istio, labels: { ...istio.labels, reporter: 'source' } }),
  ...requests({ ...istio, labels: { destination_workload: 'outside', reporter: 'source' } }),
  ...requests({ ...classic, labels: { app: 'rare' }, everyS: 60 }),
  ...requests({ ...classic, labels: { app: 'young' }, everyS: 1, start: END - 50 }),
  ...requests({ ...classic, labels: { app: 'weekly' } }),
  ...requests({
    ...classic,
    labels: { app: 'weekly' },
    start: START - 7 * DAY,
    end: START - 7 * DAY + 1800,
    faultAt: END,
  }),
  ...requests({ ...classic, labels: { app: 'twice', namespace: 'blue' } }),
  ...requests({ ...classic, labels: { app: 'twice', namespace: 'green' } }),
  ...samples('http_requests_total', { job: 'mute' }, (elapsed) => elapsed * 10),
  ...samples('http_requests_total', { job: 'slashed', path: 'a' }, (elapsed) => elapsed),
  ...samples('container_cpu_usage_seconds_total', { container: 'server', pod: 'ads-7d9f8b6c5d-x2x4z' }, (elapsed) => elapsed * 0.4), // prettier-ignore
  ...samples('container_memory_working_set_bytes', { container: 'server', pod: 'ads-7d9f8b6c5d-x2x4z' }, () => 256e6),
  ...samples('container_spec_memory_limit_bytes', { container: 'server', pod: 'ads-7d9f8b6c5d-x2x4z' }, () => 512e6),
  ...samples('container_cpu_usage_seconds_total', { container: 'server', pod: 'ads-other-service-0-1-2-3' }, (elapsed) => elapsed * 9), // prettier-ignore
  ...samples('kube_pod_container_status_restarts_total', { container: 'server', pod: 'ads-7d9f8b6c5d-x2x4z' }, (elapsed) => Math.floor(elapsed / 300)), // prettier-ignore
  ...samples('kube_deployment_status_replicas_unavailable', { deployment: 'ads' }, (elapsed) => (elapsed > 1200 ? 2 : 0)), // prettier-ignore
  ...samples('container_cpu_usage_seconds_total', { container: 'queue' }, (elapsed) => elapsed * 0.4),
  ...samples('container_cpu_cfs_throttled_periods_total', { container: 'queue' }, (elapsed) => elapsed * 5),
  ...samples('container_cpu_cfs_periods_total', { container: 'queue' }, (elapsed) => elapsed * 10),
  ...samples('container_fs_usage_bytes', { container: 'queue' }, () => 9e9),
  ...samples('container_fs_limit_bytes', { container: 'queue' }, () => 10e9),
  ...samples('container_spec_cpu_quota', { container: 'queue' }, () => 80_000),
  ...samples('container_spec_cpu_period', { container: 'queue' }, () => 100_000),
  ...samples('container_network_receive_bytes_total', { container: 'queue' }, (elapsed) => elapsed * 1000),
  ...samples('container_network_transmit_bytes_total', { container: 'queue' }, (elapsed) => elapsed * 500),
  ...samples('node_network_receive_bytes_total', { instance: 'worker-1:9100', device: 'eth0' }, (elapsed) => elapsed * 2e5), // prettier-ignore
  ...samples('node_network_transmit_bytes_total', { instance: 'worker-1:9100', device: 'eth0' }, (elapsed) => elapsed * 1e5), // prettier-ignore
  ...samples('node_network_speed_bytes', { instance: 'worker-1:9100', device: 'eth0' }, () => 1e6),
  ...samples('kube_pod_container_status_restarts_total', { container: 'queue' }, () => 1),
  ...samples('kube_pod_container_status_waiting', { container: 'queue', pod: 'queue-0' }, (elapsed) => (elapsed > 1200 ? 1 : 0)), // prettier-ignore
  ...samples('process_cpu_seconds_total', { job: 'worker' }, (elapsed) => elapsed * 0.2),
  ...samples('process_resident_memory_bytes', { job: 'worker' }, () => 64e6),
  ...samples('node_cpu_seconds_total', { instance: 'worker-1:9100', mode: 'idle' }, (elapsed) => elapsed * 0.25),
  ...samples('node_memory_MemAvailable_bytes', { instance: 'worker-1:9100' }, () => 2e9),
  ...samples('node_memory_MemTotal_bytes', { instance: 'worker-1:9100' }, () => 8e9),
  ...samples('node_filesystem_avail_bytes', { instance: 'worker-1:9100', mountpoint: '/', fstype: 'ext4' }, () => 1e9),
  ...samples('node_filesystem_size_bytes', { instance: 'worker-1:9100', mountpoint: '/', fstype: 'ext4' }, () => 10e9),
])

const context = { signal: new AbortController().signal }
const range = { start: FAULT * 1000 + 90_000, end: END * 1000 }
const baseline = { start: START * 1000 + 90_000, end: FAULT * 1000 }

describe('how a service is measured', () => {
  let prometheus: Awaited<ReturnType<typeof startPrometheus>>
  beforeAll(async () => {
    prometheus = await startPrometheus({ openMetrics: history })
  }, 300_000)
  afterAll(() => prometheus?.stop())

  const signals = async (service: string, more: object = {}, options: Partial<PrometheusOptions> = {}) => {
    const tool = prometheusMetrics({ http: createHttp({ baseUrl: prometheus.url, timeoutMs: 60_000 }), ...options })
    return tool.goldenSignals({ service, range, baseline, ...more }, context)
  }
  const byName = (data: MetricsAnswer | null) =>
    Object.fromEntries((data?.comparison ?? []).map((one) => [one.indicator, one]))

  it.each(Object.entries(shapes))('is found to be %s, in uniform units', async (profile, { service }) => {
    const { data, warnings } = await signals(service)
    expect(data?.profile.split('+')[0]).toBe(profile)
    expect(warnings).toEqual([])
    const by = byName(data)
    expect(Object.keys(by).sort()).toEqual(
      ['error_rate', 'error_ratio', 'latency_p50', 'latency_p95', 'latency_p99', 'request_rate'].sort(),
    )
    expect(by['request_rate']).toMatchObject({ unit: '1/s' })
    expect(by['request_rate']?.before).toBeCloseTo(10, 0)
    expect(by['request_rate']?.during).toBeCloseTo(10, 0)
    expect(by['error_rate']?.before).toBe(0)
    expect(by['error_rate']?.during).toBeCloseTo(2, 0)
    expect(by['error_ratio']?.before).toBe(0)
    expect(by['error_ratio']?.during).toBeCloseTo(0.2, 1)
    expect(by['latency_p95']).toMatchObject({ unit: 'ms' })
    expect(by['latency_p95']?.before).toBeGreaterThan(10)
    expect(by['latency_p95']?.before).toBeLessThan(100)
    expect(by['latency_p95']?.during).toBeGreaterThan(500)
    expect(by['latency_p95']?.during).toBeLessThanOrEqual(1000)
  })

  it("counts a request once that both sides of the mesh report, and uses the caller's side if it is the only one", async () => {
    const { query } = await signals('payment', { indicator: 'request_rate' })
    expect(query).toContain('reporter="destination"')
    const outside = await signals('outside', { indicator: 'request_rate' })
    expect(outside.data?.comparison[0]?.during).toBeCloseTo(10, 0)
  })

  it('does not report zero errors if failed requests cannot be told apart', async () => {
    const { data, warnings } = await signals('mute')
    expect(Object.keys(byName(data))).toEqual(['request_rate'])
    expect(warnings).toEqual([
      'http_requests_total has no status label: errors are unknown',
      'latency of mute is not measured: http_requests_total has no histogram, sum or maximum beside it',
    ])
  })

  it('works with one scrape per minute', async () => {
    const { data, query } = await signals('rare')
    expect(query).toMatch(/\[2[34]\ds\]/)
    expect(byName(data)['request_rate']?.during).toBeCloseTo(10, 0)
  })

  it('uses a rate window no longer than needed, though there are few samples', async () => {
    const { query } = await signals(
      'young',
      { range: { start: (END - 60) * 1000, end: END * 1000 }, stepS: 1 },
      { rateWindowS: 5 },
    )
    expect(query).toContain('[5s]')
  })

  it('compares with a week ago without querying the week between', async () => {
    const weekAgo = { start: baseline.start - 7 * DAY * 1000, end: baseline.end - 7 * DAY * 1000 }
    const { data } = await signals('weekly', { baseline: weekAgo, indicator: 'latency_p95' })
    const [series] = data?.series ?? []
    expect(byName(data)['latency_p95']?.before).toBeLessThan(100)
    expect(byName(data)['latency_p95']?.during).toBeGreaterThan(500)
    expect(series?.times.some((time) => time > weekAgo.end + 60_000 && time < range.start - 60_000)).toBe(false)
    expect(series?.times.filter((time) => time >= range.start).length).toBeGreaterThan(100)
  })

  it('is filtered by its namespace', async () => {
    const rate = async (namespace: string | null) =>
      byName((await signals('twice', { namespace, indicator: 'request_rate' })).data)['request_rate']?.during
    expect(await rate('blue')).toBeCloseTo(10, 0)
    expect(await rate(null)).toBeCloseTo(20, 0)
  })

  it('has no data in another namespace, and says where it is', async () => {
    expect(await signals('twice', { namespace: 'red' })).toMatchObject({
      status: 'no_data',
      summary: 'no metrics of twice in namespace red under any known convention',
      warnings: ['http_requests_total of twice is not in namespace red, but in blue, green'],
    })
  })

  it('is read in all namespaces, with a warning, if there is no namespace label', async () => {
    const { data, warnings } = await signals('cart', { namespace: 'red', indicator: 'request_rate' })
    expect(byName(data)['request_rate']?.during).toBeCloseTo(10, 0)
    expect(warnings).toEqual(['http_requests_total has no namespace label: not filtered by red'])
    expect((await signals('worker-1', { namespace: 'red' })).warnings).toEqual([])
  })

  it("is found by its own pods' names only", async () => {
    const { data } = await signals('ads')
    expect(data?.profile).toBe('cadvisor+kube-state+kube-state-pods')
    const by = byName(data)
    expect(by['cpu']?.during).toBeCloseTo(0.4, 1)
    expect(by['memory']).toMatchObject({ during: 256e6, unit: 'bytes' })
    expect(by['memory_ratio']).toMatchObject({ during: 0.5, unit: 'ratio' })
    expect(by['replicas_unavailable']).toMatchObject({ before: 0, during: 2 })
    expect(data?.series.map(({ indicator }) => indicator)).toContain('restarts')
    expect(data?.series.map(({ indicator }) => indicator)).not.toContain('disk')
  })

  it('includes usage relative to limits for capacity, but not as a golden signal', async () => {
    const used = byName((await signals('queue', { signals: ['usage'] })).data)
    expect(Object.keys(used).sort()).toEqual(['cpu_ratio', 'network'])
    expect(used['cpu_ratio']).toMatchObject({ unit: 'ratio' })
    expect(used['cpu_ratio']?.during).toBeCloseTo(0.5, 3)
    expect(used['network']?.during).toBeCloseTo(1500, 0)
    const host = byName((await signals('worker-1', { signals: ['usage'] })).data)
    expect(host['network_ratio']?.during).toBeCloseTo(0.3, 3)
    expect(Object.keys(byName((await signals('queue')).data))).not.toContain('cpu_ratio')
  })

  it('includes container and process usage if measured', async () => {
    const by = byName((await signals('queue')).data)
    expect(by['cpu_throttled']?.during).toBeCloseTo(0.5, 1)
    expect(by['disk']).toMatchObject({ during: 0.9, unit: 'ratio' })
    expect(by['containers_waiting']).toMatchObject({ before: 0, during: 1 })
    const { data } = await signals('worker')
    expect(data?.profile).toBe('process')
    expect(byName(data)['cpu']).toMatchObject({ unit: 'cores' })
    expect(byName(data)['cpu']?.during).toBeCloseTo(0.2, 1)
    expect(byName(data)['memory']).toMatchObject({ during: 64e6, unit: 'bytes' })
  })

  it('finds a host by its name without the port', async () => {
    const by = byName((await signals('worker-1')).data)
    expect(by['host_cpu']?.during).toBeCloseTo(0.75, 1)
    expect(by['host_memory']).toMatchObject({ during: 0.75 })
    expect(by['disk']).toMatchObject({ during: 0.9 })
  })

  it('is found by a configured label, with configured PromQL before the conventions', async () => {
    const mapping = {
      serviceLabels: ['path'],
      indicators: { request_rate: '42 * count(http_requests_total{path=$service})' },
    }
    const { data } = await signals('a', {}, { mapping })
    expect(byName(data)['request_rate']?.during).toBe(42)
    const [own] = data?.series.filter(({ indicator }) => indicator === 'request_rate') ?? []
    expect(own, 'in the unit of the one it replaces').toMatchObject({ unit: '1/s' })
  })

  it("treats a service's name literally, not as a pattern", async () => {
    expect(await signals('.*')).toMatchObject({ status: 'no_data' })
    expect(await signals('ads"} or vector(1) #')).toMatchObject({ status: 'no_data' })
  })

  it('distinguishes the series of configured PromQL', async () => {
    const mapping = {
      indicators: { by_namespace: 'sum by (namespace) (rate(http_requests_total{app="twice"}[$window]))' },
    }
    const { data } = await signals('twice', { indicator: 'by_namespace' }, { mapping })
    expect(data?.series.map(({ instance }) => instance).sort()).toEqual(['namespace=blue', 'namespace=green'])
  })

  it('leaves out samples that are not numbers, and says so', async () => {
    const mapping = { indicators: { broken: 'vector(1) / 0', absent: 'vector(0) / 0' } }
    const { data, warnings } = await signals('twice', {}, { mapping })
    const names = data?.series.map(({ indicator }) => indicator)
    expect(names).not.toContain('broken')
    expect(names).not.toContain('absent')
    expect(warnings.join()).toContain('infinite samples were left out of vector(1) / 0')
  })

  it('keeps the other results if one query fails, and says which', async () => {
    const mapping = { indicators: { bad: 'rate(up)' } }
    const { status, warnings } = await signals('cart', {}, { mapping })
    expect(status).toBe('ok')
    expect(warnings.join()).toMatch(/bad of cart could not be queried: 400 .*expected type range vector/)
  })

  it("has a link to open, and the server's warnings", async () => {
    const mapping = { indicators: { rate_of_gauge: 'sum(rate(container_memory_working_set_bytes[5m]))' } }
    const { link, warnings } = await signals('ads', { indicator: 'rate_of_gauge' }, { mapping })
    // the graph page, wherever this version has it
    const page = await fetch(link ?? '', { redirect: 'manual' })
    expect(page.headers.get('location')).toContain('/query?g0.expr=')
    expect(warnings.join()).toContain('metric might not be a counter')
    const elsewhere = await signals('ads', {}, { externalUrl: 'https://prometheus.example/team' })
    expect(elsewhere.link).toMatch(/^https:\/\/prometheus\.example\/team\/graph\?g0\.expr=/)
  })
})

test('every convention is documented, with its metric', () => {
  const manual = readFileSync(join(import.meta.dirname, '../../docs/reference/sources.md'), 'utf8')
  for (const { name, metric, indicators } of [...requestProfiles, ...resourceProfiles]) {
    expect(manual).toMatch(new RegExp(`\\| \`${name}\` +\\| \``))
    expect(manual).toContain(metric.replace(/_count$/, ''))
    for (const { name: indicator } of indicators) expect(manual).toContain(`\`${indicator}\``)
  }
})
