import { describe, expect, it } from 'vitest'
import { diagnose } from '../../analysis/diagnose.ts'
import type { Observations, Series } from '../../analysis/observations.ts'

const START = Date.parse('2026-03-01T12:00:00Z')
const STEP = 5000
const END = START + 100 * STEP

const series = (service: string, factor: number): Series => ({
  service,
  indicator: 'latency_p95',
  times: Float64Array.from({ length: 100 }, (_, at) => START + at * STEP),
  values: Float64Array.from({ length: 100 }, (_, at) => (20 + ((at * 7) % 5)) * (at < 60 ? 1 : factor)),
})
const about = (all: readonly Series[], more: Partial<Observations> = {}): Observations => ({
  window: { start: START, end: END },
  series: all,
  logs: [],
  spans: [],
  edges: [],
  changes: [],
  ...more,
})
const firstOf = (observations: Observations): string | undefined => diagnose(observations).rootCauses[0]?.service

describe('diagnosis of bad input', () => {
  it('ignores non-finite values', () => {
    const holed = series('cart', 20)
    holed.values.set([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], 10)
    holed.values.set([Number.NaN], 80)
    const verdict = diagnose(about([holed, series('mail', 1)]))
    expect(verdict).toMatchObject({ verdict: 'incident' })
    expect(verdict.rootCauses[0]?.service).toBe('cart')
    expect(JSON.stringify(verdict)).not.toMatch(/null,null|NaN|Infinity/)
  })

  it('finds the cause in a call graph with cycles and services without data', () => {
    const edges = [
      { from: 'cart', to: 'mail' },
      { from: 'mail', to: 'cart' },
      { from: 'mail', to: 'mail' },
      { from: 'cart', to: 'unknown' },
    ]
    const alert = { service: 'nobody', summary: 'slow', labels: {} }
    expect(firstOf(about([series('cart', 20), series('mail', 1)], { edges, alert }))).toBe('cart')
  })

  it('does not blame a change in the future', () => {
    const change = { id: 'later', timestamp: END + 3_600_000, type: 'DEPLOYMENT', service: 'cart', summary: 'cart:2' }
    const verdict = diagnose(about([series('cart', 20)], { changes: [change] }))
    expect(verdict.rootCauses[0]?.changeId).toBeNull()
    expect(verdict.ruledOut.map(({ changeId }) => changeId)).toEqual(['later'])
  })

  it('finds nothing in constant series', () => {
    const constant = { ...series('cart', 1), values: new Float64Array(100).fill(7) }
    expect(diagnose(about([constant])).verdict).toBe('nothing_wrong')
  })
})
