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
