/**
 * Compares traces from before and during the window. Durations are compared per operation, by medians of logarithms, so that neither a different mix of
 * requests nor a single slow request looks like a slow service. Self time is separated from the time of callees, and network time from both
 * (self time: Yu et al., MicroRank, WWW 2021; client and server spans: Google's Dapper, 2010).
 */
import type { Span } from '../observations.ts'
import { countDistance, shareDistance } from '../counts.ts'
import { placeSpans, type PlacedSpan } from './tree.ts'

export type TraceFindingKind = 'slow' | 'slow_network' | 'errors' | 'unanswered' | 'missing_calls' | 'missing_spans'

export interface TraceFinding {
  kind: TraceFindingKind
  /** by kind: the slow service; the one called over a slow network; the origin of the errors; the one that does not answer; the one called less; the one with orphaned spans */
  service: string
  /** `slow_network`, `unanswered`, `missing_calls`: the caller */
  peer?: string
  operation: string
  severity: 'critical' | 'warning' | 'info'
  /** medians in ms (`slow`, `slow_network`), share of spans 0..1 (`errors`, `unanswered`, `missing_spans`), calls per span (`missing_calls`) */
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
  const calleeOf = calleesOf(operations)
  const services = grouped(sides, ({ span }) => [span.service])
  // what a client span waits for is not the time of its service
  const own = [...operations].flatMap(([key, group]) => (calleeOf.has(key) ? [] : [group]))
  const byService = Map.groupBy(own, ({ before, during }) => (before[0] ?? during[0])?.span.service)
  const summaries = [...services].map(([service, group]) => summary(service, group, byService.get(service) ?? []))
  if (sides.before.length === 0 || sides.during.length === 0)
    return { services: summaries.map(({ traces }) => traces), findings: [] }
  const findings = [
    ...summaries.flatMap(({ traces, operations }) => slow(traces, operations)),
    ...[...operations].flatMap(([key, group]) => errors(group, calleeOf.get(key) ?? null)),
    ...[...grouped(sides, callOf).values()].flatMap(slowNetwork),
    ...missingCalls(sides, operations),
    ...[...services.values()].flatMap(missingSpans),
  ].sort((a, b) => b.deviation - a.deviation)
  const strongest = Map.groupBy(findings, ({ service }) => service)
  const deviation = (service: string): number => strongest.get(service)?.[0]?.deviation ?? 0
  return { services: summaries.map(({ traces }) => ({ ...traces, deviation: deviation(traces.service) })), findings }
}

const operationOf = ({ span }: PlacedSpan): string[] => [`${span.service}\0${span.name}`]

/** By operation that only calls: whom. */
function calleesOf(operations: ReadonlyMap<string, Sides>): Map<string, string> {
  return new Map(
    [...operations].flatMap(([key, { before, during }]): [string, string][] => {
      const calling = [...before, ...during].filter(({ children }) => children.length > 0)
      const callees = new Set(calling.map(({ calls }) => calls))
      const [only = null] = callees
      return callees.size === 1 && only !== null ? [[key, only]] : []
    }),
  )
}

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

const callOf = ({ span, calls }: PlacedSpan): string[] => (calls === null ? [] : [`${span.service}\0${calls}`])

/** The client span minus the server span is the network time. */
function slowNetwork({ before, during }: Sides): TraceFinding[] {
  const gap = ({ duration, children }: PlacedSpan): number =>
    duration - Math.max(0, children[0]!.end - children[0]!.start)
  const measured = measure(before.map(gap), during.map(gap))
  if (measured === null || measured.deviation < DEVIATION) return []
  return [ofCallee(finding('slow_network', during, measured, { count: during.length }), during[0]!.calls!)]
}

/** A finding about client spans is one about the service that they call. */
const ofCallee = (one: TraceFinding, service: string): TraceFinding => ({ ...one, service, peer: one.service })

/** `callee`: of client spans. One that fails without a span there got no answer; one that was answered failed by itself, such as by its time-out. */
function errors(sides: Sides, callee: string | null): TraceFinding[] {
  if (callee === null) return moreOften(sides, ({ errorOrigin }) => errorOrigin, 'errors')
  const isUnanswered = ({ failed, children }: PlacedSpan): boolean => failed && children.length === 0
  return [
    ...moreOften(sides, isUnanswered, 'unanswered').map((one) => ofCallee(one, callee)),
    ...moreOften(sides, (one) => one.errorOrigin && !isUnanswered(one), 'errors'),
  ]
}

function moreOften(
  { before, during }: Sides,
  is: (span: PlacedSpan) => boolean,
  kind: TraceFindingKind,
): TraceFinding[] {
  const [usual, found] = [before.filter(is), during.filter(is)]
  if (found.length === 0 || before.length < ENOUGH) return []
  const [was, now] = [usual.length / before.length, found.length / during.length]
  const deviation = shareDistance(was, before.length, now, during.length)
  if (deviation < ERRORS) return []
  return [finding(kind, found, { before: was, during: now, deviation }, { count: found.length })]
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
