/** What the tools answered, from the events of the evidence: read one by one, so that a large session does not fill the memory. */
import { z } from 'zod'
import type { Source } from '../../postmortem/report.ts'
import type { EvidenceRecorded } from '../../schemas/events.generated.ts'
import { isUsed } from './measurements.ts'
import { createSamples, type Measured } from './samples.ts'
import { spansOf } from './spans.ts'

/** ms: what a calendar has. Other numbers would end the whole report, not only this answer. */
const LAST_INSTANT = 8.64e15
const instant = z.number().min(-LAST_INSTANT).max(LAST_INSTANT)
const isInstant = (one: unknown): boolean => typeof one === 'number' && Math.abs(one) <= LAST_INSTANT
/** Each sample is checked here: a schema for each takes most of the time of a report. */
const areNumbers = (given: unknown, holds: (one: unknown) => boolean): boolean => Array.isArray(given) && given.every(holds) // prettier-ignore
const series = z.object({
  service: z.string(),
  instance: z.string().optional(),
  indicator: z.string(),
  unit: z.string().optional(),
  times: z.custom<number[]>((given) => areNumbers(given, isInstant)),
  values: z.custom<(number | null)[]>((given) => areNumbers(given, (one) => one === null || typeof one === 'number')),
})
const metrics = z.object({ series: z.array(series), rate_window_ms: z.number().positive().optional() })
const change = z.object({
  id: z.string(),
  timestamp: instant,
  event_type: z.string(),
  author: z.string().nullable(),
  service_name: z.string(),
  summary: z.string(),
})
const alert = z.object({
  id: z.string(),
  service_name: z.string(),
  name: z.string(),
  summary: z.string(),
  severity: z.string(),
  started_at: instant,
  ended_at: instant.optional(),
})
const incident = z.object({
  id: z.string(),
  title: z.string(),
  service_name: z.string(),
  severity: z.string(),
  started_at: instant,
  ended_at: instant.optional(),
})
const resource = z.object({ service_name: z.string(), depends_on: z.array(z.string()).nullable() })

export type ChangeSeen = z.infer<typeof change> & { sources: Source[] }
export type AlertSeen = z.infer<typeof alert> & { sources: Source[] }
export type IncidentSeen = z.infer<typeof incident> & { sources: Source[] }
type Series = z.infer<typeof series>

interface Known {
  about: Omit<Series, 'times' | 'values'>
  samples: ReturnType<typeof createSamples>
  windowMs: number | null
  ids: Set<string>
}

export interface FailedSource {
  tool: string
  error: string
  sources: Source[]
}

export interface Answers {
  /** where two answers give a value for the same instant, the later answer counts */
  measured(services: readonly string[]): readonly Measured[]
  readonly changes: ReadonlyMap<string, ChangeSeen>
  readonly alerts: ReadonlyMap<string, AlertSeen>
  /** incidents that were over when a session asked */
  readonly earlier: ReadonlyMap<string, IncidentSeen>
  /** what each service calls; absent: unknown */
  readonly calls: ReadonlyMap<string, readonly string[]>
  /** evidence of the calls */
  readonly callSources: readonly Source[]
  readonly failed: readonly FailedSource[]
  /** number of answers whose events hold only a part of them */
  readonly downsampled: number
  /** number of samples beyond the limit of a series */
  readonly unread: number
  /** number of answers that could not be read */
  readonly unreadable: number
  add(evidence: EvidenceRecorded): void
}

/** Operations of tools whose answers a report reads; of the others it only matters whether they failed. */
export const READ = ['golden-signals', 'audit-logs', 'alerts', 'incidents', 'resources'] as const
type Operation = (typeof READ)[number]
const isRead = (operation: string): operation is Operation => (READ as readonly string[]).includes(operation)

