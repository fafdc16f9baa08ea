/** From series to services: several indicators of one service together, and symptom told from cause along the calls. */
import type { TemplateChange } from './logs/changes.ts'
import type { Deviation, Meaning } from './deviation.ts'
import type { CallEdge, Change } from './observations.ts'

export interface Suspect {
  service: string
  score: number
  /** what moved, strongest first */
  deviations: readonly Deviation[]
  logs: readonly TemplateChange[]
  /** a change of this service shortly before the onset, after which its own signals moved */
  change: Change | null
}

const WEIGHTS: Record<Meaning, number> = { latency: 1, errors: 1, saturation: 0.8, other: 0.5, traffic: 0.3 }
const MOVED = 3
/** So many indicators count for a service: one noisy series does not win, fifty do not either. */
const COUNTED = 3
/** Share of its score that a caller owes to a callee that is at least as disturbed. */
const OWED = 0.6
const LOG_WEIGHT = 0.7
const CHANGE_WEIGHT = 2
const CHANGE_FADES_MS = 5 * 60_000
/** Clocks and scrapes are not exact: a change may be noted a little after what it did was seen. */
const CHANGE_LATE_MS = 90_000

export function rankServices(parts: {
  services: readonly string[]
  deviations: readonly Deviation[]
  logs: readonly TemplateChange[]
  edges: readonly CallEdge[]
  changes: readonly Change[]
  onset: number
}): Suspect[] {
  const own = new Map(parts.services.map((service) => [service, ownEvidence(service, parts)]))
  const callees = Map.groupBy(parts.edges, (edge) => edge.from)
  return [...own.values()]
    .map((suspect) => {
      const below = (callees.get(suspect.service) ?? []).map(({ to }) =>
        to === suspect.service ? 0 : (own.get(to)?.score ?? 0),
      )
      const owed = OWED * Math.min(suspect.score, Math.max(0, ...below))
      const change = changeOf(suspect, parts.changes, parts.onset)
      return {
        ...suspect,
        score: suspect.score - owed + (change === null ? 0 : CHANGE_WEIGHT * nearness(change, parts.onset)),
        change,
      }
    })
    .sort((a, b) => b.score - a.score || strongest(b) - strongest(a))
}

function ownEvidence(
  service: string,
  parts: { deviations: readonly Deviation[]; logs: readonly TemplateChange[] },
): Suspect {
  const deviations = parts.deviations
    .filter((one) => one.series.service === service && one.z > MOVED)
    .sort((a, b) => weightOf(b) - weightOf(a))
  const logs = parts.logs.filter((one) => one.service === service && isTrouble(one))
  const metrics = deviations.slice(0, COUNTED).reduce((sum, one, index) => sum + weightOf(one) / (index + 1), 0)
  const said = logs.slice(0, COUNTED).reduce((sum, one, index) => sum + Math.log1p(one.during) / (index + 1), 0)
  return { service, score: metrics + LOG_WEIGHT * said, deviations, logs, change: null }
}

const weightOf = (deviation: Deviation): number => WEIGHTS[deviation.meaning] * Math.log1p(Math.max(0, deviation.z))
const strongest = (suspect: Suspect): number => suspect.deviations[0]?.z ?? 0
const isTrouble = (change: TemplateChange): boolean =>
  (change.kind === 'appeared' || change.kind === 'grew') && change.severity !== 'info'

/** Nearness in time alone convicts nobody: the service itself must have moved. */
function changeOf(suspect: Suspect, changes: readonly Change[], onset: number): Change | null {
  if (suspect.score <= 0) return null
  const near = changes.filter((change) => change.service === suspect.service && nearness(change, onset) > 0.05)
  return near.sort((a, b) => nearness(b, onset) - nearness(a, onset))[0] ?? null
}

/** 1 right before the onset, fading; 0 when it came after. */
export function nearness(change: Change, onset: number): number {
  const beforeMs = onset - change.timestamp
  if (beforeMs < -CHANGE_LATE_MS) return 0
  return Math.exp(-Math.max(0, beforeMs) / CHANGE_FADES_MS)
}
