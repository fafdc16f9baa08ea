import fc from '../properties/seeded.ts'
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../analysis/diagnose.ts'
import type { Observations, Series } from '../../analysis/observations.ts'

const START = Date.parse('2026-03-01T12:00:00Z')
const STEP = 5000
const POINTS = 60
const SERVICES = ['cart', 'catalog', 'front', 'mail']
const INDICATORS = ['cpu_usage', 'latency_p90', 'memory_usage']

/** Behaviour of a series: level, noise, and the factor by which it rises after two thirds. */
const behaviour = fc.record({
  level: fc.double({ min: 1, max: 100, noNaN: true }),
  scatter: fc.double({ min: 0.01, max: 0.2, noNaN: true }),
  factor: fc.constantFrom(1, 1, 1.5, 4),
  seed: fc.integer({ min: 1, max: 1_000_000 }),
})
const incidents = fc
  .array(behaviour, { minLength: SERVICES.length * INDICATORS.length, maxLength: SERVICES.length * INDICATORS.length })
  .map((all): Observations => ({
    window: { start: START, end: START + POINTS * STEP },
    series: all.map(({ level, scatter, factor, seed }, index): Series => ({
      service: SERVICES[Math.floor(index / INDICATORS.length)] ?? '',
      indicator: INDICATORS[index % INDICATORS.length] ?? '',
      times: Float64Array.from({ length: POINTS }, (_, at) => START + at * STEP),
      values: Float64Array.from(
        { length: POINTS },
        (_, at) => (at < 40 ? level : level * factor) * (1 + scatter * Math.sin(seed + at * at * 1.37)),
      ),
    })),
    logs: [],
    spans: [],
    edges: [
      { from: 'front', to: 'cart' },
      { from: 'front', to: 'catalog' },
    ],
    changes: [],
  }))

/** Services by score; ties form one entry. */
function ranking(observations: Observations): string[][] {
  const groups: { score: number; services: string[] }[] = []
  for (const { service, score } of diagnose(observations).rootCauses) {
    const last = groups.at(-1)
    if (last !== undefined && Math.abs(last.score - score) < 1e-6) last.services.push(service)
    else groups.push({ score, services: [service] })
  }
  return groups.map(({ services }) => services.toSorted())
}
const withSeries = (all: Observations, change: (series: Series) => Series): Observations => ({
  ...all,
  series: all.series.map(change),
})

describe('the ranking', () => {
  it('does not depend on the order of the series', () => {
    fc.assert(
      fc.property(incidents, (all) => {
        expect(ranking({ ...all, series: all.series.toReversed() })).toEqual(ranking(all))
      }),
      { numRuns: 60 },
    )
  })

  it('does not depend on the order of the series if services are identical', () => {
    const alike = incidents.map((all) => ({
      ...all,
      series: all.series.map((one, index) => ({ ...one, values: all.series[index % INDICATORS.length]!.values })),
    }))
    fc.assert(
      fc.property(alike, fc.boolean(), (all, isGraphKnown) => {
        const asked = { ...all, edges: isGraphKnown ? all.edges : [] }
        const other = { ...asked, series: all.series.toReversed(), edges: asked.edges.toReversed() }
        expect(diagnose(other)).toEqual(diagnose(asked))
      }),
      { numRuns: 60 },
    )
  })

  it('does not depend on the unit of a series', () => {
    fc.assert(
      fc.property(
        incidents,
        fc.integer({ min: 0, max: 11 }),
        fc.constantFrom(1 / 1024, 0.5, 8, 1024),
        (all, at, factor) => {
          const chosen = all.series[at]
          const scaled = withSeries(all, (one) =>
            one === chosen ? { ...one, values: one.values.map((v) => v * factor) } : one,
          )
          expect(ranking(scaled)).toEqual(ranking(all))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('does not depend on the unit of time', () => {
    fc.assert(
      fc.property(incidents, (all) => {
        const later = (time: number): number => START + (time - START) * 64
        const slower = withSeries(all, (one) => ({ ...one, times: one.times.map(later) }))
        const window = { start: later(all.window.start), end: later(all.window.end) }
        expect(ranking({ ...slower, window })).toEqual(ranking(all))
      }),
      { numRuns: 60 },
    )
  })

  it('does not depend on service names', () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/)
    const anyName = fc.tuple(word, fc.constantFrom('', '-client', '_remote', '.example.org', ' external')).map(([stem, end]) => stem + end) // prettier-ignore
    const anyNames = fc.uniqueArray(anyName, { minLength: SERVICES.length, maxLength: SERVICES.length })
    fc.assert(
      fc.property(incidents, anyNames, (all, names) => {
        const called = (name: string): string => names[SERVICES.indexOf(name)] ?? name
        const renamed = {
          ...withSeries(all, (one) => ({ ...one, service: called(one.service) })),
          edges: all.edges.map(({ from, to }) => ({ from: called(from), to: called(to) })),
        }
        expect(ranking(renamed)).toEqual(ranking(all).map((group) => group.map(called).toSorted()))
      }),
      { numRuns: 60 },
    )
  })
})
