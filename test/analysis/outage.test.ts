/** Faults without a level to compare or a moved median: outages, silence, intermittent faults. */
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../analysis/diagnose.ts'
import type { CallEdge, Series } from '../../analysis/observations.ts'
import { randomFrom } from '../../bench/rankings/measures.ts'

const STEP = 15_000
const POINTS = 240
const FAULT = 160 * STEP
const edges = [{ from: 'front', to: 'cart' }, { from: 'front', to: 'mail' }] // prettier-ignore
const LEVELS = { latency_p95: 20, request_rate: 50, cpu: 30 }

function shop(
  seed: number,
  valueAt: (service: string, indicator: string, usual: number, index: number) => number,
): Series[] {
  const random = randomFrom(seed)
  const times = Float64Array.from({ length: POINTS }, (_, index) => index * STEP)
  return ['front', 'cart', 'mail'].flatMap((service) =>
    Object.entries(LEVELS).map(([indicator, level]): Series => ({
      service,
      indicator,
      times,
      values: times.map((time, index) => {
        const usual = level * (1 + 0.1 * (random() - 0.5))
        return time < FAULT ? usual : valueAt(service, indicator, usual, index)
      }),
    })),
  )
}
const ask = (series: Series[], known: CallEdge[] = edges) =>
  diagnose({ window: { start: 0, end: POINTS * STEP }, series, logs: [], spans: [], edges: known, changes: [] })

describe('an outage', () => {
  it('of everything is an incident, even if only requests and latency are missing', () => {
    const out = shop(1, (_service, indicator, usual) => indicator === 'request_rate' ? 0 : indicator === 'cpu' ? usual : NaN) // prettier-ignore
    expect(ask(out).verdict).toBe('incident')
    expect(ask(out, []).verdict).toBe('incident')
    const trafficOnly = out.filter(({ indicator }) => indicator === 'request_rate')
    expect(ask(trafficOnly).verdict).not.toBe('nothing_wrong')
  })

  it('of one service is found by its silence; a monitoring outage is not an incident', () => {
    const silent = shop(1, (service, _indicator, usual) => (service === 'mail' ? NaN : usual))
    const verdict = ask(silent)
    expect(verdict.verdict).toBe('incident')
    expect(verdict.rootCauses[0]?.service).toBe('mail')
    expect(Math.abs((verdict.onset ?? 0) - FAULT)).toBeLessThan(4 * STEP)
    expect(verdict.rootCauses[0]?.explanation.en).toMatch(/stopped reporting: 0 samples, expected/)
    expect(ask(shop(1, (_service, _indicator, usual, index) => (index < 200 ? usual : NaN))).verdict).toBe(
      'nothing_wrong',
    )
  })

  it('is not a pod that was replaced by another', () => {
    const whole = shop(1, (_service, _indicator, usual) => usual)
    const part = (one: Series, from: number, to: number, instance: string): Series => ({ ...one, instance, times: one.times.slice(from, to), values: one.values.slice(from, to) }) // prettier-ignore
    const replaced = whole.flatMap((one) => one.service === 'mail' ? [part(one, 0, 170, 'a'), part(one, 170, 240, 'b')] : [one]) // prettier-ignore
    expect(ask(replaced).verdict).toBe('nothing_wrong')
  })
})

describe('a fault that comes and goes', () => {
  it('is found if every fourth sample is slow, unless that was always so', () => {
    const slow = (service: string, indicator: string, usual: number, index: number): number =>
      service === 'cart' && indicator === 'latency_p95' && index % 4 === 0 ? 20 * usual : usual
    const verdict = ask(shop(1, slow))
    expect(verdict.verdict).toBe('incident')
    expect(verdict.rootCauses[0]?.service).toBe('cart')
    const always = shop(1, (_service, _indicator, usual) => usual).map(
      (one) =>
      one.service === 'cart' && one.indicator === 'latency_p95' ? { ...one, values: one.values.map((value, index) => (index % 4 === 0 ? 20 * value : value)) } : one, // prettier-ignore
    )
    expect(ask(always).verdict).toBe('nothing_wrong')
  })

  it('does not make noise an incident', () => {
    const quiet = Array.from({ length: 30 }, (_, seed) => ask(shop(seed + 1, (_service, _indicator, usual) => usual)))
    expect(quiet.filter(({ verdict }) => verdict === 'incident').length).toBeLessThanOrEqual(1)
  })
})
