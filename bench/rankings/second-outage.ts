/** Questions asked again on a day that went wrong before: after an outage of another service, and after one of the same. */
import { diagnose } from '../../analysis/diagnose.ts'
import type { Verdict } from '../../analysis/verdict.ts'
import type { EvaluationCase } from './cases.ts'
import { outageOf, withEarlier } from './earlier-outage.ts'
import { rankOf } from './measures.ts'

export const BEFORE = ['none', 'another service', 'the same service'] as const
export type Before = (typeof BEFORE)[number]

export interface Asked {
  verdict: Verdict['verdict']
  /** of the service at fault; null: not among the answers, or nothing is wrong */
  rank: number | null
}

/** Empty where a case does not say when it was well. Of a fault-free window the one before is of any service. */
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

/** Two cases are partners of each other, so that each pair is asked about in both orders; of an odd number one has the first. */
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

/** Sorted by service, who stands half of them away is mostly of another. One alone is its own. */
function halfway(ones: readonly EvaluationCase[], question: EvaluationCase): EvaluationCase {
  const [index, half] = [ones.indexOf(question), Math.floor(ones.length / 2)]
  return ones[index < half ? index + half : index < 2 * half ? index - half : 0] ?? question
}
