/**
 * The probability that rank 1 is right, from two signs that need no answer: how far the first stands before the second, and how
 * much chance alone shows in this system. A logistic regression, each system weighing the same. `npm run eval` fits it on the
 * public sets, prints its constants, and measures it on each system with a model fitted on the others (bench/calibration.ts).
 */
import type { Ranking } from './services.ts'

export interface Signs {
  /** log(1 + score of the first before the second, in scores that suffice for an incident) */
  lead: number
  /** log(1 + score of the loudest kind of metric in undisturbed blocks of the baseline) */
  chance: number
}

export interface ConfidenceModel {
  intercept: number
  lead: number
  chance: number
}

/** As fitted on the signs in `bench/confidence-signs.csv`; a test holds them to that. */
export const MODEL: ConfidenceModel = { intercept: 0.797, lead: 2.322, chance: -1.49 }

/** `enough`: the score from which on it is no longer called nothing. */
export function signsOf({ suspects, noise }: Ranking, enough: number): Signs {
  const [first, second] = suspects
  const before = Math.max(0, first?.score ?? 0) - Math.max(0, second?.score ?? 0)
  return { lead: Math.log1p(before / enough), chance: Math.log1p(Math.max(0, ...noise.values())) }
}

export const confidenceOf = ({ lead, chance }: Signs, model: ConfidenceModel = MODEL): number =>
  1 / (1 + Math.exp(-(model.intercept + model.lead * lead + model.chance * chance)))

/** For people, in percent: what was fitted on a few hundred answers is never certain. */
export const percentOf = (confidence: number): number => Math.min(99, Math.round(confidence * 100))
