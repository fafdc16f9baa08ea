import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createHttp } from '../../agents/tools/http.ts'
import { prometheusMetrics } from '../../agents/tools/prometheus/prometheus.ts'
import type { MetricsAnswer, MetricsQuery } from '../../agents/tools/tools.ts'
import { openMetrics, type Sample, startPrometheus } from '../servers/prometheus.ts'
import { type Between, between } from './between.ts'
import { END, FAULT, requests, samples, START } from './measured-service.ts'

const elapsedAtFault = FAULT - START
/** A counter with one rate before the fault and another after. */
const growing = (before: number, during: number) => (elapsed: number) =>
  before * Math.min(elapsed, elapsedAtFault) + during * Math.max(0, elapsed - elapsedAtFault)

const mesh = (workload: string, code: string) => ({ destination_workload: workload, reporter: 'destination', response_code: code }) // prettier-ignore
const grpcInMesh = (status: string) => ({ ...mesh('currency', '200'), grpc_response_status: status })
const spring = (application: string) => ({ application, status: '200' })

/** Samples of the first minutes only. */
const stale = (series: Pick<Sample, 'name' | 'labels'>): Sample[] =>
  [0, 15, 30, 45, 60, 75, 90, 105, 120].map((elapsed) => ({ ...series, seconds: START + elapsed, value: elapsed * 10 }))

