/** How well a model tells which change did it. */
import { type ChangeModel, LIKELY, oddsOf } from '../../analysis/ranking/change-shares.ts'
import type { Choice } from './change-model.ts'

export interface ChangeFigures {
  /** incidents; those that a change caused */
  count: number
  guilty: number
  /** the guilty change was named; an innocent one was; none was said where none did it */
  named: number
  blamed: number
  none: number
  /** Brier score of the likeliest answer, where “none” is one */
  brier: number
}

export function figuresOf(choices: readonly Choice[], model: ChangeModel): ChangeFigures {
  const figures = { count: choices.length, guilty: 0, named: 0, blamed: 0, none: 0, brier: 0 }
  for (const { changes, guilty } of choices) {
    const odds = changes.map((signs) => oddsOf(signs, model))
    const total = odds.reduce((sum, one) => sum + one, 1)
    // the last answer is that none did it
    const shares = [...odds, 1].map((one) => one / total)
    const most = Math.max(...shares)
    const answer = shares.indexOf(most)
    const truth = guilty ?? odds.length
    const isSure = most > LIKELY
    if (guilty !== null) figures.guilty += 1
    if (guilty !== null && isSure && answer === guilty) figures.named += 1
    if (guilty === null && isSure && answer === truth) figures.none += 1
    if (isSure && answer !== truth && answer < odds.length) figures.blamed += 1
    figures.brier += (most - (answer === truth ? 1 : 0)) ** 2 / choices.length
  }
  return figures
}
