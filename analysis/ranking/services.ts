/**
 * Ranks services: combines the evidence of each service from series, log lines and spans, and separates symptom from cause along
 * the calls. A symptom that a caller shares with its callee is attributed to the callee (MicroRCA: Wu et al., NOMS 2020; the graph
 * traversal of PetShop's baselines: Hardt et al., CLeaR 2024), but only the same kind of symptom: a slow callee does not explain errors.
 */
import { largest } from '../extremes.ts'
import { judgeChanges, type JudgedChange, type Seen } from './changes.ts'
import { type Compared, type Deviation, MOVED } from '../metrics/deviation.ts'
import { chanceOf, type Families, familiesOf, type Family, familyOf, isTrouble, noiseOf, unrestOf } from './families.ts'
import { settleDeaths } from './deaths.ts'
import { gaveUpOn, OF_GIVING_UP } from './gave-up.ts'
import { connectedTo, reachedFrom } from './graph.ts'
import { endOf, isFeltBy, phaseOf } from './lasting.ts'
import type { TemplateChange } from '../logs/changes.ts'
import type { PathChange } from '../logs/paths.ts'
import type { Known } from '../metrics/onset.ts'
import type { Alert, CallEdge, Change, Series, TimeRange } from '../observations.ts'
import type { TraceFinding } from '../traces/compare.ts'
import type { ToldEvidence } from './told.ts'
import { settleWaiting } from './waiting.ts'
import type { Phase } from '../verdict.ts'
import { alertedMeaning, weightOf } from '../metrics/weight.ts'

export interface Suspect {
  service: string
  score: number
  /** the score without the change: whether anything is wrong does not depend on what was deployed */
  own: number
  /** what moved, strongest first */
  deviations: readonly Deviation[]
  logs: readonly TemplateChange[]
  paths: readonly PathChange[]
  traces: readonly TraceFinding[]
  /** latency of its callers, on the client's side where it is measured, or their errors, that no callee explains; strongest first */
  waits: readonly Deviation[]
  /** score by kind of evidence, minus what its callees explain */
  families: ReadonlyMap<Family, number>
  /** the change of this service that is most likely the cause */
  change: Change | null
  phase: Phase | null
  /** when it ended, ms since the epoch; null if it has not */
  until: number | null
}

export interface Signals {
  services: readonly string[]
  deviations: readonly Compared[]
  logs: readonly TemplateChange[]
  paths: readonly PathChange[]
  traces: readonly TraceFinding[]
  /** placebo scores of logs and spans, from stretches of the baseline */
  placebos: readonly ToldEvidence[]
  edges: readonly CallEdge[]
  changes: readonly Change[]
  alert?: Alert
  /** services that stopped reporting */
  gone?: ReadonlySet<string>
  /** the service the question is about */
  asked?: string
  onset: number
  /** the range that is compared with the baseline */
  during: TimeRange
  /** `known`: the range searched for the onset; `told`: series derived from logs and spans, used in that search too */
  known: Known
  told: readonly Series[]
}

/** Timing alone proves nothing: a change raises the service's own score, by at most this share. */
const CHANGE_WEIGHT = 0.5
/** Each further kind of evidence is discounted by this factor, because they mostly show the same thing. */
const AFTER_FIRST = 0.5
/** Share of a caller's score explained by a callee that is at least as disturbed in the same way. */
const OWED = 0.6
/** The same for a callee that is gone. */
const OWED_TO_GONE = 0.9
/** Factors for services that the alerted service does not call, and for services known only from a single caller's metrics. */
const UNREACHED = 0.5
const SECOND_HAND = 0.6
/** Factors for faults that are over while users are still affected, and for services not connected to the service in question. */
const ENDED = 0.2
const UNCONNECTED = 0.2
/** Share of the highest score above which an ongoing fault counts as still affecting users. */
const FELT_STILL = 0.3
/** Kinds of symptom that spread from a callee to its caller. */
const PASSED_ON: ReadonlySet<Family> = new Set<Family>(['latency', 'occupied', 'errors', 'logs', 'traces'])

/** What its callers show of a service. */
const WAITED_FOR = ['waited', 'unanswered', 'pointed_at'] as const

export interface Ranking {
  /** every service, most suspicious first */
  suspects: Suspect[]
  /** score that each kind of evidence reaches in some service by chance */
  noise: ReadonlyMap<Family, number>
  /** unevenness of that noise: a baseline that contains a fault hides faults that are no worse */
  unrest: number
  /** every change, in the order given */
  changes: readonly JudgedChange[]
}

