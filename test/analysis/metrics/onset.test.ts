import { describe, expect, it } from 'vitest'
import { findOnset } from '../../../analysis/metrics/onset.ts'
import { prepared } from '../../../analysis/metrics/samples.ts'
import type { Series } from '../../../analysis/observations.ts'
import { randomFrom } from '../../../bench/rankings/measures.ts'

const START = Date.UTC(2026, 2, 1, 12)
const MINUTE = 60_000
const window = { start: START, end: START + 60 * MINUTE }
const FAULT = START + 40 * MINUTE

/** Normally distributed noise around a level, sampled every `seconds`. */
function noisy(seed: number, seconds: number, level: (time: number) => number, indicator = 'latency_p95'): Series {
  const random = randomFrom(seed)
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const times = Float64Array.from({ length: 3600 / seconds }, (_, index) => START + index * seconds * 1000)
  return { service: `s${seed}`, indicator, times, values: times.map((time) => level(time) + normal()) }
}
const step = (seed: number, by = 1.5, seconds = 20): Series =>
  noisy(seed, seconds, (time) => (time < FAULT ? 10 : 10 + by))
const onset = (series: Series[], claimed?: number): number =>
  findOnset({ window, series: series.map(prepared), logs: [], spans: [], edges: [], changes: [], ...(claimed === undefined ? {} : { onset: claimed }) }) ?? NaN // prettier-ignore
/** Among twenty incidents, the number whose onset is off by more than two minutes. */
const misses = (ask: (seed: number) => number): number =>
  Array.from({ length: 20 }, (_, index) => Math.abs(ask(index * 100 + 1) - FAULT)).filter((off) => off > 2 * MINUTE).length // prettier-ignore

describe('the onset', () => {
  it('is found without a claim, and with a claim that is off by up to five minutes', () => {
    for (const by of [undefined, 0, 1, -1, 4.9, -4.9])
      expect(misses((seed) => onset([step(seed), step(seed + 1)], by === undefined ? undefined : FAULT + by * MINUTE))).toBe(0) // prettier-ignore
  })

  it('is not later than the alert, even if larger changes follow', () => {
    const follow = FAULT + 10 * MINUTE
    const others = [1, 2, 3, 4].map((seed) => noisy(seed, 20, (time) => (time < follow ? 10 : 60)))
    const series = [step(9, 6), ...others].map(prepared)
    const asked = { window, series, logs: [], spans: [], edges: [], changes: [] }
    const alert = { summary: '', labels: {}, since: FAULT + MINUTE }
    expect(Math.abs((findOnset(asked) ?? NaN) - follow)).toBeLessThan(2 * MINUTE)
    expect(Math.abs((findOnset({ ...asked, alert }) ?? NaN) - FAULT)).toBeLessThan(2 * MINUTE)
    // an alert that fired before the window does not limit the onset
    const old = { ...alert, since: START - MINUTE }
    expect(Math.abs((findOnset({ ...asked, alert: old }) ?? NaN) - follow)).toBeLessThan(2 * MINUTE)
  })

  it('is not affected by noise in short series', () => {
    const short = (seed: number) => noisy(seed, 600, () => 10)
    const among = (count: number) => (seed: number) =>
      onset([...[0, 1, 2].map((more) => step(seed + more)), ...Array.from({ length: count }, (_, at) => short(seed + 10 + at))]) // prettier-ignore
    expect(misses(among(0))).toBe(0)
    expect(misses(among(5))).toBeLessThanOrEqual(1)
    expect(misses(among(20))).toBeLessThanOrEqual(2)
  })

  it('is robust to gaps, constants, counter resets, other steps and a common load', () => {
    const gap = (one: Series): Series => {
      const kept = [...one.times.keys()].filter((at) => one.times[at]! < START + 10 * MINUTE || one.times[at]! > START + 20 * MINUTE) // prettier-ignore
      return { ...one, times: Float64Array.from(kept, (at) => one.times[at]!), values: Float64Array.from(kept, (at) => one.values[at]!) } // prettier-ignore
    }
    const constant = (one: Series): Series => ({ ...one, values: one.values.map(() => 5) })
    const counter = (seed: number): Series => {
      let total = 0
      const one = noisy(seed, 15, () => 0, 'requests_total')
      return { ...one, values: one.times.map((time) => (total = time === START + 20 * MINUTE ? 0 : total + (time < FAULT ? 10 : 30))) } // prettier-ignore
    }
    expect(misses((seed) => onset([gap(step(seed, 3)), constant(step(seed + 1)), step(seed + 2, 3, 60)]))).toBe(0)
    expect(misses((seed) => onset([counter(seed), step(seed + 1, 1.5, 15)]))).toBe(0)
    expect(misses((seed) => onset(Array.from({ length: 12 }, (_, at) => step(seed + at, 5))))).toBe(0)
  })
})
