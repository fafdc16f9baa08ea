/**
 * The probability that the answer is right: that the first cause is the cause or, where nobody is blamed, that nothing is wrong. Signs that
 * need no answer tell it: of a blame how far the first stands before the second, and how much chance alone shows in this system; of
 * nothing how much time it was compared with, and how undisturbed that was. A logistic regression for each (Platt, "Probabilistic outputs for support
 * vector machines", 1999), each system weighing the same. `npm run eval` fits them on the public sets, prints the constants, and measures
 * them on each system with models fitted on the others (bench/confidence/calibration.ts).
 */
import { largest } from '../extremes.ts'
import type { Investigation } from '../investigate.ts'

export interface Signs {
  /** somebody is blamed; else nothing is wrong */
  blames: boolean
  /** log(1 + score of the first before the second, in scores that suffice for an incident) */
  lead: number
  /** log(1 + score of the loudest kind of evidence in undisturbed blocks of the baseline) */
  chance: number
  /** log(1 + samples of the typical series that was compared with or, without series, requests and lines) */
  history: number
  /** log(1 + how far the loudest of these blocks goes beyond the usual one) */
  unrest: number
}

export interface ConfidenceModels {
  blame: { intercept: number; lead: number; chance: number }
  nothing: { intercept: number; history: number; unrest: number }
}

/** As fitted on the signs in `bench/confidence/signs.csv`; a test holds them to that. */
export const MODELS: ConfidenceModels = {
  blame: { intercept: 0.354, lead: 2.282, chance: -1.156 },
  nothing: { intercept: -5.521, history: 2.717, unrest: -1.441 },
}

/** `enough`: the score from which on it is no longer called nothing. */
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
 * How often answers came true on systems that nobody looked at while the rules were made, of how often the models said: the first cause was
 * right in 62 % of 26, 65 % of 17 and 79 % of 24 incidents said to be sure in 86, 83 and 96 of 100; nothing was wrong in 91 % of 34 quiet
 * windows. Until the models are fitted on such systems, nobody is told more than this share.
 */
export const UNSEEN = { blame: 0.8, nothing: 0.9 } as const

/** What people are told: the model's probability, in so far as it holds on systems never seen. */
export const toldConfidence = (signs: Signs): number =>
  confidenceOf(signs) * (signs.blames ? UNSEEN.blame : UNSEEN.nothing)

export function confidenceOf({ blames, ...signs }: Signs, { blame, nothing }: ConfidenceModels = MODELS): number {
  const odds = blames
    ? blame.intercept + blame.lead * signs.lead + blame.chance * signs.chance
    : nothing.intercept + nothing.history * signs.history + nothing.unrest * signs.unrest
  return 1 / (1 + Math.exp(-odds))
}

/** For people, in percent: what was fitted on a few hundred answers is never certain. */
export const percentOf = (confidence: number): number => Math.min(99, Math.round(confidence * 100))
