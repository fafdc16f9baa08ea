/** The services and the time range to look at, from the request and what the control-plane knows. */
import { largest, smallest } from '../../analysis/extremes.ts'
import type { CallEdge, TimeRange } from '../../analysis/observations.ts'
import type { DiagnosisRequested } from '../../schemas/events.generated.ts'
import type { Evidence } from '../runtime/evidence.ts'
import type { Deployment, FiringAlert, Incident, Resource } from '../tools/tools.ts'

export interface Surroundings {
  deployment: Deployment | null
  incidents: readonly Incident[]
  /** resolved ones, of any service */
  resolved: readonly Incident[]
  alerts: readonly FiringAlert[]
  resources: readonly Resource[]
}

export interface Scope {
  /** the main service of the request, if one is known */
  asked: string | null
  /** every service the request names, directly or through an alert, incident or deployment */
  named: readonly string[]
  /** nearest in the call graph first */
  services: readonly string[]
  /** services beyond `MAX_SERVICES`, which are not queried */
  leftOut: readonly string[]
  edges: readonly CallEdge[]
  /** the request names no end: the window ends at the next step of a grid, on which all its times are */
  isNow: boolean
  window: TimeRange
  baseline: TimeRange | null
  /** start of the disturbance as the alert, incident or deployment states it, ms since the epoch */
  onset: number | null
}

const DEFAULT_WINDOW_MS = 30 * 60_000
/** querying more services takes longer than a person will wait */
const MAX_SERVICES = 50

export function scopeOf(request: DiagnosisRequested, known: Surroundings): Scope {
  const named = namedServices(request, known)
  const edges = edgesOf(known.resources)
  const alerting = gathered(request, known.alerts).flatMap(({ service_name }) => service_name || [])
  const { services, leftOut } = around([...named, ...alerting], known.resources)
  const end = request.window_end ?? request.occurred_at
  const asked = { start: request.window_start ?? end - DEFAULT_WINDOW_MS, end }
  const isNow = request.window_end === null
  // rounded up, since the newest seconds may be all there is of the incident
  const window = isNow ? { start: floor(asked.start), end: Math.ceil(end / GRID_MS) * GRID_MS } : asked
  return {
    asked: named[0] ?? null,
    named,
    services,
    leftOut,
    edges,
    isNow,
    window,
    baseline: request.window_start === null ? null : timeBefore(window),
    onset: claimedOnset(request, known, window),
  }
}

/** ms. Sessions that start at about the same time query the same range, so that they can share the answers (`agents/tools/shared.ts`) and the analysis. */
const GRID_MS = 10_000
const floor = (instant: number): number => Math.floor(instant / GRID_MS) * GRID_MS

/** The window as far as the sources were queried: never about the future. */
export function queriedIn({ window, isNow }: Scope, answers: readonly Evidence[]): TimeRange {
  const ends = answers.flatMap(({ operation, status, range }) => (OF_WINDOW.has(operation) && status !== 'failed' && range?.end) || []) // prettier-ignore
  return isNow && ends.length > 0 ? { start: window.start, end: Math.min(window.end, largest(ends)) } : window
}
const OF_WINDOW: ReadonlySet<string> = new Set(['golden-signals', 'logs'])

/** The baseline before a window: as long as the window, but at least long enough to show normal levels. */
export const timeBefore = ({ start, end }: TimeRange): TimeRange => ({
  start: start - Math.max(end - start, DEFAULT_WINDOW_MS),
  end: start,
})

/** ms within which alerts are taken to belong to one incident; 0: the request sets none. */
export function correlationMs({ context }: DiagnosisRequested): number {
  const seconds = Number(context['correlation_window'])
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0
}

/** The requested alerts, then those that started close to one of them. */
function gathered(request: DiagnosisRequested, alerts: readonly FiringAlert[]): FiringAlert[] {
  const near = correlationMs(request)
  const asked = alerts.filter(({ id }) => request.alert_ids.includes(id))
  const isNear = ({ started_at }: FiringAlert) => asked.some((one) => Math.abs(one.started_at - started_at) <= near)
  return near === 0 ? asked : [...asked, ...alerts.filter((alert) => !asked.includes(alert) && isNear(alert))]
}

const namedServices = (request: DiagnosisRequested, known: Surroundings): string[] => [
  ...new Set(
    [
      request.service,
      known.deployment?.service_name,
      ...known.alerts.filter((alert) => request.alert_ids.includes(alert.id)).map((alert) => alert.service_name),
      ...known.incidents.map((incident) => incident.service_name),
      ...request.affected_services,
    ].filter((name): name is string => typeof name === 'string' && name !== ''),
  ),
]

export const edgesOf = (resources: readonly Resource[]): CallEdge[] =>
  resources.flatMap(({ service_name: from, depends_on }) => (depends_on ?? []).map((to) => ({ from, to })))

/** The services to look at for these, nearest first, and those beyond the limit. `calls`: known from elsewhere than the resources. */
export function around(named: readonly string[], resources: readonly Resource[], calls: readonly CallEdge[] = []) {
  const everything = nearestFirst(named, resources, [...edgesOf(resources), ...calls])
  return { services: everything.slice(0, MAX_SERVICES), leftOut: everything.slice(MAX_SERVICES) }
}

/** Breadth-first over the call graph in both directions: causes are downstream, symptoms upstream. Without names: every service. */
function nearestFirst(named: readonly string[], resources: readonly Resource[], edges: readonly CallEdge[]): string[] {
  const neighbours = new Map<string, string[]>()
  for (const { from, to } of edges) {
    neighbours.set(from, [...(neighbours.get(from) ?? []), to])
    neighbours.set(to, [...(neighbours.get(to) ?? []), from])
  }
  const seen = new Set(named)
  for (const service of seen) for (const next of neighbours.get(service) ?? []) seen.add(next)
  for (const resource of resources) seen.add(resource.service_name)
  for (const { to } of edges) seen.add(to)
  return [...seen]
}

function claimedOnset(request: DiagnosisRequested, known: Surroundings, window: TimeRange): number | null {
  const claims = [
    ...gathered(request, known.alerts).map((alert) => alert.started_at),
    ...known.incidents.map((incident) => incident.started_at),
    ...(known.deployment === null ? [] : [known.deployment.started_at]),
  ].filter((claim) => claim > window.start && claim < window.end)
  return claims.length === 0 ? null : smallest(claims)
}

/** Logs and traces are queried in two parts, each with its own limit. Without a baseline the window is split at the claimed onset. */
export function partsOf({ baseline, window, onset, isNow }: Scope): [before: TimeRange, during: TimeRange] {
  if (baseline !== null) return [baseline, window]
  const between = onset ?? (window.start + window.end) / 2
  const parted = isNow ? floor(between) : between
  return [
    { start: window.start, end: parted },
    { start: parted, end: window.end },
  ]
}
