import { expect, it } from 'vitest'
import type { Outcome } from '../../bench/outcomes/outcome.ts'
import { outcomeFigures } from '../../bench/outcomes/outcome-measures.ts'

const one = (rest: Partial<Outcome>): Outcome => ({ set: 'generated', side: 'left_out', group: 'a', kind: 'cpu', truth: 'cart', guilty: null, changes: 3, verdict: 'incident', confidence: 0.8, rank: 1, named: null, saysNone: false, change: null, compared: [1, 2, null], took: 1, ...rest }) // prettier-ignore

const OUTCOMES: Outcome[] = [
  one({ guilty: 'c1', named: 'c1', change: { probability: 0.9, right: true } }),
  one({ guilty: 'c2', named: 'c3', rank: 4, change: { probability: 0.6, right: false } }),
  one({ named: 'c4', change: { probability: 0.7, right: false } }),
  one({ saysNone: true, change: { probability: 0.8, right: true } }),
  // no change is known: neither guilty nor innocent
  one({ changes: 0, rank: 2 }),
  one({ verdict: 'nothing_wrong', rank: null, confidence: 0.4, changes: 0 }),
  one({ truth: null, kind: 'quiet', verdict: 'nothing_wrong', rank: null, confidence: 0.9 }),
  one({ truth: null, kind: 'surge', rank: null, confidence: 0.5 }),
]

const measured = (name: string): number => outcomeFigures.find((figure) => figure.name === name)!.measure(OUTCOMES)

it.each([
  ['first failing service, top-1', 3 / 6],
  ['first failing service, top-3', 4 / 6],
  ['the same by robust z-score, top-1', 1],
  ['the guilty change named', 1 / 2],
  ['an innocent change blamed', 2 / 4],
  ['“no change did it” said when so', 1 / 2],
  ['quiet windows called `nothing_wrong`', 1 / 2],
  ['faulted windows called `nothing_wrong`', 1 / 6],
  // said .8 of five causes, three of them right, and .5 of a quiet window
  ['Brier score of the first cause', (3 * 0.04 + 2 * 0.64 + 0.25) / 6],
  ['Brier score of the change, or none', (0.01 + 0.36 + 0.49 + 0.04) / 4],
  ['Brier score of “nothing is wrong”', (0.16 + 0.01) / 2],
])('%s', (name, value) => {
  expect(measured(name)).toBeCloseTo(value)
})
