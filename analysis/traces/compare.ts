/**
 * Compares traces from before and during the window. Durations are compared per operation, by medians of logarithms, so that neither a different mix of
 * requests nor a single slow request looks like a slow service. Self time is separated from the time of callees, and network time from both
 * (self time: Yu et al., MicroRank, WWW 2021; client and server spans: Google's Dapper, 2010).
 */
import type { Span } from '../observations.ts'
import { countDistance, shareDistance } from '../counts.ts'
import { placeSpans, type PlacedSpan } from './tree.ts'

export type TraceFindingKind = 'slow' | 'slow_network' | 'errors' | 'missing_calls' | 'missing_spans'

export interface TraceFinding {
  kind: TraceFindingKind
  /** by kind: the slow service; the one called over a slow network; the origin of the errors; the one called less; the one with orphaned spans */
  service: string
  /** `slow_network`, `missing_calls`: the caller */
  peer?: string
  operation: string
  severity: 'critical' | 'warning' | 'info'
  /** medians in ms (`slow`, `slow_network`), share of spans 0..1 (`errors`, `missing_spans`), calls per span (`missing_calls`) */
  before: number
  during: number
  /** robust standard deviations between them */
  deviation: number
  /** number of spans in the window with the problem */
  count: number
  /** ms since the epoch: the first span in the window with the problem */
  timestamp: number
  /** traces to open, at most three */
  traces: readonly string[]
  evidence: readonly string[]
}

/** Self time and errors of one service. Medians in ms over its spans; null: no spans. */
export interface ServiceTraces {
  service: string
  spans: { before: number; during: number }
  self: { before: number | null; during: number | null }
  errorOrigins: { before: number; during: number }
  /** factor by which the typical operation became slower, weighted by calls; 1: unchanged */
  slowdown: number
  /** the largest deviation among its findings; 0: none */
  deviation: number
}

export interface TraceComparison {
  services: ServiceTraces[]
  /** strongest first */
  findings: TraceFinding[]
}

const DEVIATION = 4
/** Minimum deviation of a slow service: with many spans, about 50 % slower. */
const SLOW = 2.5
/** Minimum deviation for errors, in standard deviations; lower, because errors are rarely due to chance. */
const ERRORS = 2
/** An operation always calls a service if at least this share of its runs did. */
const ALWAYS = 0.9
/** Minimum number of spans. */
const ENOUGH = 4

export interface Sides {
  before: readonly PlacedSpan[]
  during: readonly PlacedSpan[]
}

/** No findings if either side is empty. */
export const compareTraces = (before: readonly Span[], during: readonly Span[]): TraceComparison =>
  comparePlaced({ before: placeSpans(before), during: placeSpans(during) })

export function comparePlaced(sides: Sides): TraceComparison {
  const operations = grouped(sides, operationOf)
  const services = grouped(sides, ({ span }) => [span.service])
  const byService = Map.groupBy(operations.values(), ({ before, during }) => (before[0] ?? during[0])?.span.service)
  const summaries = [...services].map(([service, group]) => summary(service, group, byService.get(service) ?? []))
  if (sides.before.length === 0 || sides.during.length === 0)
    return { services: summaries.map(({ traces }) => traces), findings: [] }
  const findings = [
    ...summaries.flatMap(({ traces, operations }) => slow(traces, operations)),
    ...[...operations.values()].flatMap(errors),
    ...[...grouped(sides, networkKey).values()].flatMap(slowNetwork),
    ...missingCalls(sides, operations),
    ...[...services.values()].flatMap(missingSpans),
  ].sort((a, b) => b.deviation - a.deviation)
  const strongest = Map.groupBy(findings, ({ service }) => service)
  const deviation = (service: string): number => strongest.get(service)?.[0]?.deviation ?? 0
  return { services: summaries.map(({ traces }) => ({ ...traces, deviation: deviation(traces.service) })), findings }
}

const operationOf = ({ span }: PlacedSpan): string[] => [`${span.service}\0${span.name}`]

