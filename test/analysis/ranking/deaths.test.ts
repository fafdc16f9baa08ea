/** A service that is gone: its callers fail and what it called is asked no more, and neither did anything. */
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../analysis/diagnose.ts'
import type { Observations, Series } from '../../../analysis/observations.ts'
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
  /** of the callee, which is asked no more: whether its latency and error share still come */
  keeps?: boolean
  /** somebody else counts the replicas of the dead service */
  counted?: boolean
  /** index of the sample at which it comes again */
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

const asked = (series: Series[], more: Partial<Observations> = {}) =>
  diagnose({ window: { start: 150 * STEP, end: COUNT * STEP }, baseline: { start: 0, end: 150 * STEP }, series, logs: [], spans: [], edges, changes: [], ...more }) // prettier-ignore

describe('a service that is gone is blamed before its callers and what it called', () => {
  it.each([
    ['with what it called told of no more', shop(1), {}],
    ['with what it called still told of', shop(2, { keeps: true }), {}],
    ['with its replicas counted by somebody else', shop(3, { counted: true }), {}],
    ['where no graph of calls is known', shop(4), { edges: [] }],
    ['where no baseline is given', shop(5), { baseline: undefined as never, window: { start: 0, end: COUNT * STEP } }],
    ['where the baseline ends a while before the window', shop(6), { baseline: { start: 0, end: 130 * STEP } }],
    ['where its caller was alerted for', shop(7), { alert: { service: 'front', summary: 'failing', labels: {} } }],
  ])('%s', (_, series, more) => {
    const { baseline, ...rest } = { baseline: { start: 0, end: 150 * STEP }, ...more }
    const verdict = asked(series, { ...rest, ...(baseline === undefined ? {} : { baseline }) })
    expect(verdict.verdict).toBe('incident')
    expect(verdict.rootCauses[0]?.service).toBe('checkout')
    expect(verdict.phase).toBe('going_on')
  })

  it('though it came again before the end, and then it is over', () => {
    const verdict = asked(shop(8, { returns: 185 }))
    expect(verdict.rootCauses[0]?.service).toBe('checkout')
    expect(verdict.phase).toBe('over')
  })
})
