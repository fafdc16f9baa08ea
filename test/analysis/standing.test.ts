/** Faults that need no baseline rule out an all-clear, however long they last. */
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../analysis/diagnose.ts'
import type { Observations, Series } from '../../analysis/observations.ts'
import { randomFrom } from '../../bench/rankings/measures.ts'

const MINUTE = 60_000
const times = Float64Array.from({ length: 90 }, (_, index) => index * MINUTE)
const level = (indicator: string, unit: string, value: number, service = 'shop'): Series => {
  const random = randomFrom(7)
  return { service, indicator, unit, times, values: times.map(() => value * (1 + 0.05 * random())) }
}
const calm = [level('latency_p95', 'ms', 40), level('request_rate', '1/s', 30), level('error_ratio', 'ratio', 0.001)]
const ask = (series: Series[], more: Partial<Observations> = {}) =>
  diagnose({ window: { start: 60 * MINUTE, end: 90 * MINUTE }, baseline: { start: 0, end: 60 * MINUTE }, asked: 'shop', series, logs: [], spans: [], edges: [], changes: [], ...more }) // prettier-ignore

describe('all the time', () => {
  it('a healthy service is an all-clear', () => expect(ask(calm).verdict).toBe('nothing_wrong'))

  it.each([
    ['a high error ratio', [level('error_ratio', 'ratio', 0.08)], {}],
    ['a low success rate', [level('success', '%', 90)], {}],
    ['a target that is down', [level('up', '', 0)], {}],
    ['unavailable replicas', [level('replicas_unavailable', '', 2)], {}],
    [
      'latency above its objective',
      [level('latency_p95', 'ms', 900)],
      { objectives: [{ service: '*', indicator: 'latency_p95', max: 500 }] },
    ],
  ])('%s is an incident with an unknown cause', (_, series, more) => {
    const verdict = ask([...calm.slice(1, 2), ...series], more)
    expect(verdict.verdict).toBe('incident')
    expect(verdict.standing).toHaveLength(1)
    expect(verdict.rootCauses[0]).toMatchObject({ service: 'shop', changeId: null })
    expect(verdict.confidence).toBeLessThanOrEqual(0.3)
  })
})

describe('a latency beyond what users wait for', () => {
  const slow = (value: number, unit = 'ms', indicator = 'latency_p95', service = 'shop') => [...calm.slice(1), level(indicator, unit, value, service)] // prettier-ignore

  it('is inconclusive if it was always so', () => {
    for (const series of [slow(12_000), slow(12, 's'), slow(30, 'seconds', 'request_duration_mean')]) {
      const verdict = ask(series)
      expect(verdict.verdict).toBe('inconclusive')
      expect(verdict.standing[0]?.en).toMatch(/is 1?[23][\d.]* \w+, longer than users wait; set an objective/)
      expect(verdict.confidence).toBeLessThanOrEqual(0.3)
    }
  })

  it('is an all-clear within an objective, in another service, in the tail, or without a unit', () => {
    const objectives = [{ service: 'shop', indicator: 'latency_p95', max: 20_000 }]
    expect(ask(slow(12_000), { objectives }).verdict).toBe('nothing_wrong')
    for (const series of [
      slow(9_000),
      slow(12_000, 'ms', 'latency_p95', 'jobs'),
      slow(12_000, 'ms', 'latency_max'),
      slow(12_000, ''),
    ])
      // prettier-ignore
      expect(ask(series).verdict).toBe('nothing_wrong')
  })

  it('is an incident if it rose', () => {
    const [first] = slow(12_000).slice(-1)
    const rose = { ...first!, values: first!.values.map((value, at) => (at < 70 ? value / 300 : value)) }
    expect(ask([...calm.slice(1), rose])).toMatchObject({ verdict: 'incident', rootCauses: [{ service: 'shop' }] })
  })
})

describe('an alert that fires', () => {
  const alert = { service: 'shop', summary: 'Pages are slow', labels: {} }

  it('alone is inconclusive', () => {
    const verdict = ask(calm, { firing: [alert] })
    expect(verdict.verdict).toBe('inconclusive')
    expect(verdict.standing[0]?.en).toContain('Pages are slow')
    expect(ask(calm, { alert }).verdict).toBe('inconclusive')
  })

  it('of another service, or resolved, does not matter', () => {
    expect(ask(calm, { firing: [{ ...alert, service: 'mail' }] }).verdict).toBe('nothing_wrong')
    expect(ask(calm, { alert: { ...alert, resolved: true } }).verdict).toBe('nothing_wrong')
  })
})