/** A service is slow if its operations are, weighted by how often they run; a single one may be slow by chance. */
function slow(service: ServiceTraces, operations: readonly Sides[]): TraceFinding[] {
  const measured = operations.flatMap((sides) => {
    const one = measure(sides.before.map(self), sides.during.map(self))
    return one === null || one.deviation <= 0 ? [] : [{ sides, one, added: (one.during - one.before) * sides.during.length }] // prettier-ignore
  })
  const most = measured.toSorted((a, b) => b.added - a.added)[0]
  const spans = Math.min(service.spans.before, service.spans.during)
  const deviation = deviationOf(Math.log(service.slowdown), spans)
  if (most === undefined || deviation < SLOW) return []
  const shown = most.sides.during.filter((one) => one.self > most.one.before)
  return [finding('slow', shown, { ...most.one, deviation }, { count: most.sides.during.length })]
}

const self = (one: PlacedSpan): number => one.self

/** Groups server spans by caller and callee. The client span minus the server span is the network time. */
const networkKey = ({ parent, span }: PlacedSpan): string[] =>
  parent !== null && parent.service !== span.service ? [`${parent.service}\0${span.service}`] : []

function slowNetwork({ before, during }: Sides): TraceFinding[] {
  const gap = ({ parent, duration }: PlacedSpan): number => (parent ? parent.end - parent.start - duration : 0)
  const single = (one: PlacedSpan): boolean => one.parent !== null && isClient(one)
  const [was, is] = [before.filter(single), during.filter(single)]
  const measured = measure(was.map(gap), is.map(gap))
  if (measured === null || measured.deviation < DEVIATION) return []
  const peer = is[0]?.parent?.service
  return [finding('slow_network', is, measured, { count: is.length, ...(peer === undefined ? {} : { peer }) })]
}

/** Whether the parent is a client span: by its kind or, without one, by enclosing the call and an HTTP method in its name. */
function isClient({ span, parent }: PlacedSpan): boolean {
  if (parent === null) return false
  const kind = parent.attributes?.['span.kind'] ?? parent.attributes?.['kind']
  if (kind !== undefined) return /client/i.test(String(kind))
  return parent.start <= span.start && parent.end >= span.end && /^(?:GET|POST|PUT|DELETE|PATCH|HTTP|HEAD)\b/i.test(parent.name) // prettier-ignore
}

function errors({ before, during }: Sides): TraceFinding[] {
  const origins = during.filter(({ errorOrigin }) => errorOrigin)
  if (origins.length === 0 || before.length < ENOUGH) return []
  const usual = before.filter(({ errorOrigin }) => errorOrigin).length
  const [was, is] = [usual / before.length, origins.length / during.length]
  const deviation = shareDistance(was, before.length, is, during.length)
  if (deviation < ERRORS) return []
  return [finding('errors', origins, { before: was, during: is, deviation }, { count: origins.length })]
}

/** Operations that always called another service and now do so less. Occasional calls are ignored, because they depend on the requests. */
function missingCalls(sides: Sides, runs: ReadonlyMap<string, Sides>): TraceFinding[] {
  const calls = ({ span, children }: PlacedSpan): string[] =>
    [...new Set(children.map(({ service }) => service))]
      .filter((service) => service !== span.service)
      .map((service) => `${span.service}\0${span.name}\0${service}`)
  return [...grouped(sides, calls)].flatMap(([key, { before, during }]) => {
    const [service = '', operation = '', callee = ''] = key.split('\0')
    const ran = runs.get(`${service}\0${operation}`)
    if (ran === undefined || ran.before.length < ENOUGH || ran.during.length < ENOUGH) return []
    const [was, is] = [before.length / ran.before.length, during.length / ran.during.length]
    if (was < ALWAYS) return []
    const deviation = -countDistance(during.length, was * ran.during.length, ran.during.length / ran.before.length)
    if (deviation < DEVIATION) return []
    const without = ran.during.filter(({ children }) => !children.some((child) => child.service === callee))
    const measured = { before: was, during: is, deviation }
    return [
      { ...finding('missing_calls', without, measured, { count: without.length, peer: service }), service: callee },
    ]
  })
}

