/** Repeats the questions with an earlier outage in the baseline: one of another service, and one of the same. */
import { diagnose } from '../../analysis/diagnose.ts'
import type { Verdict } from '../../analysis/verdict.ts'
import type { EvaluationCase } from './cases.ts'
import { outageOf, withEarlier } from './earlier-outage.ts'
import { rankOf } from './measures.ts'

export const BEFORE = ['none', 'another service', 'the same service'] as const
export type Before = (typeof BEFORE)[number]

export interface Asked {
  verdict: Verdict['verdict']
  /** rank of the faulty service; null: not in the answer, or nothing is wrong */
  rank: number | null
}

/** Empty if a case does not state its undisturbed time. A fault-free window gets an outage of any service. */
export function askedAgain(question: EvaluationCase, cases: readonly EvaluationCase[]): ReadonlyMap<Before, Asked> {
  const asked = outageOf(question)
  if (asked === null) return new Map()
  const found = new Map<Before, Asked>([['none', judged(diagnose(asked.observations), question)]])
  for (const [before, other] of partnersOf(question, cases)) {
    const earlier = other === question ? asked : outageOf(other)
    if (earlier !== null) found.set(before, judged(diagnose(withEarlier(asked, earlier)), question))
  }
  return found
}

const judged = ({ verdict, rootCauses }: Verdict, { truth }: EvaluationCase): Asked => ({
  verdict,
  rank: truth === null ? null : rankOf(truth, rootCauses.map(({ service }) => service)), // prettier-ignore
})

/** Cases are paired so that each pair is asked in both orders; in an odd number, one case takes the first as its partner. */
export function partnersOf(question: EvaluationCase, cases: readonly EvaluationCase[]): [Before, EvaluationCase][] {
  const { system, group, truth } = question
  const faulted = cases.filter((one) => one.truth !== null && one.system === system)
  if (truth === null) {
    const index = cases.filter((one) => one.group === group).indexOf(question)
    return faulted.length === 0 ? [] : [['another service', faulted[index % faulted.length]!]]
  }
  const own = faulted.filter((one) => one.group === group).toSorted((a, b) => byName(a.truth!, b.truth!))
  const other = halfway(own, question)
  const same = halfway(own.filter((one) => one.truth === truth), question) // prettier-ignore
  return [...(other.truth === truth ? [] : [['another service', other] as [Before, EvaluationCase]]), ['the same service', same]] // prettier-ignore
}

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** In a list sorted by service, the case half a list away is usually of another service. A single case is its own partner. */
function halfway(ones: readonly EvaluationCase[], question: EvaluationCase): EvaluationCase {
  const [index, half] = [ones.indexOf(question), Math.floor(ones.length / 2)]
  return ones[index < half ? index + half : index < 2 * half ? index - half : 0] ?? question
}
