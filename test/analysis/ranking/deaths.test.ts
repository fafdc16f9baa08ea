/** A service that is gone: its callers fail and its callees get no requests, but neither is the cause. */
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../analysis/diagnose.ts'
import type { LogLine, Observations, Series } from '../../../analysis/observations.ts'
import { randomFrom } from '../../../bench/rankings/measures.ts'

const STEP = 15_000
const COUNT = 200
const DIED = 160
const edges = [
  { from: 'front', to: 'checkout' },
  { from: 'front', to: 'cart' },
  { from: 'checkout', to: 'payment' },
]

interface Left {
  /** the callee still reports latency and error share */
  keeps?: boolean
  /** another source reports the replicas of the dead service */
  counted?: boolean
  /** index of the sample at which it returns */
  returns?: number
}

/** `checkout` dies: its own series end, `front` fails for it, `payment` gets no requests. */
function shop(seed: number, { keeps = false, counted = false, returns = COUNT }: Left = {}): Series[] {
  const random = randomFrom(seed)
  const isDead = (index: number): boolean => index >= DIED && index < returns
  const series = (
    service: string,
    indicator: string,
    unit: string,
    valueAt: (index: number) => number | null,
  ): Series => {
    const points = Array.from({ length: COUNT }, (_, index) => ({ index, value: valueAt(index) }))
    const told = points.filter(({ value }) => value !== null)
    return {
      service,
      indicator,
      unit,
      times: Float64Array.from(told, ({ index }) => index * STEP),
      values: Float64Array.from(told, ({ value }) => value! * (1 + 0.1 * (random() - 0.5))),
    }
  }
  const of = (service: string, [errors, requests]: [Valued, Valued], isGone: Gone, isUnasked: Gone): Series[] => [
    series(service, 'latency_p95', 'ms', (index) => (isGone(index) || isUnasked(index) ? null : 20)),
    series(service, 'error_ratio', 'ratio', (index) => (isGone(index) || isUnasked(index) ? null : errors(index))),
    series(service, 'request_rate', '1/s', (index) => (isGone(index) ? null : requests(index))),
    series(service, 'cpu', 'cores', (index) => (isGone(index) ? null : 0.2)),
  ]
  const [calm, never]: [Valued, Gone] = [() => 0.001, () => false]
  return [
    ...of('front', [(index) => (isDead(index) ? 0.4 : 0.001), () => 40], never, never),
    ...of('cart', [calm, () => 20], never, never),
    ...of('checkout', [calm, () => 16], isDead, never),
    ...of('payment', [calm, (index) => (isDead(index) ? 0 : 8)], never, (index) => !keeps && isDead(index)),
    ...(counted ? [series('checkout', 'replicas_unavailable', '', (index) => (isDead(index) ? 1 : 0))] : []),
  ]
}
type Valued = (index: number) => number
type Gone = (index: number) => boolean

/** The dead service and its callee stop logging; the caller says why it fails. */
const line = (service: string, index: number, message: string, level = 'INFO'): LogLine => ({ timestamp: index * STEP, service, level, message: `${message} ${index}` }) // prettier-ignore
const logs = Array.from({ length: COUNT }, (_, index) => [
  line('front', index, 'served'),
  ...(index < DIED
    ? [line('checkout', index, 'order placed'), line('payment', index, 'charged')]
    : [line('front', index, 'order failed: dial tcp checkout:8080: connect: connection refused', 'ERROR')]),
]).flat()

const asked = (series: Series[], more: Partial<Observations> = {}) =>
  diagnose({ window: { start: 150 * STEP, end: COUNT * STEP }, baseline: { start: 0, end: 150 * STEP }, series, logs: [], spans: [], edges, changes: [], ...more }) // prettier-ignore

describe('a service that is gone is blamed before its callers and callees', () => {
  it.each([
    ['if its callee stops reporting', shop(1), {}],
    ['if its callee still reports', shop(2, { keeps: true }), {}],
    ['if another source reports its replicas', shop(3, { counted: true }), {}],
    ['without a call graph', shop(4), { edges: [] }],
    ['if its caller logs that it refuses connections', shop(9), { logs }],
    ['if that is logged and no call graph is known', shop(10), { logs, edges: [] }],
    ['without a given baseline', shop(5), { baseline: undefined as never, window: { start: 0, end: COUNT * STEP } }],
    ['if the baseline ends before the window', shop(6), { baseline: { start: 0, end: 130 * STEP } }],
    ['if the alert is about its caller', shop(7), { alert: { service: 'front', summary: 'failing', labels: {} } }],
  ])('%s', (_, series, more) => {
    const { baseline, ...rest } = { baseline: { start: 0, end: 150 * STEP }, ...more }
    const verdict = asked(series, { ...rest, ...(baseline === undefined ? {} : { baseline }) })
    expect(verdict.verdict).toBe('incident')
    expect(verdict.rootCauses[0]?.service).toBe('checkout')
    expect(verdict.phase).toBe('going_on')
    const callee = verdict.rootCauses.find(({ service }) => service === 'payment')
    expect(callee).toMatchObject({ isSeparate: false })
    expect(callee?.score).toBeLessThan(0.1)
  })

  it('even if it returned before the end, as over', () => {
    const verdict = asked(shop(8, { returns: 185 }))
    expect(verdict.rootCauses[0]?.service).toBe('checkout')
    expect(verdict.phase).toBe('over')
  })
})
