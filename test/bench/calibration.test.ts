import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type ConfidenceModels, confidenceOf, MODELS } from '../../analysis/ranking/confidence.ts'
import { errorOfHonest, fitConfidence, type Judged, leaveOneSystemOut } from '../../bench/confidence/calibration.ts'
import { readSigns, signsAsCsv } from '../../bench/confidence/signs.ts'
import { division } from '../../bench/division.ts'
import { mean, randomFrom } from '../../bench/rankings/measures.ts'

const truth: ConfidenceModels = {
  blame: { intercept: 0.5, lead: 2, near: -1.5 },
  nothing: { ...MODELS.nothing, most: 0.8 },
}

/** Answers drawn to be right with the model's probability. */
function answersOf(models: ConfidenceModels, seed: number, count = 1500): Judged[] {
  const random = randomFrom(seed)
  return Array.from({ length: count }, () => {
    const signs = {
      blames: random() < 0.5,
      lead: 2 * random(),
      near: 2 * random(),
      history: 5 * random(),
      unrest: 2 * random(),
    }
    return { signs, right: random() < confidenceOf(signs, models), weight: 1 }
  })
}

describe('fitting the confidence', () => {
  it('recovers the models the answers were drawn from', () => {
    const { blame, nothing } = fitConfidence([answersOf(truth, 1), answersOf(truth, 2)])
    expect(blame.intercept).toBeCloseTo(truth.blame.intercept, 0)
    expect(Math.abs(blame.lead - truth.blame.lead)).toBeLessThan(0.5)
    expect(Math.abs(blame.near - truth.blame.near)).toBeLessThan(0.5)
    expect(Math.abs(nothing.most - truth.nothing.most)).toBeLessThan(0.03)
  })

  it('counts questions about one case once', () => {
    const once = answersOf(truth, 1, 400)
    const thrice = once.flatMap((one) => [1, 2, 3].map(() => ({ ...one, weight: 1 / 3 })))
    const [a, b] = [fitConfidence([once]), fitConfidence([thrice])]
    expect(b.blame.lead).toBeCloseTo(a.blame.lead, 6)
    expect(b.blame.near).toBeCloseTo(a.blame.near, 6)
  })

  it('measures each system with a model fitted without it', () => {
    const systems = new Map([1, 2, 3].map((seed) => [`system ${seed}`, answersOf(truth, seed)]))
    const alike = leaveOneSystemOut(systems)
    for (const { leftOut } of alike) expect(leftOut.error).toBeLessThan(0.06)
    const odd = new Map([...systems, ['odd', answersOf({ ...truth, blame: { intercept: -1, lead: -2, near: 1 } }, 4)]])
    const [, , , measured] = leaveOneSystemOut(odd)
    expect(measured?.leftOut.error).toBeGreaterThan(0.15)
  })

  it('gives confidence 0 to an answer that compared nothing', () => {
    const [measured] = leaveOneSystemOut(
      new Map([
        ['a', [{ signs: null, right: true, weight: 1 }]],
        ['b', answersOf(truth, 1)],
      ]),
    )
    expect(measured?.leftOut.brier).toBe(1)
  })

  it('computes the calibration error that perfect probabilities have in few answers', () => {
    const forecasts = (count: number) => Array.from({ length: count }, () => ({ probability: 0.5, right: true }))
    expect(errorOfHonest(forecasts(30))).toBeGreaterThan(0.05)
    expect(errorOfHonest(forecasts(3000))).toBeLessThan(0.03)
  })
})

describe('the constants in the code', () => {
  const text = (name: string): string => readFileSync(join(import.meta.dirname, '../../bench/confidence', name), 'utf8')
  const files = ['signs.csv', 'generated-signs.csv'].map(text)
  const bySystem = new Map(files.flatMap((one) => [...readSigns(one)]))

  it('are those that a fit on the systems that may be looked at gives', () => {
    const { blame, nothing } = fitConfidence([...bySystem.values()])
    for (const name of ['intercept', 'lead', 'near'] as const) expect(MODELS.blame[name]).toBeCloseTo(blame[name], 2)
    expect(MODELS.nothing.most).toBeCloseTo(nothing.most, 2)
    expect([...bySystem.keys()].filter((name) => division[name]?.side === 'left_out')).toEqual([])
  })

  it('lower the confidence with more near-equal suspects, raise it with a larger lead, and raise that of nothing_wrong with more undisturbed history', () => {
    const signs = { blames: true, lead: 0, near: 0, history: 3, unrest: 0 }
    expect(confidenceOf({ ...signs, lead: 1 })).toBeGreaterThan(confidenceOf(signs))
    expect(confidenceOf({ ...signs, lead: 1 })).toBeGreaterThan(confidenceOf({ ...signs, lead: 1, near: 1 }))
    const nothing = { ...signs, blames: false }
    expect(confidenceOf({ ...nothing, history: 5 })).toBeGreaterThan(confidenceOf(nothing))
    expect(confidenceOf(nothing)).toBeGreaterThan(confidenceOf({ ...nothing, unrest: 1 }))
  })

  it('are better than a guess on a system they were not fitted on', () => {
    const systems = leaveOneSystemOut(bySystem)
    expect(systems).toHaveLength(7)
    expect(mean(systems.map(({ leftOut }) => leftOut.brier))).toBeLessThan(0.15)
    expect(mean(systems.map(({ leftOut }) => leftOut.errorByCount))).toBeLessThan(0.15)
  })

  it('are read back as they were written', () => {
    for (const one of files) expect(signsAsCsv(readSigns(one))).toBe(one)
  })
})
