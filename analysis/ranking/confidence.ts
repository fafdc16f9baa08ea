/**
 * The probability that the answer is right: that the first cause is the true one or, if none is named, that nothing is wrong. It is computed from
 * features known without the truth. For a named cause: its lead over the second, and how many others are nearly as suspicious. For
 * `nothing_wrong`: the length of the baseline, and how undisturbed it was. One logistic regression each (Platt, "Probabilistic outputs for support
 * vector machines", 1999), every system with the same weight: three public ones and four kinds of generated ones. These have too few wrong all-clears to fit
 * the regression for `nothing_wrong`: its coefficients are from four public sets, one of which was left out of everything later, and only its scale is
 * fitted here, to how often all-clears were right. `npm run eval` prints the constants and measures them on each system with models fitted on the others
 * (bench/confidence/calibration.ts).
 */
import type { Investigation } from '../investigate.ts'

export interface Signs {
  /** the answer names a cause; otherwise it is `nothing_wrong` */
  blames: boolean
  /** log(1 + lead of the first over the second, in units of the score that makes an incident) */
  lead: number
  /** share of the next five suspects with more than half the first one's score */
  near: number
  /** log(1 + baseline samples of the typical series or, without series, requests and log lines) */
  history: number
  /** log(1 + how far the highest score in undisturbed blocks of the baseline exceeds the typical block's) */
  unrest: number
}

export interface ConfidenceModels {
  blame: { intercept: number; lead: number; near: number }
  /** `most`: the highest that an all-clear can have */
  nothing: { intercept: number; history: number; unrest: number; most: number }
}

/** Fitted on `signs.csv` and `generated-signs.csv` in `bench/confidence`, but for `history` and `unrest` and their intercept; a test keeps them in step. */
export const MODELS: ConfidenceModels = {
  blame: { intercept: -0.399, lead: 1.68, near: -1.111 },
  nothing: { intercept: -5.516, history: 2.715, unrest: -1.441, most: 0.94 },
}

/** Suspects after the first that `near` looks at. */
const NEXT = 5

/** `enough`: the lowest score that is no longer `nothing_wrong`. */
export function signsOf({ suspects, unrest, history }: Investigation, enough: number, blames: boolean): Signs {
  const [first = 0, ...next] = suspects.slice(0, 1 + NEXT).map(({ score }) => Math.max(0, score))
  return {
    blames,
    lead: Math.log1p((first - (next[0] ?? 0)) / enough),
    near: next.filter((score) => score > first / 2).length / NEXT,
    history: Math.log1p(history),
    unrest: Math.log1p(unrest),
  }
}

export function confidenceOf({ blames, ...signs }: Signs, { blame, nothing }: ConfidenceModels = MODELS): number {
  const odds = blames
    ? blame.intercept + blame.lead * signs.lead + blame.near * signs.near
    : nothing.intercept + nothing.history * signs.history + nothing.unrest * signs.unrest
  return (blames ? 1 : nothing.most) / (1 + Math.exp(-odds))
}

/** For people, in percent: a model fitted on a few hundred answers is never certain. */
export const percentOf = (confidence: number): number => Math.min(99, Math.round(confidence * 100))
