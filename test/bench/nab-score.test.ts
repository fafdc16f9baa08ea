import { describe, expect, it } from 'vitest'
import { anomalyBaselines } from '../../bench/series/anomaly-baselines.ts'
import { best, gainAt, probationOf, type Scored, scoreOf, sweep, type Window } from '../../bench/series/nab-score.ts'

const STANDARD = { tpWeight: 1, fpWeight: 0.11, fnWeight: 1 }
/** Scores of 1 at these points, 0 elsewhere. */
const saying = (length: number, points: readonly number[], windows: readonly Window[] = [[50, 59]]): Scored => ({
  scores: Array.from({ length }, (_, at) => (points.includes(at) ? 1 : 0)),
  windows,
})
const countIn = (series: readonly Scored[]): number => series.flatMap(({ windows }) => windows).length
const scored = (...series: Scored[]): number => scoreOf(gainAt(1, sweep(series, STANDARD)), countIn(series), STANDARD)
const sigmoid = (x: number): number => 2 / (1 + Math.exp(-x)) - 1

describe('scoring anomalies as NAB does', () => {
  it('gives 0 for no detections and 100 for one at the beginning of each window only', () => {
    expect(scored(saying(100, []))).toBe(0)
    expect(scored(saying(100, [50]), saying(300, [60, 200], [[60, 90], [200, 210]]))).toBeCloseTo(100) // prettier-ignore
  })

  it('counts the earliest detection in a window, less the later it is', () => {
    // -1 at the first point of ten, -1/10 at the last.
    const last = 100 * ((1 + sigmoid(0.5) / sigmoid(5)) / 2)
    expect(scored(saying(100, [59]))).toBeCloseTo(last)
    expect(scored(saying(100, [55, 59]))).toBeCloseTo(100 * ((1 + sigmoid(2.5) / sigmoid(5)) / 2))
  })

  it('subtracts .11 for a detection before any window or three widths after one, and less for one soon after it', () => {
    const found = scored(saying(100, [50]))
    const cost = (at: number): number => ((found - scored(saying(100, [50, at]))) * 2) / 100
    expect(cost(20)).toBeCloseTo(0.11)
    expect(cost(86)).toBeCloseTo(0.11)
    // One point behind a window of ten: a ninth of its width.
    expect(cost(60)).toBeCloseTo(0.11 * sigmoid(5 / 9))
    expect(cost(63)).toBeCloseTo(0.11 * sigmoid(20 / 9))
  })

  it('leaves out the first 15 %, but no more than 750 points', () => {
    expect([100, 4_032, 5_000, 20_000].map(probationOf)).toEqual([15, 604, 750, 750])
    expect(scored(saying(100, [14, 50]))).toBeCloseTo(100)
    expect(scored(saying(100, [15, 50]))).toBeLessThan(100)
  })

  it('finds the best single threshold for all series, and gives the score at any threshold', () => {
    const windows: readonly Window[] = [[50, 59]]
    const one = { scores: Array.from({ length: 100 }, (_, at) => (at === 50 ? 0.6 : at === 30 ? 0.7 : 0)), windows }
    const other = { scores: Array.from({ length: 100 }, (_, at) => (at === 50 ? 0.4 : at === 30 ? 0.3 : 0)), windows }
    const swept = sweep([one, other], STANDARD)
    expect(best(swept)).toEqual({ threshold: 0.4, gain: expect.closeTo(4 - 0.11) })
    expect([0.5, 0.65, 0.8].map((threshold) => gainAt(threshold, swept))).toEqual([2 - 0.11, -0.11, 0])
  })
})

describe('the baselines of anomalies', () => {
  const values = Array.from({ length: 200 }, (_, at) => (at === 150 ? 50 : at % 2))

  it('detect a spike from the points before it', () => {
    for (const name of ['windowed Gaussian', 'robust z-score']) {
      const said = anomalyBaselines[name]?.(values, 1) ?? []
      expect(said.slice(30).indexOf(Math.max(...said.slice(30)))).toBe(120)
    }
    const before = anomalyBaselines['windowed Gaussian']?.(values.slice(0, 150), 1)
    expect(anomalyBaselines['windowed Gaussian']?.(values, 1).slice(0, 150)).toEqual(before)
  })

  it('score deviations from the mean of earlier points', () => {
    // The mean of 0, 1, 0, 1 is .5, and so is their deviation.
    expect(anomalyBaselines['windowed Gaussian']?.([0, 1, 0, 1, 2], 1)[4]).toBeCloseTo(3)
  })
})
