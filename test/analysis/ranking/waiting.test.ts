import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../analysis/diagnose.ts'
import type { Series } from '../../../analysis/observations.ts'
import { randomFrom } from '../../../bench/rankings/measures.ts'

const STEP = 5000
const POINTS = 120
const FAULT = 80 * STEP
const edges = [
  { from: 'web', to: 'cart' },
  { from: 'web', to: 'stock' },
  { from: 'checkout', to: 'stock' },
  { from: 'checkout', to: 'mail' },
]

/** All services have normal latency except `slow` ones, and callers in `waiting` see longer calls. */
function asked(waiting: readonly string[], slow: readonly string[]) {
  const random = randomFrom(11)
  const times = Float64Array.from({ length: POINTS }, (_, index) => index * STEP)
  const series = (service: string, indicator: string, isSlow: boolean): Series => ({
    service,
    indicator,
    times,
    values: times.map((time) => (isSlow && time >= FAULT ? 400 : 20) * (1 + 0.1 * (random() - 0.5))),
  })
  return diagnose({
    window: { start: 0, end: POINTS * STEP },
    series: ['web', 'checkout', 'cart', 'stock', 'mail'].flatMap((service) => [
      series(service, 'client_latency_p95', waiting.includes(service)),
      series(service, 'server_latency_p95', slow.includes(service)),
    ]),
    logs: [],
    spans: [],
    edges,
    changes: [],
  })
}

describe('waiting of callers', () => {
  it('is attributed to the common callee if no callee is slow itself', () => {
    const [first] = asked(['web', 'checkout'], []).rootCauses
    expect(first?.service).toBe('stock')
    expect(first?.explanation.en).toMatch(/its caller is waiting: \w+: client_latency_p95 went from/)
    expect(first?.evidence.length).toBeGreaterThan(0)
  })

  it('is explained by a callee that is slow itself', () => {
    const { rootCauses } = asked(['web'], ['cart'])
    expect(rootCauses[0]?.service).toBe('cart')
    expect(rootCauses[0]?.indicator).toBe('server_latency_p95')
  })

  it('is found in the latency of several callers too, where calls are not measured', () => {
    const [first] = asked([], ['web', 'checkout']).rootCauses
    expect(first?.service).toBe('stock')
    expect(first?.explanation.en).toMatch(/its caller is waiting: \w+: server_latency_p95 went from/)
    expect(first?.evidence.length).toBeGreaterThan(0)
  })

  it('is not found in the latency of one caller of two', () => {
    expect(asked([], ['web']).rootCauses[0]?.service).toBe('web')
  })

  it('is not found where another callee explains the latency of one of them', () => {
    expect(asked([], ['web', 'checkout', 'cart']).rootCauses[0]?.service).not.toBe('stock')
  })
})

const calls = (...pairs: readonly string[]) => pairs.map((pair) => pair.split('>') as [string, string]).map(([from, to]) => ({ from, to })) // prettier-ignore

/** By service, the indicators that rise from the fault on; everything else is steady. */
function ranked(
  services: readonly string[],
  raised: Readonly<Record<string, readonly string[]>>,
  graph: readonly string[],
) {
  const random = randomFrom(11)
  const times = Float64Array.from({ length: POINTS }, (_, index) => index * STEP)
  const { rootCauses } = diagnose({
    window: { start: 0, end: POINTS * STEP },
    series: services.flatMap((service) =>
      ['latency_p95', 'errors_per_second', 'threads_busy'].map((indicator) => ({
        ...{ service, indicator, times },
        values: times.map((time) => (time >= FAULT && raised[service]?.includes(indicator) === true ? 400 : 20) * (1 + 0.1 * (random() - 0.5))), // prettier-ignore
      })),
    ),
    logs: [],
    spans: [],
    edges: calls(...graph),
    changes: [],
  })
  return rootCauses.map(({ service }) => service)
}

describe('trouble that callers share', () => {
  const services = ['web', 'checkout', 'cart', 'stock', 'mail']

  it('points at the callee of several that fail, though it shows no errors itself', () => {
    const raised = { web: ['errors_per_second'], checkout: ['errors_per_second'] }
    expect(ranked(services, raised, ['web>stock', 'web>cart', 'checkout>stock', 'checkout>mail'])[0]).toBe('stock')
  })

  it('of which one calls the other is no proof: the callee of both comes after the one', () => {
    const raised = { web: ['latency_p95'], checkout: ['latency_p95'] }
    const [first, second] = ranked(services, raised, [
      'web>checkout',
      'web>stock',
      'checkout>stock',
      'checkout>mail',
      'cart>mail',
    ])
    expect([first, second]).toEqual(['checkout', 'stock'])
  })

  it('keeps threads busy in a caller that waits, which is no cause', () => {
    const raised = { web: ['latency_p95', 'threads_busy'], stock: ['latency_p95'] }
    expect(ranked(services, raised, ['web>stock', 'checkout>mail'])[0]).toBe('stock')
  })
})
