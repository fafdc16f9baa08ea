/**
 * The probability of each change that it caused the incident, given that there is one, and of none of them. A conditional logit (McFadden, "Conditional
 * logit analysis of qualitative choice behavior", 1974): the changes compete with each other and with “none”, so near-equal changes share
 * the probability, and the more of them stand near, the less each one gets. Two terms: whether the changed service is the first cause, and the
 * timing. Fitted on generated incidents of systems on the side that may be looked at (`node bench/changes.ts`).
 */
import type { Change } from '../observations.ts'
import type { JudgedChange } from './changes.ts'

/** What the probability of a change is computed from, known without the truth. */
export interface ChangeSigns {
  /** log of the probability that the changed service is the first cause */
  service: number
  /** log of the likelihood ratio of its time (change-timing.ts) */
  timing: number
}

export interface ChangeModel {
  intercept: number
  service: number
  timing: number
}

/** Fitted on `bench/confidence/change-signs.csv`; a test keeps the two in step. */
export const CHANGE_MODEL: ChangeModel = { intercept: -2.347, service: 0.698, timing: 0.671 }

export interface Weighed {
  change: Change
  /** null: it cannot be the cause */
  signs: ChangeSigns | null
}

interface Share {
  change: Change
  share: number
}

export interface ChangeShares {
  /** most likely first; those left out add up to at most 1 % */
  suspects: readonly Share[]
  /** the probability that none of these did it; with the shares it adds up to 1 */
  none: number
}

export function sharesOf(weighed: readonly Weighed[], model: ChangeModel = CHANGE_MODEL): ChangeShares {
  const odds = weighed.map(({ signs }) => (signs === null ? 0 : oddsOf(signs, model)))
  const total = odds.reduce((sum, one) => sum + one, 1)
  const ranked = weighed
    .map(({ change }, at) => ({ change, share: odds[at]! / total }))
    .sort((a, b) => b.share - a.share || b.change.timestamp - a.change.timestamp)
  const suspects = worthListing(ranked)
  return { suspects, none: Math.max(0, 1 - sumOf(suspects)) }
}

const UNLISTED = 0.01
/** An event must not grow without bound. */
const MOST_LISTED = 250

/** Without the least likely ones. A hundred near-equal changes are all listed: left out, they would count as “none of them”. */
function worthListing(ranked: readonly Share[]): Share[] {
  let left = sumOf(ranked)
  const end = ranked.findIndex(({ share }) => {
    if (left <= UNLISTED) return true
    left -= share
    return false
  })
  return ranked.slice(0, end === -1 ? MOST_LISTED : Math.min(end, MOST_LISTED))
}

const sumOf = (shares: readonly Share[]): number => shares.reduce((sum, { share }) => sum + share, 0)

/** Against “none”. */
export const oddsOf = ({ service, timing }: ChangeSigns, model: ChangeModel): number =>
  Math.exp(model.intercept + model.service * service + model.timing * timing)

interface Ranked {
  service: string
  score: number
}

/**
 * Adds to each change the probability that its service is the first cause: `confidence` for the first of the ranking; the rest is divided among the
 * others by score. A service without data may be the cause too, and gets an equal part of that rest.
 */
export function weigh(
  judged: readonly JudgedChange[],
  [first, ...others]: readonly Ranked[],
  confidence: number,
): Weighed[] {
  const rest = others.reduce((sum, { score }) => sum + Math.max(0, score), 0)
  const probabilities = new Map(
    others.map(({ service, score }) => [service, rest > 0 ? ((1 - confidence) * Math.max(0, score)) / rest : 0]),
  )
  if (first !== undefined) probabilities.set(first.service, confidence)
  const unmeasured = (1 - confidence) / (others.length + 1)
  return judged.map(({ change, timing }) => {
    const probability = probabilities.get(change.service) ?? unmeasured
    const isPossible = timing !== null && probability > 0
    return { change, signs: isPossible ? { service: Math.log(probability), timing } : null }
  })
}

/** Above it, a change more likely than not did it. */
export const LIKELY = 0.5
