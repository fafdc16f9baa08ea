import { expect, it } from 'vitest'
import { type Judged, OpenForecasts } from '../../../analysis/filling/open-forecasts.ts'

const HOUR = 3_600_000
/** In hours. */
const judged = (now: number, at: number, [earliest, latest]: [number, number | null]): Judged => ({
  ...{ service: 'cart', indicator: 'disk', resource: 'disk', instance: null, at: now * HOUR, now: 0.5, limit: 1 },
  ...{ since: 0, path: [], recent: [], recentStepMs: 1 },
  full: { at: at * HOUR, earliest: earliest * HOUR, latest: latest === null ? null : latest * HOUR, level: 0.9 },
})
const told = (...all: Judged[]): string[] => {
  const open = new OpenForecasts()
  return all.flatMap((one) => open.filling('disk', one)).map(({ phase, full }) => `${phase} ${full.at / HOUR}`)
}
const FIRST = [judged(1, 100, [80, 130]), judged(2, 100, [80, 130])]
const again = (at: number): Judged[] => [3, 4].map((now) => judged(now, at, [at - 1, at + 1]))

it('a forecast is revised once the fill time is out of the interval that was announced, not before', () => {
  expect(told(...FIRST, ...again(125))).toEqual(['produced 100'])
  expect(told(...FIRST, ...again(135))).toEqual(['produced 100', 'revised 135'])
  expect(told(...FIRST, ...again(75))).toEqual(['produced 100', 'revised 75'])
})

it('a narrow interval is no reason to revise a fill time that moves a little', () => {
  const narrow = [judged(1, 100, [99, 101]), judged(2, 100, [99, 101])]
  expect(told(...narrow, ...again(110))).toEqual(['produced 100'])
  expect(told(...narrow, ...again(130))).toEqual(['produced 100', 'revised 130'])
})

it('a forecast that may never be full is revised if it is later by as much as its earliest moment is sooner', () => {
  const open = [judged(1, 100, [60, null]), judged(2, 100, [60, null])]
  expect(told(...open, ...again(135))).toEqual(['produced 100'])
  expect(told(...open, ...again(145))).toEqual(['produced 100', 'revised 145'])
})
