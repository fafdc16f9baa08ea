/** Own PromQL of the anomaly agent, on a real Prometheus. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ownQueries, withQueries } from '../../agents/anomaly/queries/queries.ts'
import { type Query, readQueries } from '../../agents/anomaly/queries/read-queries.ts'
import type { Source, Target } from '../../agents/anomaly/source.ts'
import { createHttp } from '../../agents/tools/http.ts'
import { readConfig } from '../../cli/config.ts'
import { queriesChecks } from '../../cli/doctor/queries.ts'
import { folder } from '../recording/recording-dir.ts'
import { openMetrics, startPrometheus } from '../servers/prometheus.ts'

const STEP_S = 10
const NOW = Math.floor(Date.now() / 1000 / STEP_S) * STEP_S
const RANGE = { start: (NOW - 60) * 1000, end: (NOW - 40) * 1000 }
const SIGNAL = new AbortController().signal

/** From before the range until after the test. */
const gauge = (name: string, labels: Record<string, string>, value: number) =>
  Array.from({ length: 120 }, (_, at) => ({ name, labels, seconds: NOW - 100 + at * STEP_S, value }))

let prometheus: Awaited<ReturnType<typeof startPrometheus>>
beforeAll(async () => {
  prometheus = await startPrometheus({
    openMetrics: openMetrics([
      ...gauge('orders', { app: 'cart-service', pod: 'cart-1', namespace: 'shop' }, 5),
      ...gauge('orders', { app: 'mail', pod: 'mail-1', namespace: 'other' }, 7),
      ...gauge('jobs', { broker: 'b1' }, 30),
    ]),
  })
})
afterAll(() => prometheus.stop())

const file = async (text: string) => join(await folder({ 'queries.yaml': text }), 'queries.yaml')
const read = async (text: string) => readQueries(await file(text))
const target = (service: string, more: Partial<Target> = {}): Target => ({ tenant: 'default', service, namespace: null, strict: false, ...more }) // prettier-ignore

const asking = (queries: readonly Query[]) => {
  const log = { info: vi.fn(), warn: vi.fn() }
  const own = ownQueries({
    ...{ http: createHttp({ baseUrl: prometheus.url, timeoutMs: 5_000 }), queries, log, spread: 0 },
    mapping: { names: { cart: 'cart-service' } },
  })
  const ask = (targets: Target[], range = RANGE) => own.read(targets, range, STEP_S * 1000, SIGNAL)
  return { own, ask, log }
}

const QUERIES = `queries:
  - { name: orders, expr: orders, service_label: app }
  - { name: jobs_queue, expr: sum(jobs), service: mail, capacity: 40 }
`

describe('own queries', () => {
  it('are watched under the service that a label or the file names, as a share of a capacity', async () => {
    const { ask, own } = asking(await read(QUERIES))
    const samples = await ask([target('cart'), target('mail')])
    const at = (time: number, about: object) => expect.objectContaining({ time: time * 1000, ...about })
    const about = (time: number) => [
      at(time, { service: 'cart', indicator: 'orders', instance: 'cart-1', value: 5 }),
      at(time, { service: 'mail', indicator: 'orders', instance: 'mail-1', value: 7 }),
      at(time, { service: 'mail', indicator: 'jobs_queue', unit: 'ratio', value: 0.75 }),
    ]
    expect(samples).toHaveLength(6)
    expect(samples).toEqual(expect.arrayContaining([NOW - 50, NOW - 40].flatMap(about)))
    expect(own.failing().size).toBe(0)
  })

  it('are about watched services only, and of a tenant with namespaces about its own', async () => {
    const { ask } = asking(await read(QUERIES))
    const servicesOf = async (...targets: Target[]) => (await ask(targets)).map(({ service, indicator }) => `${service} ${indicator}`) // prettier-ignore
    expect(new Set(await servicesOf(target('cart')))).toEqual(new Set(['cart orders']))
    expect(await servicesOf(target('mail', { namespace: 'shop', strict: true }))).toEqual([])
    expect(new Set(await servicesOf(target('mail', { namespace: 'other', strict: true })))).toEqual(new Set(['mail orders'])) // prettier-ignore
  })

  it('do not stop each other: one that is wrong is told once', async () => {
    const { ask, own, log } = asking(await read(`${QUERIES}  - { name: wrong, expr: 'sum(', service: mail }\n`))
    for (const _ of [1, 2]) expect(await ask([target('mail')])).toHaveLength(4)
    expect([...own.failing().keys()]).toEqual(['wrong'])
    expect(log.warn.mock.calls).toEqual([[{ tenant: 'default', query: 'wrong', error: expect.stringContaining('parse error') }, expect.any(String)]]) // prettier-ignore
  })

  it('are asked beside the golden signals, but not for the weeks before the first start', async () => {
    const { own } = asking(await read(QUERIES))
    const sample = { service: 'cart', indicator: 'latency_p95', time: RANGE.end, value: 1 }
    const failures = [{ service: 'mail', why: 'too many samples' }]
    const golden: Source = { read: async () => ({ samples: [sample], failures }) }
    const both = withQueries(golden, own)
    const measured = await both.read([target('cart')], RANGE, STEP_S * 1000, SIGNAL)
    expect(measured).toMatchObject({ samples: [sample, { indicator: 'orders' }, { indicator: 'orders' }], failures })
    const weeks = { start: RANGE.end - 30 * 86_400_000, end: RANGE.end }
    expect((await both.read([target('cart')], weeks, 3_600_000, SIGNAL)).samples).toEqual([sample])
  })

  it('are asked by sre doctor, which says about which services', async () => {
    const doctor = async (text: string) => {
      const config = readConfig({ PROMETHEUS_URL: prometheus.url, ANOMALY_QUERIES_FILE: await file(text) })
      return queriesChecks(config)[0]!.look()
    }
    expect(await doctor(QUERIES)).toMatchObject({ state: 'ok', details: ['orders: 2 series of cart-service, mail', 'jobs_queue: 1 series of mail'] }) // prettier-ignore
    const nothing = `${QUERIES}  - { name: nothing, expr: nothing, service: mail }\n`
    expect(await doctor(nothing)).toMatchObject({ state: 'warning', details: [expect.anything(), expect.anything(), 'nothing: 0 series of no service'] }) // prettier-ignore
    expect(await doctor(`${nothing}  - { name: wrong, expr: 'sum(', service: mail }\n`)).toMatchObject({ state: 'failed', says: { en: '1 of 4 are not answered' } }) // prettier-ignore
  })
})

it('names every mistake in the file at once', async () => {
  const text = `queries:
  - { name: latency_p95, expr: up, service: cart }
  - { name: 'a b', expr: up, service_label: app }
  - { name: orders, expr: '', service: cart, service_label: app }
  - { name: orders, expr: up, service: cart, unit: s, capacity: 5, window: 5m }
  - { name: orders, expr: up, service: cart, unit: s, capacity: 5 }
`
  const told = await read(text).catch((error: unknown) => String(error))
  for (const mistake of [
    'golden signal',
    'must be letters',
    'needs either',
    'window',
    'is not needed with a capacity',
    'must say what the capacity is of',
    'is used twice',
  ])
    // prettier-ignore
    expect(told).toContain(mistake)
})
