/** What to look at: from the request and what the control-plane knows, which services and which time. */
import { smallest } from '../../analysis/extremes.ts'
import type { CallEdge, TimeRange } from '../../analysis/observations.ts'
import type { DiagnosisRequested } from '../../schemas/events.generated.ts'
import type { Deployment, FiringAlert, Incident, Resource } from '../tools/tools.ts'

export interface Surroundings {
  deployment: Deployment | null
  incidents: readonly Incident[]
  /** of any service, those that are over */
  resolved: readonly Incident[]
  alerts: readonly FiringAlert[]
  resources: readonly Resource[]
}

export interface Scope {
  /** the service the question is about first, where one is known */
  asked: string | null
  /** every service the question names, by itself or by its alert, incident or deployment */
  named: readonly string[]
  /** nearest first */
  services: readonly string[]
  /** services that were left out because there are too many */
  leftOut: readonly string[]
  edges: readonly CallEdge[]
  window: TimeRange
  baseline: TimeRange | null
  /** when it began as the alert, incident or deployment claims */
  onset: number | null
}

const DEFAULT_WINDOW_MS = 30 * 60_000
/** more services than this would not be answered within the time a person waits */
const MAX_SERVICES = 50

export function scopeOf(request: DiagnosisRequested, known: Surroundings): Scope {
  const named = namedServices(request, known)
  const edges = known.resources.flatMap((resource) =>
    (resource.depends_on ?? []).map((to) => ({ from: resource.service_name, to })),
  )
  const alerting = gathered(request, known.alerts).flatMap(({ service_name }) => service_name || [])
  const everything = nearestFirst([...named, ...alerting], known.resources, edges)
  const end = request.window_end ?? request.occurred_at
  const window = { start: request.window_start ?? end - DEFAULT_WINDOW_MS, end }
  return {
    asked: named[0] ?? null,
    named,
    services: everything.slice(0, MAX_SERVICES),
    leftOut: everything.slice(MAX_SERVICES),
    edges,
    window,
    baseline: request.window_start === null ? null : timeBefore(window),
    onset: claimedOnset(request, known, window),
  }
}

/** As much time as is asked about, and enough to tell what is normal. */
export const timeBefore = ({ start, end }: TimeRange): TimeRange => ({
  start: start - Math.max(end - start, DEFAULT_WINDOW_MS),
  end: start,
})

/** ms within which alerts belong to the same trouble; 0: none was named. */
export function correlationMs({ context }: DiagnosisRequested): number {
  const seconds = Number(context['correlation_window'])
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0
}

/** The alerts asked about, then those that began close to one of them. */
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

/** Breadth first over the call graph, in both directions: causes lie below, symptoms above. Without names: everything there is. */
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

/** Lines and traces are asked for in two parts, each with its own limit: without a baseline the window is parted where it is said to have begun. */
export function partsOf({ baseline, window, onset }: Scope): [before: TimeRange, during: TimeRange] {
  if (baseline !== null) return [baseline, window]
  const parted = onset ?? (window.start + window.end) / 2
  return [
    { start: window.start, end: parted },
    { start: parted, end: window.end },
  ]
}