export function createAnswers(): Answers {
  const points = new Map<string, Known>()
  const changes = new Map<string, ChangeSeen>()
  const alerts = new Map<string, AlertSeen>()
  const earlier = new Map<string, IncidentSeen>()
  const calls = new Map<string, string[]>()
  const callSources: Source[] = []
  const failed = new Map<string, FailedSource>()
  let downsampled = 0
  let unreadable = 0
  let unread = 0

  function measure(one: Series, windowMs: number | null, id: string): void {
    if (!isUsed(one)) return
    const { times, values, ...about } = one
    const key = JSON.stringify([one.service, one.instance ?? null, one.indicator])
    const known = points.get(key) ?? { about, samples: createSamples(), windowMs: null, ids: new Set<string>() }
    points.set(key, known)
    if (windowMs !== null) known.windowMs = Math.max(known.windowMs ?? 0, windowMs)
    const kept = times.flatMap((_, place) => (Number.isFinite(values[place] ?? NaN) ? [place] : []))
    const spans = spansOf(kept.map((place) => times[place]!))
    kept.forEach((place, index) => {
      if (!known.samples.add(times[place]!, values[place]!, spans[index]!)) unread += 1
    })
    if (kept.length > 0) known.ids.add(id)
  }

  const readers: Readonly<Record<Operation, (data: unknown, id: string, at: number) => void>> = {
    'golden-signals': (data, id) => {
      const { series: all, rate_window_ms: windowMs = null } = metrics.parse(data)
      for (const one of all) measure(one, windowMs, id)
    },
    'audit-logs': (data, id) =>
      z
        .array(change)
        .parse(data)
        .forEach((one) => keep(changes, one, id)),
    alerts: (data, id, at) =>
      z
        .array(alert)
        .parse(data)
        .forEach((one) => keep(alerts, endedBy(at, one), id)),
    incidents: (data, id) =>
      z
        .array(incident)
        .parse(data)
        .forEach((one) => keep(earlier, one, id)),
    resources: (data, id) => {
      for (const { service_name, depends_on } of z.array(resource).parse(data))
        if (depends_on !== null) calls.set(service_name, depends_on)
      callSources.push({ kind: 'evidence', id })
    },
  }

  return {
    measured: (services) =>
      [...points.values()].flatMap(({ about, samples, windowMs, ids }) => {
        const { service, instance = null, indicator, unit = null } = about
        if (!services.includes(service)) return []
        const sources = [...ids].map((id): Source => ({ kind: 'evidence', id }))
        return [{ service, instance, indicator, unit, windowMs, sources, ...samples.sorted() }]
      }),
    ...{ changes, alerts, earlier, calls, callSources },
    get failed() {
      return [...failed.values()]
    },
    get downsampled() {
      return downsampled
    },
    get unread() {
      return unread
    },
    get unreadable() {
      return unreadable
    },
    add({ evidence_id, tool, operation, status, error, data, downsampled: isPart, occurred_at }) {
      if (status === 'failed') {
        const known = failed.get(tool) ?? { tool, error: error ?? '', sources: [] }
        known.sources.push({ kind: 'evidence', id: evidence_id })
        failed.set(tool, known)
      }
      if (!isRead(operation) || data === null || status !== 'ok') return
      if (isPart) downsampled += 1
      try {
        readers[operation](JSON.parse(data), evidence_id, occurred_at)
      } catch {
        unreadable += 1
      }
    },
  }
}

/** While an alert fires, its end may be given as a time in the future, at which it ends unless it is told again. */
function endedBy(at: number, { ended_at, ...one }: z.infer<typeof alert>): z.infer<typeof alert> {
  return ended_at === undefined || ended_at > at ? one : { ...one, ended_at }
}

function keep<T extends { id: string }>(known: Map<string, T & { sources: Source[] }>, one: T, evidence: string): void {
  const before = known.get(one.id)
  known.set(one.id, { ...one, sources: [...(before?.sources ?? []), { kind: 'evidence', id: evidence }] })
}
