import { describe, expect, it } from 'vitest'
import type { Window } from '../../bench/series/nab-score.ts'
import { toleranceOf, volumeUnderSurface } from '../../bench/series/volume-under-surface.ts'

/** The inputs that the published value below was computed from: two spans, and scores that rise around them. */
const SPANS: Window[] = [[10, 14], [38, 43]] // prettier-ignore
const SCORES = Array.from({ length: 64 }, (_, at) => 0.02 + (0.16 * at) / 63)
SCORES.splice(9, 7, 0.25, 0.55, 0.72, 0.91, 0.84, 0.63, 0.31)
SCORES.splice(37, 8, 0.22, 0.48, 0.68, 0.93, 0.87, 0.79, 0.56, 0.29)
SCORES[53] = 0.62

describe('the volume under the surface of precision and recall', () => {
  it('is what the benchmark of its authors computes (TSB-AD 1.5)', () => {
    expect(volumeUnderSurface(SCORES, SPANS, 11)).toBeCloseTo(0.9750688705234158, 12)
  })

  it('is 1 without a tolerance for scores that are high in the spans and nowhere else', () => {
    const scores = SCORES.map((_, at) => (SPANS.some(([first, last]) => at >= first && at <= last) ? 1 : 0))
    expect(volumeUnderSurface(scores, SPANS, 0)).toBeCloseTo(1)
  })

  it('forgives a detection beside the span, the less the further away it is', () => {
    const detectedAt = (at: number): number => volumeUnderSurface(SCORES.map((_, index) => (index === at ? 1 : 0)), [[30, 30]], 20) // prettier-ignore
    expect(detectedAt(33)).toBeLessThan(detectedAt(31))
    expect(detectedAt(60)).toBeLessThan(detectedAt(33))
  })

  it('is undefined without a span', () => {
    expect(() => volumeUnderSurface(SCORES, [], 5)).toThrow(RangeError)
  })

  it('tolerates as much as a period, if the series has one of less than 300 points', () => {
    const wave = (period: number): number[] => Array.from({ length: 5000 }, (_, at) => Math.sin((2 * Math.PI * at) / period)) // prettier-ignore
    expect(toleranceOf(wave(60))).toBe(60)
    expect(toleranceOf(wave(350))).toBe(125)
  })
})