/** An increased share of spans whose parent is missing. */
function missingSpans({ before, during }: Sides): TraceFinding[] {
  const orphans = during.filter(({ orphan }) => orphan)
  if (before.length < ENOUGH || orphans.length < ENOUGH) return []
  const was = before.filter(({ orphan }) => orphan).length / before.length
  const is = orphans.length / during.length
  const deviation = shareDistance(was, before.length, is, during.length)
  if (deviation < DEVIATION) return []
  const measured = { before: was, during: is, deviation }
  return [finding('missing_spans', orphans, measured, { count: orphans.length })]
}

function summary(
  service: string,
  { before, during }: Sides,
  operations: readonly Sides[],
): { traces: ServiceTraces; operations: readonly Sides[] } {
  let [weight, logs] = [0, 0]
  for (const sides of operations) {
    const measured = measure(sides.before.map(self), sides.during.map(self))
    if (measured === null) continue
    weight += sides.during.length
    logs += Math.log((measured.during + FLOOR) / (measured.before + FLOOR)) * sides.during.length
  }
  const origins = (spans: readonly PlacedSpan[]): number => spans.filter(({ errorOrigin }) => errorOrigin).length
  const traces = {
    service,
    spans: { before: before.length, during: during.length },
    self: { before: median(before.map(self)), during: median(during.map(self)) },
    errorOrigins: { before: origins(before), during: origins(during) },
    slowdown: weight === 0 ? 1 : Math.exp(logs / weight),
    deviation: 0,
  }
  return { traces, operations }
}

function grouped(sides: Sides, keysOf: (span: PlacedSpan) => string[]): Map<string, Sides> {
  const groups = new Map<string, { before: PlacedSpan[]; during: PlacedSpan[] }>()
  for (const when of ['before', 'during'] as const)
    for (const span of sides[when])
      for (const key of keysOf(span)) {
        const group = groups.get(key) ?? { before: [], during: [] }
        group[when].push(span)
        groups.set(key, group)
      }
  return groups
}

interface Measured {
  before: number
  during: number
  deviation: number
}

/** ms; smaller differences are clock resolution. */
const FLOOR = 0.5

/** The medians and their deviation. */
function measure(before: readonly number[], during: readonly number[]): Measured | null {
  if (before.length < ENOUGH || during.length < ENOUGH) return null
  const [was, is] = [median(before) ?? 0, median(during) ?? 0]
  const ratio = Math.log((Math.max(0, is) + FLOOR) / (Math.max(0, was) + FLOOR))
  return { before: was, during: is, deviation: deviationOf(ratio, Math.min(before.length, during.length)) }
}

/**
 * Even an idle service's latency varies by about 15 % from minute to minute, and the median of a few spans by much more. A ratio does not depend on
 * how fast the system is.
 */
const deviationOf = (logRatio: number, spans: number): number => logRatio / (0.15 + 1 / Math.sqrt(spans))

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null
  const sorted = Float64Array.from(values).sort()
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function finding(
  kind: TraceFindingKind,
  spans: readonly PlacedSpan[],
  { before, during, deviation }: Measured,
  more: { count: number; peer?: string },
): TraceFinding {
  const first = spans.reduce<Span | null>(
    (best, { span }) => (best === null || span.start < best.start ? span : best),
    null,
  )
  const ids = spans.flatMap(({ span }) => (span.evidence === undefined ? [] : [span.evidence]))
  return {
    kind,
    service: first?.service ?? '',
    operation: first?.name ?? '',
    severity: deviation > 3 * DEVIATION ? 'critical' : 'warning',
    before,
    during,
    deviation,
    timestamp: first?.start ?? NaN,
    traces: [...new Set(spans.map(({ span }) => span.traceId))].slice(0, 3),
    evidence: [...new Set(ids)].slice(0, 10),
    ...more,
  }
}
