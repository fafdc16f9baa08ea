/** Lists services from metrics alone. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHttp } from '../../agents/tools/http.ts'
import { withoutControlPlane } from '../../agents/tools/without-control-plane.ts'
import { openMetrics, startPrometheus } from '../servers/prometheus.ts'
import { samples } from './measured-service.ts'

const context = { signal: new AbortController().signal }
const counted = (name: string, labels: Record<string, string>) => [...samples(name, labels, (elapsed) => elapsed)]
const CPU = 'process_cpu_seconds_total'

let measured: Awaited<ReturnType<typeof startPrometheus>>
let contained: typeof measured
let busy: typeof measured
beforeAll(async () => {
  measured = await startPrometheus({
    openMetrics: openMetrics([
      // one service under two labels in many series, and its process under one of them
      ...Array.from({ length: 60 }, (_, route) =>
        counted('http_requests_total', { service: 'pay', job: 'pay-svc', namespace: 'money', route: `/${route}` }),
      ).flat(),
      ...counted(CPU, { job: 'pay-svc', instance: 'a:1' }),
      ...counted('grpc_server_handled_total', { job: 'stock', namespace: 'eu' }),
      ...counted('grpc_server_handled_total', { job: 'stock', namespace: 'us' }),
      ...counted('http_server_request_duration_seconds_count', { service_name: 'mail', job: 'ns/mail' }),
      ...counted(CPU, { job: 'batch', instance: 'b:1' }),
      ...counted('container_cpu_usage_seconds_total', { container: 'sidecar', pod: 'pay-1' }),
      ...counted('unrelated_total', { service: 'nothing' }),
    ]),
  })
  const requests = (service: string, perSecond: number) =>
    samples('http_requests_total', { service }, (elapsed) => elapsed * perSecond)
  busy = await startPrometheus({
    openMetrics: openMetrics([
      ...[requests('a-low', 1), requests('m-high', 90), requests('z-mid', 8)].flatMap((one) => [...one]),
      ...counted(CPU, { job: 'batch', instance: 'b:1' }),
    ]),
  })
  contained = await startPrometheus({
    openMetrics: openMetrics(
      ['', 'POD', 'web', 'api'].flatMap((container) =>
        counted('container_cpu_usage_seconds_total', { container, pod: 'x' }),
      ),
    ),
  })
}, 300_000)
afterAll(() => Promise.all([measured, contained, busy].map((one) => one?.stop())))

const toolAt = (url: string, mapping = {}) =>
  withoutControlPlane({ http: createHttp({ baseUrl: url, timeoutMs: 60_000 }), mapping })

test('a service is listed once, by its best label, with its namespace if it has one', async () => {
  const { status, data, summary } = await toolAt(measured.url).resources({ service: null }, context)
  expect({ status, summary }).toEqual({ status: 'ok', summary: '4 services' })
  const places = data?.map(({ service_name, namespace }) => [service_name, namespace])
  expect(places?.sort()).toEqual([
    ['batch', null],
    ['mail', null],
    ['pay', 'money'],
    ['stock', null],
  ])
  const one = await toolAt(measured.url).resources({ service: 'stock' }, context)
  expect(one.data).toMatchObject([{ service_name: 'stock', depends_on: null, image_tag: null }])
  expect((await toolAt(measured.url).resources({ service: 'nothing' }, context)).status).toBe('no_data')
})

test('services with the most requests come first, because a diagnosis covers a limited number', async () => {
  const { data } = await toolAt(busy.url).resources({ service: null }, context)
  expect(data?.map(({ service_name }) => service_name)).toEqual(['m-high', 'z-mid', 'a-low', 'batch'])
})

test('uses the configured labels and names', async () => {
  const mapping = { serviceLabels: ['job'], names: { payments: 'pay-svc' } }
  const { data } = await toolAt(measured.url, mapping).resources({ service: null }, context)
  expect(data?.map(({ service_name }) => service_name).sort()).toEqual(['batch', 'ns/mail', 'payments', 'stock'])
})

test('without request or process metrics, containers are listed as services, without pod sandboxes', async () => {
  const { data } = await toolAt(contained.url).resources({ service: null }, context)
  expect(data?.map(({ service_name }) => service_name).sort()).toEqual(['api', 'web'])
})

test('missing metrics are unknown, not a failure', async () => {
  const none = withoutControlPlane({ http: null })
  const range = { start: 0, end: 1 }
  for (const asked of [
    none.resources({ service: null }, context),
    none.auditLogs({ services: ['a'], range }, context),
    none.alerts({ range }, context),
    none.incident('i', context),
    none.deployment('d', context),
  ])
    expect(await asked).toMatchObject({ status: 'no_data', summary: expect.stringContaining('no control-plane') })
})
