/** Fits the model of analysis/ranking/change-shares.ts: a conditional logit on which change did it, or none of them. */
import type { ChangeModel, ChangeSigns } from '../../analysis/ranking/change-shares.ts'
import { solved } from './calibration.ts'

/** One incident: the signs of each change that could have caused it. */
export interface Choice {
  changes: readonly ChangeSigns[]
  /** index in `changes`; null: none of them did */
  guilty: number | null
}

const STEPS = 50
const RIDGE = 1
const WEIGHT_OF_A_SYSTEM = 100

const rowOf = ({ service, timing }: ChangeSigns): number[] => [1, service, timing]

/** Newton's method on the log loss with a small ridge towards the model without data: each term as it is. Each system has the same weight. */
export function fitChanges(systems: readonly (readonly Choice[])[]): ChangeModel {
  const prior = [0, 1, 1]
  let fitted = prior
  for (let step = 0; step < STEPS; step++) {
    const gradient = fitted.map((value, at) => RIDGE * (value - prior[at]!))
    const curve = fitted.map((_, row) => fitted.map((_, column): number => (row === column ? RIDGE : 0)))
    for (const choices of systems)
      for (const { changes, guilty } of choices) {
        const weight = WEIGHT_OF_A_SYSTEM / choices.length
        const rows = changes.map(rowOf)
        const odds = rows.map((row) => Math.exp(row.reduce((sum, one, at) => sum + one * fitted[at]!, 0)))
        const total = odds.reduce((sum, one) => sum + one, 1)
        const expected = prior.map((_, at) => rows.reduce((sum, row, of) => sum + (odds[of]! / total) * row[at]!, 0))
        for (const at of prior.keys()) {
          gradient[at]! += weight * (expected[at]! - (guilty === null ? 0 : rows[guilty]![at]!))
          for (const other of prior.keys()) {
            const second = rows.reduce((sum, row, of) => sum + (odds[of]! / total) * row[at]! * row[other]!, 0)
            curve[at]![other]! += weight * (second - expected[at]! * expected[other]!)
          }
        }
      }
    const change = solved(curve, gradient)
    // a full step may overshoot where the odds are extreme
    const scale = 1 / Math.max(1, ...change.map(Math.abs))
    fitted = fitted.map((value, at) => value - scale * change[at]!)
  }
  const [intercept = 0, service = 1, timing = 1] = fitted
  return { intercept, service, timing }
}
