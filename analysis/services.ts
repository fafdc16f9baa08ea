/**
 * From series, log lines and spans to services: several indicators of one service together, and symptom told from cause along
 * the calls. What a caller suffers in the same way as its callee it owes to it (MicroRCA: Wu et al., NOMS 2020; the graph
 * traversal of PetShop's baselines: Hardt et al., CLeaR 2024), and only in the same way: a slow callee does not explain errors.
 */
import { nearness } from './changes.ts'
import type { Deviation } from './deviation.ts'
import { reachedFrom } from './graph.ts'
import type { TemplateChange } from './logs/changes.ts'
import type { PathChange } from './logs/paths.ts'
import { isAddress, isBetterWhenHigh, isOfHost, meaningOf, type Meaning } from './meaning.ts'
import type { Alert, CallEdge, Change } from './observations.ts'
import type { TraceFinding } from './traces/compare.ts'

export interface Suspect {
  service: string
  score: number
  /** what moved, strongest first */
  deviations: readonly Deviation[]
  logs: readonly TemplateChange[]
  paths: readonly PathChange[]
  traces: readonly TraceFinding[]
  /** a change of this service shortly before the onset, after which its own signals moved */
  change: Change | null
}

export interface Signals {
  services: readonly string[]
  deviations: readonly Deviation[]
  logs: readonly TemplateChange[]
  paths: readonly PathChange[]
  traces: readonly TraceFinding[]
  edges: readonly CallEdge[]
  changes: readonly Change[]
  alert?: Alert
  onset: number
}

type Family = Meaning | 'logs' | 'paths' | 'traces'

const WEIGHTS: Record<Meaning, number> = { latency: 1, errors: 1, saturation: 0.8, other: 0.5, traffic: 0.3 }
const LOG_WEIGHT = 0.5
const PATH_WEIGHT = 3
/** Of thousands of pairs of events some differ this much by chance: what counts is what is beyond. */
const PATH_CHANCE = 2.5
const TRACE_WEIGHT = 3
const CHANGE_WEIGHT = 2
const HOST_WEIGHT = 0.2
const MOVED = 2
const TELLING = 1 / 3
const FEWEST_TELL = 10
const HABIT = 0.5
/** So many indicators of a kind count for a service: one noisy series does not win, fifty do not either. */
const COUNTED = 3
/** What kinds of evidence after the strongest count for: they mostly tell of the same thing. */
const AFTER_FIRST = 0.5
/** Share that a caller owes to a callee that is at least as disturbed in the same way. */
const OWED = 0.6
/** An alert about failures is about failures: other kinds of evidence count this much. */
const OTHER_THAN_ALERTED = 0.2
/** What the alerted service does not reach through its calls, and what is known by its address alone. */
const UNREACHED = 0.5
const ADDRESS = 0.6
/** These pass from a callee to its caller. */
const PASSED_ON: ReadonlySet<Family> = new Set<Family>(['latency', 'errors', 'logs', 'traces'])

export function rankServices(signals: Signals): Suspect[] {
  const alerted = alertedMeaning(signals.alert)
  const grouped = {
    deviations: Map.groupBy(signals.deviations, (one) => one.series.service),
    logs: Map.groupBy(signals.logs.filter(isTrouble), (one) => one.service),
    paths: Map.groupBy(signals.paths, (one) => one.service),
    traces: Map.groupBy(signals.traces, (one) => one.service),
  }
  const own = new Map(signals.services.map((service) => [service, evidenceOf(service, grouped, alerted)]))
  const callees = Map.groupBy(signals.edges, (edge) => edge.from)
  const reached = reachedFrom(signals.alert?.service, signals.edges)
  return [...own]
    .map(([service, { families, suspect }]) => {
      const below = (callees.get(service) ?? [])
        .filter(({ to }) => to !== service)
        .map(({ to }) => own.get(to)?.families)
      const kept = [...families].map(([family, score]) => {
        if (!PASSED_ON.has(family)) return score
        const callee = Math.max(0, ...below.map((other) => other?.get(family) ?? 0))
        return score - OWED * Math.min(score, callee)
      })
      const place = (reached === null || reached.has(service) ? 1 : UNREACHED) * (isAddress(service) ? ADDRESS : 1)
      const score = place * kept.sort((a, b) => b - a).reduce((sum, one, index) => sum + one * AFTER_FIRST ** index, 0)
      return withChange({ ...suspect, score }, signals)
    })
    .sort((a, b) => b.score - a.score || strongest(b) - strongest(a))
}

