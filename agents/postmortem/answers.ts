/** What the tools answered, from the events of the evidence: read one by one, so that a large session does not fill the memory. */
import { z } from 'zod'
import type { Source } from '../../postmortem/report.ts'
import type { EvidenceRecorded } from '../../schemas/events.generated.ts'
import { spansOf } from './spans.ts'

export interface Measured {
  service: string
  /** null: of the whole service */
  instance: string | null
  indicator: string
  unit: string | null
  /** ascending */
  times: readonly number[]
  values: readonly number[]
  /** ms before each time that its value stands for */
  spans: readonly number[]
  /** ms before a sample that it was computed from, as the source tells; null: it does not */
  windowMs: number | null
  sources: readonly Source[]
}

/** ms: what a calendar has. Other numbers would end the whole report, not only this answer. */
const instant = z.number().min(-8.64e15).max(8.64e15)
const series = z.object({
  service: z.string(),
  instance: z.string().optional(),
  indicator: z.string(),
  unit: z.string().optional(),
  times: z.array(instant),
  values: z.array(z.number().nullable()),
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

export interface FailedSource {
  tool: string
  error: string
  sources: Source[]
}

export interface Answers {
  /** where two answers give a value for the same instant, the later answer counts */
  measured(): readonly Measured[]
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
  /** number of answers that could not be read */
  readonly unreadable: number
  add(evidence: EvidenceRecorded): void
}

/** Points of one series that are kept; more than a week at the finest step of any source. */
const MOST_POINTS = 100_000

export function createAnswers(): Answers {
  const points = new Map<
    string,
    {
      about: Omit<Series, 'times' | 'values'>
      at: Map<number, { value: number; span: number }>
      windowMs: number | null
      ids: Set<string>
    }
  >()
  const changes = new Map<string, ChangeSeen>()
  const alerts = new Map<string, AlertSeen>()
  const earlier = new Map<string, IncidentSeen>()
  const calls = new Map<string, string[]>()
  const callSources: Source[] = []
  const failed = new Map<string, FailedSource>()
  let downsampled = 0
  let unreadable = 0

  function measure(one: Series, windowMs: number | null, id: string): void {
    const key = JSON.stringify([one.service, one.instance ?? null, one.indicator])
    const { times, values, ...about } = one
    const known = points.get(key) ?? { about, at: new Map<number, { value: number; span: number }>(), windowMs, ids: new Set<string>() } // prettier-ignore
    points.set(key, known)
    if (windowMs !== null) known.windowMs = Math.max(known.windowMs ?? 0, windowMs)
    const samples = times.flatMap((time, place) => {
      const value = values[place]
      return typeof value === 'number' && Number.isFinite(value) ? [{ time, value }] : []
    })
    const spans = spansOf(samples.map(({ time }) => time))
    samples.forEach(({ time, value }, place) => {
      if (known.at.size >= MOST_POINTS) return
      known.at.set(time, { value, span: Math.max(spans[place]!, known.at.get(time)?.span ?? 0) })
      known.ids.add(id)
    })
  }

  const readers: Readonly<Record<string, (data: unknown, id: string, at: number) => void>> = {
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
    measured: () =>
      [...points.values()].map(({ about, at, windowMs, ids }) => {
        const times = [...at.keys()].sort((one, other) => one - other)
        return {
          service: about.service,
          instance: about.instance ?? null,
          indicator: about.indicator,
          unit: about.unit ?? null,
          times,
          values: times.map((time) => at.get(time)!.value),
          spans: times.map((time) => at.get(time)!.span),
          windowMs,
          sources: [...ids].map((id): Source => ({ kind: 'evidence', id })),
        }
      }),
    ...{ changes, alerts, earlier, calls, callSources },
    get failed() {
      return [...failed.values()]
    },
    get downsampled() {
      return downsampled
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
      const read = readers[operation]
      if (read === undefined || data === null || status !== 'ok') return
      if (isPart) downsampled += 1
      try {
        read(JSON.parse(data), evidence_id, occurred_at)
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
