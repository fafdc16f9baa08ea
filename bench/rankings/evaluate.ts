/** Runs the engine, its ablations and the baselines on every question and records the answers. */
import type { Signs } from '../../analysis/ranking/confidence.ts'
import { conclude, diagnose } from '../../analysis/diagnose.ts'
import type { Observations, Series } from '../../analysis/observations.ts'
import type { Verdict } from '../../analysis/verdict.ts'
import { baselines } from './baselines.ts'
import type { EvaluationCase, Expected } from './cases.ts'
import { rankOf } from './measures.ts'
import { type Asked, askedAgain, type Before } from './second-outage.ts'
import { verdictWithDeployment, withChanges } from './with-changes.ts'

export const ENGINE = 'engine'

export interface Answer {
  system: string
  group: string
  id: string
  kind?: string
  truth: string | null
  expected?: Expected
  verdict: Verdict['verdict']
  /** the service blamed first; null: none */
  first: string | null
  /** verdict of a fault-free window with a deployment in its middle; else null */
  deployed: Verdict['verdict'] | null
  confidence: number
  /** features of the confidence; null if no service was blamed */
  signs: Signs | null
  /** CPU time of the engine in ms */
  took: number
  /** rank of the truth per method; null: not in its answer */
  ranks: ReadonlyMap<string, number | null>
  /** with an earlier outage inserted; empty: not asked */
  again: ReadonlyMap<Before, Asked>
}

/** The observations without one source of evidence. */
export const ablations: Readonly<Record<string, (observations: Observations) => Observations>> = {
  'without logs': (all) => ({ ...all, logs: [] }),
  'without traces': (all) => ({ ...all, spans: [] }),
  'without the graph': (all) => ({ ...all, edges: [], spans: [] }),
  'without metrics': (all) => ({ ...all, series: [] }),
  'without changes': (all) => ({ ...all, changes: [] }),
  'without the alert': ({ alert: _alert, ...rest }) => rest,
  'without latency': (all) => keep(all, (series) => !/lat|duration/i.test(series.indicator)),
  'without CPU and memory': (all) => keep(all, (series) => !/cpu|mem/i.test(series.indicator)),
}

const keep = (all: Observations, isKept: (series: Series) => boolean): Observations => ({
  ...all,
  series: all.series.filter(isKept),
})

const has: Readonly<Record<string, (observations: Observations) => boolean>> = {
  'without logs': ({ logs }) => logs.length > 0,
  'without traces': ({ spans }) => spans.length > 0,
  'without the graph': ({ edges }) => edges.length > 0,
  'without metrics': ({ series }) => series.length > 0,
  'without changes': ({ changes }) => changes.length > 0,
  'without the alert': ({ alert }) => alert !== undefined,
  'nearest change': ({ changes }) => changes.length > 0,
}

/** `others`: the cases of the set. */
export function answer(question: EvaluationCase, seed: number, others: readonly EvaluationCase[]): Answer {
  const { system, group, id, kind, truth, front } = question
  const observations = question.observations()
  const began = process.threadCpuUsage()
  const { verdict, signs } = conclude(observations)
  const { user, system: kernel } = process.threadCpuUsage(began)
  const took = (user + kernel) / 1000
  const ranks = new Map<string, number | null>()
  if (truth !== null) {
    ranks.set(ENGINE, rankOf(truth, ranking(verdict)))
    const can = (name: string): boolean => has[name]?.(observations) ?? true
    for (const [name, rank] of Object.entries(baselines))
      if (can(name)) ranks.set(name, rankOf(truth, rank(observations, { front, seed })))
    for (const [name, ablate] of Object.entries(ablations))
      if (can(name)) ranks.set(name, rankOf(truth, ranking(diagnose(ablate(observations)))))
    for (const [name, rank] of Object.entries(withChanges))
      ranks.set(name, rank({ observations, truth, verdict, seed }))
  }
  return {
    system,
    group,
    id,
    ...(kind === undefined ? {} : { kind }),
    truth,
    ...(question.expected === undefined ? {} : { expected: question.expected }),
    verdict: verdict.verdict,
    first: verdict.verdict === 'incident' ? (verdict.rootCauses[0]?.service ?? null) : null,
    deployed: truth === null ? verdictWithDeployment(observations, seed) : null,
    confidence: verdict.confidence,
    signs,
    took,
    ranks,
    again: askedAgain(question, others),
  }
}

const ranking = (verdict: Verdict): string[] => verdict.rootCauses.map(({ service }) => service)

export const ranksOf = (method: string, members: readonly Answer[]): (number | null)[] =>
  members.flatMap(({ ranks }) => (ranks.has(method) ? [ranks.get(method) ?? null] : []))
