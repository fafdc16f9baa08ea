import { expect, it } from 'vitest'
import { division, sideOf } from '../../bench/division.ts'
import { incidentSets } from '../../bench/outcomes/ask-outcomes.ts'
import { sets } from '../../bench/rankings/ask.ts'
import { seriesSets } from '../../bench/series/ask-series.ts'

it('gives every measured set a side', () => {
  for (const set of [...Object.keys(sets), ...Object.keys(seriesSets), ...Object.keys(incidentSets)])
    expect(Object.keys(division)).toContain(set)
  expect(() => sideOf('a set that nobody divided')).toThrow(RangeError)
})

it('halves series by name alone, about evenly', () => {
  const sides = Array.from({ length: 400 }, (_, at) => sideOf('wsd', `${at}.csv`))
  expect(sides.filter((side) => side === 'left_out').length / sides.length).toBeCloseTo(0.5, 1)
  expect(sideOf('wsd', '4.csv')).toBe(sides[4])
})

it('has both sides for incidents, series, forecasts and log templates', () => {
  const sidesOf = (isKind: (kind: string) => boolean): Set<string> => new Set(Object.values(division).filter(({ kind }) => isKind(kind)).flatMap(({ side }) => (side === 'halved' ? ['looked_at', 'left_out'] : [side]))) // prettier-ignore
  for (const isKind of [/metrics/, /anomalies/, /forecasts/, /log templates/].map(
    (kind) => (text: string) => kind.test(text),
  ))
    // prettier-ignore
    expect([...sidesOf(isKind)].sort()).toEqual(['left_out', 'looked_at'])
})