export function rankServices(signals: Signals): Ranking {
  const alerted = alertedMeaning(signals.alert)
  const chance = chanceOf(signals.deviations, signals.placebos, alerted)
  const noise = noiseOf(chance)
  const evidenced = evidenceByService(signals)
  const own = new Map([...evidenced].map(([service, evidence]) => [service, familiesOf(evidence, noise, alerted)]))
  const gone = signals.gone ?? new Set()
  settleDeaths(own, signals, gone)
  settleWaiting(own, signals.edges, new Set(signals.deviations.map(({ series }) => series.service)))
  const callees = Map.groupBy(signals.edges, (edge) => edge.from)
  const callers = Map.groupBy(signals.edges, (edge) => edge.to)
  const reached = reachedFrom(signals.alert?.service, signals.edges)
  const connected = connectedTo(signals.alert?.service ?? signals.asked, signals.edges)
  const isGivenUp = gaveUpOn(signals.deviations)
  const isKnown = firstHand(signals, callers, callees)
  const order = mostSuspectFirst(signals.deviations)
  const suspectOf = ([service, evidence]: [string, Evidence]): Suspect => {
    const called = (callees.get(service) ?? []).filter(({ to }) => to !== service)
    const below = called.map(({ to }) => ({ of: own.get(to), isWaitedFor: isGivenUp(service, to) }))
    const isLost = called.some(({ to }) => gone.has(to))
    const unexplained = (isTold: (one: boolean) => boolean): Families =>
      new Map(
        [...(own.get(service) ?? [])].map(([family, score]): [Family, number] => {
          if (!PASSED_ON.has(family)) return [family, score]
          const callee = largest(
            below.map(({ of, isWaitedFor }) => explains(family, of, isTold(isWaitedFor))),
            0,
          )
          return [family, isLost ? score * (1 - OWED_TO_GONE) : score - OWED * Math.min(score, callee)]
        }),
      )
    const families = unexplained((isWaitedFor) => isWaitedFor)
    const far = connected === null || connected.has(service) ? 1 : UNCONNECTED
    const place =
      far * (reached === null || reached.has(service) ? 1 : UNREACHED) * (isKnown(service) ? 1 : SECOND_HAND)
    const score = place * sumOf(families)
    // `own` ignores callers that gave up: their timeouts show which service is at fault, but do not make the fault smaller
    const alone = (place / far) * sumOf(unexplained(() => false))
    const waits = WAITED_FOR.some((one) => (families.get(one) ?? 0) > 0) ? waitsOf(callers.get(service) ?? [], evidenced) : [] // prettier-ignore
    const deviations = evidence.deviations.toSorted(
      (a, b) => weightOf(b, alerted) - weightOf(a, alerted) || furthestFirst(a, b),
    )
    const phase = phaseOf(deviations, signals.during)
    const until = phase === 'over' ? endOf(deviations, signals.during) : null
    return { service, ...evidence, deviations, waits, families, change: null, score, own: alone, phase, until }
  }
  const alone = withoutEnded([...evidenced].map(suspectOf)).sort(order)
  const changes = judgeChanges(seenOf(alone, signals.told), { ...signals, reached })
  const guilty = Map.groupBy(
    changes.filter(({ guilt }) => guilt > 0),
    ({ change }) => change.service,
  )
  const suspects = alone.map((one) => withChange(one, guilty.get(one.service) ?? [])).sort(order)
  return { suspects, noise, unrest: unrestOf(chance), changes }
}

const sumOf = (families: Families): number =>
  [...families.values()].sort((a, b) => b - a).reduce((sum, one, at) => sum + one * AFTER_FIRST ** at, 0)

/** A fault that has ended does not explain what users still feel. */
function withoutEnded(suspects: readonly Suspect[]): Suspect[] {
  const most = largest(
    suspects.map(({ own }) => own),
    0,
  )
  const isFeltStill = ({ phase, own, deviations }: Suspect): boolean =>
    phase === 'going_on' && own > FELT_STILL * most && deviations.some(isFeltBy)
  if (!suspects.some(isFeltStill)) return [...suspects]
  return suspects.map((one) => (one.phase === 'over' ? { ...one, score: one.score * ENDED } : one))
}

/**
 * A callee's symptom explains the same symptom in its callers, its saturation their latency, and, where they gave up waiting for it, its
 * latency their failures; never the reverse.
 */
function explains(family: Family, callee: ReadonlyMap<Family, number> | undefined, isWaitedFor: boolean): number {
  const score = (other: Family): number => callee?.get(other) ?? 0
  if (family === 'latency') return Math.max(score('latency'), score('saturation'), score('occupied'), score('waited'))
  if (family === 'occupied')
    return Math.max(score('latency') > 0 ? score('occupied') : 0, score('latency'), score('waited'))
  if (family === 'errors') return Math.max(score('errors'), score('unanswered'), isWaitedFor ? score('latency') : 0)
  return isWaitedFor && OF_GIVING_UP.has(family) ? Math.max(score(family), score('latency')) : score(family)
}