interface Grouped {
  deviations: ReadonlyMap<string, readonly Deviation[]>
  logs: ReadonlyMap<string, readonly TemplateChange[]>
  paths: ReadonlyMap<string, readonly PathChange[]>
  traces: ReadonlyMap<string, readonly TraceFinding[]>
}

function evidenceOf(service: string, grouped: Grouped, alerted: Meaning | null) {
  const all = grouped.deviations.get(service) ?? []
  const deviations = all.filter((one) => one.z > MOVED).sort((a, b) => weightOf(b, alerted) - weightOf(a, alerted))
  const logs = grouped.logs.get(service) ?? []
  const paths = grouped.paths.get(service) ?? []
  const traces = grouped.traces.get(service) ?? []
  const families = new Map<Family, number>()
  for (const [meaning, ones] of Map.groupBy(deviations, (one) => one.meaning))
    families.set(meaning, diminishing(ones.map((one) => weightOf(one, alerted))))
  families.set('logs', LOG_WEIGHT * diminishing(logs.map((one) => Math.log1p(one.during))))
  families.set('paths', PATH_WEIGHT * diminishing(paths.map((one) => Math.max(0, one.deviation - PATH_CHANCE))))
  families.set('traces', TRACE_WEIGHT * diminishing(traces.map((one) => Math.log1p(one.deviation))))
  return { families, suspect: { service, deviations, logs, paths, traces, change: null } }
}

/** The strongest whole, the second half, the third a third. */
const diminishing = (weights: readonly number[]): number =>
  weights
    .toSorted((a, b) => b - a)
    .slice(0, COUNTED)
    .reduce((sum, weight, index) => sum + weight / (index + 1), 0)

/**
 * How unusual, less half of what the series does by itself, and how much of its level: neither a sure trifle nor a wild guess
 * weighs much. So many samples of a baseline cannot tell more than one in as many.
 */
function weightOf(deviation: Deviation, alerted: Meaning | null): number {
  const { meaning, z, usual, samples, series } = deviation
  const asked = alerted === null || alerted === meaning ? 1 : OTHER_THAN_ALERTED
  const unusual =
    Math.log1p(Math.max(0, Math.min(z, Math.max(FEWEST_TELL, samples * TELLING)))) - HABIT * Math.log1p(usual)
  const weight = WEIGHTS[meaning] * asked * (isOfHost(series.indicator) ? HOST_WEIGHT : 1)
  return weight * Math.max(0, unusual) * Math.sqrt(effectOf(deviation))
}

/** 0..1: the share of the larger level by which they differ. Of success, that of failures: from none to any is all. */
function effectOf({ before, during, series }: Deviation): number {
  if (isBetterWhenHigh(series.indicator)) return 1
  const larger = Math.max(Math.abs(before), Math.abs(during))
  return larger === 0 ? 0 : Math.min(1, Math.abs(during - before) / larger)
}

/** What the alert is about, where it says so and it is something users feel. */
function alertedMeaning(alert: Alert | undefined): Meaning | null {
  const named = alert?.labels['metric'] ?? alert?.labels['indicator'] ?? alert?.labels['__name__']
  const meaning = named === undefined ? null : meaningOf(named)
  return meaning === 'latency' || meaning === 'errors' ? meaning : null
}

/** Nearness in time alone convicts nobody: the service itself must have moved. */
function withChange(suspect: Suspect, { changes, onset }: Signals): Suspect {
  if (!(suspect.score > 0)) return suspect
  const near = changes.filter((change) => change.service === suspect.service && nearness(change, onset) > 0.05)
  const change = near.sort((a, b) => nearness(b, onset) - nearness(a, onset))[0]
  if (change === undefined) return suspect
  return { ...suspect, change, score: suspect.score + CHANGE_WEIGHT * nearness(change, onset) }
}

const strongest = (suspect: Suspect): number => suspect.deviations[0]?.z ?? 0
const isTrouble = (change: TemplateChange): boolean =>
  (change.kind === 'appeared' || change.kind === 'grew') && change.severity !== 'info'