const history = openMetrics([
  ...samples('istio_requests_total', grpcInMesh('0'), growing(10, 4)),
  ...samples('istio_requests_total', grpcInMesh('5'), growing(0, 1)),
  ...samples('istio_requests_total', grpcInMesh('14'), growing(0, 5)),
  ...samples('istio_requests_total', mesh('currency', '503'), growing(0, 2)),
  ...samples('http_server_requests_seconds_count', spring('billing'), growing(10, 10)),
  ...samples('http_server_requests_seconds_sum', spring('billing'), growing(0.2, 9)),
  ...samples('http_server_requests_seconds_max', spring('billing'), (elapsed) => (elapsed > elapsedAtFault ? 2 : 0.05)),
  ...requests({
    counter: 'http_server_requests_seconds_count',
    buckets: 'http_server_requests_seconds_bucket',
    labels: { application: 'bucketed' },
    good: { status: '200' },
    failed: { status: '500' },
  }),
  ...samples('http_server_requests_seconds_sum', spring('bucketed'), growing(1, 1)),
  ...samples('http_server_requests_seconds_count', spring('counted'), growing(10, 10)),
  ...requests({
    counter: 'http.server.request.duration_seconds_count',
    buckets: 'http.server.request.duration_seconds_bucket',
    labels: { 'service.name': 'dotted', 'k8s.namespace.name': 'shop' },
    good: { 'http.response.status_code': '200' },
    failed: { 'http.response.status_code': '500' },
  }),
  ...samples('http_server_request_duration_seconds_count', { service_name: 'hung', http_response_status_code: '200' }, growing(10, 5)), // prettier-ignore
  ...samples('http_server_request_duration_seconds_count', { service_name: 'hung', error_type: 'timeout' }, growing(0, 5)), // prettier-ignore
  // cAdvisor reports the pod, its sandbox, and its containers
  ...[
    ['app', 0.25],
    ['istio-proxy', 0.05],
    ['POD', 0],
    [undefined, 0.3],
  ].flatMap(([container, cores]) => {
    const labels = { pod: 'checkout-5d9c7b6f4-x2k8p', namespace: 'shop', id: `/pod/${container}`, ...(container === undefined ? {} : { container: String(container) }) } // prettier-ignore
    return [
      ...samples('container_cpu_usage_seconds_total', labels, (elapsed) => Number(cores) * elapsed),
      ...samples('container_memory_working_set_bytes', labels, () => Number(cores) * 1e9),
      ...(container === undefined ? samples('container_network_receive_bytes_total', labels, (elapsed) => elapsed * 100) : []), // prettier-ignore
      ...(container === undefined ? samples('container_network_transmit_bytes_total', labels, (elapsed) => elapsed * 50) : []), // prettier-ignore
    ]
  }),
  ...['10.0.0.8:8080', '10.0.0.9:8080'].flatMap((instance) => [
    ...samples('kube_deployment_status_replicas_unavailable', { deployment: 'ledger', instance }, (elapsed) => (elapsed > elapsedAtFault ? 1 : 0)), // prettier-ignore
    ...samples('kube_pod_container_status_restarts_total', { container: 'ledger', pod: 'ledger-0', instance }, (elapsed) => (elapsed > 1500 ? 4 : 3)), // prettier-ignore
    ...samples('kube_pod_container_status_waiting', { container: 'ledger', pod: 'ledger-0', instance }, (elapsed) => (elapsed > elapsedAtFault ? 1 : 0)), // prettier-ignore
  ]),
  ...samples('node_cpu_seconds_total', { instance: 'nas:9100', mode: 'idle' }, (elapsed) => elapsed * 0.5),
  ...[
    ['/data', 'ext4', 40e9, 0],
    ['/boot', 'ext4', 5e9, 0],
    ['/', 'erofs', 0, 1],
    ['/media', 'iso9660', 0, 1],
    ['/mnt/sealed', 'ext4', 0, 1],
    ['/run', 'tmpfs', 5e9, 0],
    ['/dev/shm', 'tmpfs', 90e9, 0],
  ].flatMap(([mountpoint, fstype, free, readonly]) => {
    const labels = { instance: 'nas:9100', device: `/dev${mountpoint}`, mountpoint: String(mountpoint), fstype: String(fstype) } // prettier-ignore
    return [
      ...samples('node_filesystem_avail_bytes', labels, (elapsed) => Number(free) - (mountpoint === '/data' ? elapsed * 1e7 : 0)), // prettier-ignore
      ...samples('node_filesystem_size_bytes', labels, () => 100e9),
      ...samples('node_filesystem_readonly', labels, () => Number(readonly)),
    ]
  }),
  ...['data-orders-0', 'data-orders-1', 'data-my-orders-0', 'orders-archive-0'].flatMap((claim, at) => [
    ...samples('kubelet_volume_stats_used_bytes', { persistentvolumeclaim: claim, namespace: 'shop' }, () => (at + 5) * 1e9), // prettier-ignore
    ...samples('kubelet_volume_stats_capacity_bytes', { persistentvolumeclaim: claim, namespace: 'shop' }, () => 10e9),
  ]),
  // a label and a convention that were abandoned half an hour ago
  ...stale({ name: 'http_requests_total', labels: { service: 'moved', code: '200' } }),
  ...samples('http_requests_total', { app: 'moved', code: '200' }, growing(10, 10)),
  ...stale({ name: 'http_server_request_duration_seconds_count', labels: { service_name: 'moved', http_response_status_code: '200' } }), // prettier-ignore
  ...stale({ name: 'http_requests_total', labels: { service: 'gone', code: '200' } }),
])

const context = { signal: new AbortController().signal }
const range = { start: FAULT * 1000 + 90_000, end: END * 1000 }
const baseline = { start: START * 1000 + 90_000, end: FAULT * 1000 }
const byName = (data: MetricsAnswer | null) =>
  Object.fromEntries((data?.comparison ?? []).map((one) => [one.indicator, one]))

