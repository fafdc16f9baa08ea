/** The engine's answer to one incident of which it is known who failed first and which change did it, if one did. */
import { conclude } from '../../analysis/diagnose.ts'
import { LIKELY } from '../../analysis/ranking/change-shares.ts'
import type { Verdict } from '../../analysis/verdict.ts'
import type { Side } from '../division.ts'
import { baselines } from '../rankings/baselines.ts'
import { type Forecast, rankOf } from '../rankings/measures.ts'
import type { EvaluationCase } from '../rankings/cases.ts'

/** The simplest methods that such incidents can be asked: by strength of metrics, and along the graph. */
export const COMPARED = ['robust z-score', 'BARO-style', 'graph traversal'] as const

/** Name of the generated set. */
export const GENERATED = 'generated'

export interface Outcome {
  set: string
  side: Side
  /** kind of system, and of what went wrong with it */
  group: string
  kind: string
  truth: string | null
  /** null: no change did it */
  guilty: string | null
  /** changes that are known */
  changes: number
  verdict: Verdict['verdict']
  /** of the whole answer */
  confidence: number
  /** place of the faulty service; null: nothing is wrong, or it was not ranked */
  rank: number | null
  /** the change that more likely than not did it, by the answer; null: it names none */
  named: string | null
  /** the answer says that probably no change did it */
  saysNone: boolean
  /** the most likely alternative, a change or none of them, and whether that is true; null: no change is known, or no cause was looked for */
  change: Forecast | null
  /** rank by each of `COMPARED` */
  compared: readonly (number | null)[]
  /** CPU ms of the engine */
  took: number
}

function changeOf(
  { suspectedChanges }: Verdict,
  guilty: string | null,
): Pick<Outcome, 'named' | 'saysNone' | 'change'> {
  if (suspectedChanges === null) return { named: null, saysNone: false, change: null }
  const { suspects, none } = suspectedChanges
  const [first] = suspects
  const saysNone = none > LIKELY
  if (first === undefined || none >= first.probability) return { named: null, saysNone, change: { probability: none, right: guilty === null } } // prettier-ignore
  const { changeId, probability } = first
  return { named: probability > LIKELY ? changeId : null, saysNone, change: { probability, right: changeId === guilty } } // prettier-ignore
}

interface Asked extends Omit<EvaluationCase, 'system' | 'id'> {
  set: string
  side: Side
}

export function outcomeOf(asked: Asked, seed: number): Outcome {
  const { set, side, group, kind = '', truth, guilty = null, front } = asked
  const known = asked.observations()
  const began = process.threadCpuUsage()
  const { verdict } = conclude(known)
  const { user, system } = process.threadCpuUsage(began)
  const ranking = verdict.rootCauses.map(({ service }) => service)
  return {
    set,
    side,
    group,
    kind,
    truth,
    guilty,
    changes: known.changes.length,
    verdict: verdict.verdict,
    confidence: verdict.confidence,
    rank: truth === null ? null : rankOf(truth, ranking),
    ...changeOf(verdict, guilty),
    compared: truth === null ? [] : COMPARED.map((name) => rankOf(truth, baselines[name]!(known, { front, seed }))),
    took: (user + system) / 1000,
  }
}
