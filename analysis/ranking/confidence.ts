/**
 * The probability that the answer is right: that the first cause is the true one or, if none is named, that nothing is wrong. It is computed from
 * features known without the truth. For a named cause: its lead over the second, and the score that chance alone reaches in this system. For
 * `nothing_wrong`: the length of the baseline, and how undisturbed it was. One logistic regression each (Platt, "Probabilistic outputs for support
 * vector machines", 1999), every system with the same weight. `npm run eval` fits them on the public sets, prints the constants, and measures
 * them on each system with models fitted on the others (bench/confidence/calibration.ts).
 */
import { largest } from '../extremes.ts'
import type { Investigation } from '../investigate.ts'

export interface Signs {
  /** the answer names a cause; otherwise it is `nothing_wrong` */
  blames: boolean
  /** log(1 + lead of the first over the second, in units of the score that makes an incident) */
  lead: number
  /** log(1 + highest score of any kind of evidence in undisturbed blocks of the baseline) */
  chance: number
  /** log(1 + baseline samples of the typical series or, without series, requests and log lines) */
  history: number
  /** log(1 + how far the highest of these blocks exceeds the typical one) */
  unrest: number
}

export interface ConfidenceModels {
  blame: { intercept: number; lead: number; chance: number }
  nothing: { intercept: number; history: number; unrest: number }
}

/** Fitted on `bench/confidence/signs.csv`; a test keeps the two in step. */
export const MODELS: ConfidenceModels = {
  blame: { intercept: 0.427, lead: 2.428, chance: -1.28 },
  nothing: { intercept: -5.516, history: 2.715, unrest: -1.441 },
}

/** `enough`: the lowest score that is no longer `nothing_wrong`. */
export function signsOf({ suspects, noise, unrest, history }: Investigation, enough: number, blames: boolean): Signs {
  const [first, second] = suspects
  const ahead = Math.max(0, first?.score ?? 0) - Math.max(0, second?.score ?? 0)
  return {
    blames,
    lead: Math.log1p(ahead / enough),
    chance: Math.log1p(largest(noise.values(), 0)),
    history: Math.log1p(history),
    unrest: Math.log1p(unrest),
  }
}

/**
 * Measured accuracy as a share of the predicted one, on systems not used while the rules were made. The first cause was
 * right in 62 % of 26, 65 % of 17 and 79 % of 24 incidents, where the models predicted 86, 83 and 96 %. Of 34 quiet windows, 91 % got their
 * all-clear; how many all-clears were right was not measured there, so they get the same share. Until the models are fitted on such systems, the
 * shown confidence is scaled by it.
 */
export const UNSEEN = 0.8

/** The confidence shown to people: the model's probability, scaled to what holds on unseen systems. */
export const toldConfidence = (signs: Signs): number => confidenceOf(signs) * UNSEEN

export function confidenceOf({ blames, ...signs }: Signs, { blame, nothing }: ConfidenceModels = MODELS): number {
  const odds = blames
    ? blame.intercept + blame.lead * signs.lead + blame.chance * signs.chance
    : nothing.intercept + nothing.history * signs.history + nothing.unrest * signs.unrest
  return 1 / (1 + Math.exp(-odds))
}

/** For people, in percent: a model fitted on a few hundred answers is never certain. */
export const percentOf = (confidence: number): number => Math.min(99, Math.round(confidence * 100))