describe('metrics with unusual conventions', () => {
  let prometheus: Awaited<ReturnType<typeof startPrometheus>>
  let standing: Between
  beforeAll(async () => {
    prometheus = await startPrometheus({ openMetrics: history })
    standing = await between(prometheus.url)
  }, 300_000)
  afterAll(async () => {
    await standing?.close()
    await prometheus?.stop()
  })
  beforeEach(() => (standing.meddle = () => null))

  const signals = (service: string, more: Partial<MetricsQuery> = {}) =>
    prometheusMetrics({ http: createHttp({ baseUrl: standing.url, timeoutMs: 60_000 }) }).goldenSignals(
      { service, range, baseline, ...more },
      context,
    )

  it('include gRPC failures in a mesh, which have HTTP status 200, besides HTTP failures', async () => {
    const by = byName((await signals('currency')).data)
    expect(by['error_ratio']?.before).toBe(0)
    expect(by['error_ratio']?.during).toBeCloseTo(7 / 12, 2)
    expect(by['error_rate']?.during).toBeCloseTo(7, 1)
  })

  it('count a request with an error type but no status as failed', async () => {
    const by = byName((await signals('hung')).data)
    expect(by['error_ratio']).toMatchObject({ before: 0 })
    expect(by['error_ratio']?.during).toBeCloseTo(0.5, 2)
  })

  it('include mean and maximum latency without buckets, whatever other services have', async () => {
    const { data, warnings } = await signals('billing')
    const by = byName(data)
    expect(by['latency_mean']).toMatchObject({ unit: 'ms' })
    expect(by['latency_mean']?.before).toBeCloseTo(20, 1)
    expect(by['latency_mean']?.during).toBeCloseTo(900, 0)
    expect(by['latency_max']).toMatchObject({ unit: 'ms', before: 50, during: 2000 })
    expect(warnings).toEqual([])
    expect(Object.keys(byName((await signals('bucketed')).data)).sort()).toEqual(
      ['error_rate', 'error_ratio', 'latency_p50', 'latency_p95', 'latency_p99', 'request_rate'].sort(),
    )
  })

  it('are reported to lack latency if requests are only counted', async () => {
    expect((await signals('counted')).warnings).toEqual([
      'latency of counted is not measured: http_server_requests_seconds_count has no histogram, sum or maximum beside it',
    ])
    expect((await signals('counted', { indicator: 'request_rate' })).warnings).toEqual([])
  })

  it('are found under dotted OTLP names', async () => {
    const { data, warnings } = await signals('dotted', { namespace: 'shop' })
    expect(warnings).toEqual([])
    const by = byName(data)
    expect(data?.profile).toBe('otel-http')
    expect(by['request_rate']?.during).toBeCloseTo(10, 0)
    expect(by['error_ratio']?.during).toBeCloseTo(0.2, 1)
    expect(by['latency_p95']?.during).toBeGreaterThan(500)
  })

  it('count container usage once, though pod and exporters report it too', async () => {
    const by = byName((await signals('checkout', { signals: ['saturation', 'usage'] })).data)
    expect(by['cpu']?.during).toBeCloseTo(0.3, 3)
    expect(by['memory']?.during).toBeCloseTo(0.3e9, -3)
    expect(by['network']?.during).toBeCloseTo(150, 1)
  })

  it('count replicas and restarts once, though two exporters report them', async () => {
    const { data } = await signals('ledger')
    const by = byName(data)
    expect(by['replicas_unavailable']).toMatchObject({ before: 0, during: 1 })
    expect(by['containers_waiting']).toMatchObject({ before: 0, during: 1 })
    const restarts = data?.series.find(({ indicator }) => indicator === 'restarts')
    expect(Math.max(...(restarts?.values ?? []))).toBe(1)
  })

  it('include each file system of a host, except those full by design', async () => {
    const { data } = await signals('nas', { indicator: 'disk' })
    expect(data?.series.map(({ instance }) => instance).sort()).toEqual(['nas:9100 /boot', 'nas:9100 /data'])
    const filling = data?.series.find(({ instance }) => instance === 'nas:9100 /data')
    expect(filling?.values.at(-1)! - filling?.values[0]!).toBeGreaterThan(0.1)
  })

  it('names the file systems of a host that are not measured, unless they are images or have space left', async () => {
    const { warnings } = await signals('nas', { indicator: 'disk' })
    expect(warnings).toEqual([
      'disk of nas not measured for: /mnt/sealed of nas:9100 (ext4, read-only, 100 % used); /run of nas:9100 (tmpfs, in memory, 95 % used)',
    ])
  })

  it('include the disk of each of its volume claims', async () => {
    const { data } = await signals('orders')
    expect(data?.series.map(({ instance, values }) => [instance, values.at(-1)])).toEqual([
      ['data-orders-0', 0.5],
      ['data-orders-1', 0.6],
    ])
  })

  it('use the label and convention with recent samples, or those it last had', async () => {
    const { data } = await signals('moved')
    expect(data?.profile).toBe('http-requests')
    expect(byName(data)['request_rate']?.during).toBeCloseTo(10, 0)
    expect((await signals('gone')).data?.series.map(({ indicator }) => indicator)).toContain('request_rate')
  })

  it.each([
    ['its series alone', 403, (path: string) => path.endsWith('/series')],
    ['anything', 403, () => true],
    ['anything', 405, () => true],
  ])('are queried by GET if POST is refused for %s with %i', async (_what, status, refuses) => {
    standing.meddle = (path, _form, _body, method) =>
      method === 'POST' && refuses(path) ? { status, body: 'Posts not allowed' } : null
    const { data, warnings } = await signals('moved')
    expect(byName(data)['request_rate']?.during).toBeCloseTo(10, 0)
    expect(warnings.join()).not.toContain('Posts not allowed')
  })

  it('fail if GET is refused too', async () => {
    standing.meddle = () => ({ status: 403, body: 'no rights to read' })
    expect(await signals('moved')).toMatchObject({ status: 'failed' })
  })

  it.each([
    ['no patterns of names', 400, (form: URLSearchParams) => form.get('match[]')?.includes('=~') ?? false],
    ['no labels', 404, () => true],
  ])('are found on a server that knows %s', async (_what, status, refuses) => {
    standing.meddle = (path, form) =>
      path.endsWith('/label/__name__/values') && refuses(form) ? { status, body: '{"status":"error"}' } : null
    const { data, warnings } = await signals('billing')
    expect(byName(data)['request_rate']?.during).toBeCloseTo(10, 0)
    expect(byName(data)['latency_mean']?.during).toBeCloseTo(900, 0)
    expect(warnings).toEqual([])
  })

  it('have one ascending series if the server returns it in two parts', async () => {
    standing.meddle = (path, _form, body) => {
      if (!path.endsWith('/query_range')) return null
      const answer = JSON.parse(body) as { data: { result: { values: unknown[] }[] } }
      const pieces = answer.data.result.flatMap((one) => [
        { ...one, values: one.values.filter((_, at) => at % 2 === 1) },
        { ...one, values: one.values.filter((_, at) => at % 2 === 0) },
      ])
      return { body: JSON.stringify({ ...answer, data: { ...answer.data, result: pieces } }) }
    }
    const { data } = await signals('moved', { indicator: 'request_rate', baseline: undefined as never })
    expect(data?.series).toHaveLength(1)
    const times = data?.series[0]?.times ?? []
    expect(times.length).toBeGreaterThan(100)
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
  })

  it("report the server's note once, though each query words it with other numbers", async () => {
    let asked = 0
    standing.meddle = (path, _form, body) => {
      if (!path.endsWith('/query_range')) return null
      asked += 1
      const note = `PromQL info: buckets were fixed, with a difference of 0.${asked} (1:${asked})`
      return {
        body: JSON.stringify({ ...(JSON.parse(body) as object), infos: [note], warnings: [`store ${asked} is away`] }),
      }
    }
    const { warnings } = await signals('billing')
    expect(warnings.filter((one) => one.startsWith('PromQL info'))).toHaveLength(1)
    expect(warnings.filter((one) => one.startsWith('store')).length).toBeGreaterThan(5)
  })
})