type Calls = ReadonlyMap<string, readonly CallEdge[]>

/**
 * Whether a service has data of its own. One with a single caller, no callee and no resource metrics, logs or traces is known only through
 * that caller, like an external address; another service with equal evidence is preferred.
 */
function firstHand(
  { deviations, logs, traces }: Signals,
  callers: Calls,
  callees: Calls,
): (service: string) => boolean {
  const others = (calls: readonly CallEdge[] | undefined, service: string): number =>
    new Set((calls ?? []).flatMap(({ from, to }) => [from, to]).filter((one) => one !== service)).size
  const measured = new Set(deviations.filter((one) => one.meaning === 'saturation').map(({ series }) => series.service))
  for (const { service } of [...logs, ...traces]) measured.add(service)
  return (service) =>
    measured.has(service) || others(callees.get(service), service) > 0 || others(callers.get(service), service) !== 1
}

type Evidence = Pick<Suspect, 'deviations' | 'logs' | 'paths' | 'traces'>

function evidenceByService(signals: Signals): Map<string, Evidence> {
  const moved = signals.deviations.filter((one) => one.z > MOVED)
  const deviations = Map.groupBy(moved, (one) => one.series.service)
  const logs = Map.groupBy(signals.logs.filter(isTrouble), (one) => one.service)
  const paths = Map.groupBy(signals.paths, (one) => one.service)
  const traces = Map.groupBy(signals.traces, (one) => one.service)
  return new Map(
    signals.services.map((service) => [
      service,
      {
        deviations: deviations.get(service) ?? [],
        logs: logs.get(service) ?? [],
        paths: paths.get(service) ?? [],
        traces: traces.get(service) ?? [],
      },
    ]),
  )
}

/** What the callers measured on their side or, where they measure no calls, how slow they became themselves, or how often they failed. */
function waitsOf(callers: readonly CallEdge[], evidenced: ReadonlyMap<string, Evidence>): Deviation[] {
  const measured = callers.flatMap(({ from }) => evidenced.get(from)?.deviations ?? []).sort(furthestFirst)
  const calls = measured.filter((one) => familyOf(one) === 'waiting')
  if (calls.length > 0) return calls
  const slow = measured.filter((one) => familyOf(one) === 'latency')
  return slow.length > 0 ? slow : measured.filter((one) => familyOf(one) === 'errors')
}

/** The input of `judgeChanges` about each service. */
function seenOf(suspects: readonly Suspect[], told: readonly Series[]): Seen[] {
  const toldBy = Map.groupBy(told, ({ service }) => service)
  return suspects.map(({ service, deviations, logs, paths, traces, waits, phase }) => {
    const families = deviations.map(familyOf)
    return {
      service,
      moved: deviations.length + logs.length + paths.length + traces.length + waits.length > 0,
      suffers: logs.length + traces.length > 0 || families.some((one) => one === 'waiting' || PASSED_ON.has(one)),
      isOver: phase === 'over',
      series: [...deviations.map(({ series }) => series), ...(toldBy.get(service) ?? [])],
    }
  })
}

/** `own`: changes of this service that may be the cause. */
function withChange(suspect: Suspect, own: readonly JudgedChange[]): Suspect {
  const [likeliest] = own.toSorted((a, b) => b.guilt - a.guilt || inOrder(a.change.id, b.change.id))
  if (likeliest === undefined || !(suspect.score > 0)) return suspect
  return { ...suspect, change: likeliest.change, score: suspect.score * (1 + CHANGE_WEIGHT * likeliest.guilt) }
}

/** By score, then by the service's largest deviation, even one within noise. */
function mostSuspectFirst(deviations: readonly Deviation[]): (a: Suspect, b: Suspect) => number {
  const furthest = new Map<string, number>()
  for (const { series, z } of deviations) furthest.set(series.service, Math.max(z, furthest.get(series.service) ?? 0))
  const of = ({ service }: Suspect): number => furthest.get(service) ?? 0
  return (a, b) => b.score - a.score || of(b) - of(a) || inOrder(a.service, b.service)
}

/** Tie-break if no measurement separates two services, so that input order never decides. */
const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const furthestFirst = (a: Deviation, b: Deviation): number => b.z - a.z || inOrder(nameOf(a), nameOf(b))
const nameOf = ({ series: { service, indicator, instance = '' } }: Deviation): string =>
  [service, indicator, instance].join('\0')
