/**
 * Places spans in their trace: parent and children, self time, and where an error originates (the span tree of Dapper, Google, 2010).
 */
import type { CallEdge, Span } from '../observations.ts'

export interface PlacedSpan {
  span: Span
  /** ms, from start to end; never negative */
  duration: number
  /** ms in which no child was running (children may overlap, and may outlive their parent) */
  self: number
  parent: Span | null
  children: readonly Span[]
  /** the other service that a client span waits for; null: it is none, or its call was not recorded there */
  calls: string | null
  failed: boolean
  /** failed, while none of its children failed */
  errorOrigin: boolean
  /** its parent span is missing: lost by the parent's service or on the way */
  orphan: boolean
}

/** Spans may be in any order and belong to any number of traces. Span ids are unique within their trace; cycles are allowed. */
export function placeSpans(spans: readonly Span[]): PlacedSpan[] {
  const byId = new Map<string, Span>()
  for (const span of spans) byId.set(keyOf(span.traceId, span.spanId), span)
  const children = new Map<string, Span[]>()
  for (const span of spans) {
    if (span.parentSpanId === undefined || span.parentSpanId === span.spanId) continue
    const key = keyOf(span.traceId, span.parentSpanId)
    const siblings = children.get(key)
    if (siblings === undefined) children.set(key, [span])
    else siblings.push(span)
  }
  return spans.map((span) => {
    const called = children.get(keyOf(span.traceId, span.spanId)) ?? []
    const parent = span.parentSpanId === undefined ? null : (byId.get(keyOf(span.traceId, span.parentSpanId)) ?? null)
    const failed = isFailed(span)
    return {
      span,
      duration: Math.max(0, span.end - span.start),
      self: selfTime(span, called),
      parent,
      children: called,
      calls: calledBy(span, parent, called),
      failed,
      errorOrigin: failed && !called.some(isFailed),
      orphan: span.parentSpanId !== undefined && parent === null,
    }
  })
}

/** A client span has the span of the one it calls as its only child. Without a kind it is known by its place within its service, or by an HTTP method. */
function calledBy(span: Span, parent: Span | null, children: readonly Span[]): string | null {
  const [only] = children
  if (only === undefined || children.length > 1 || only.service === span.service) return null
  const kind = span.attributes?.['span.kind'] ?? span.attributes?.['kind']
  if (kind !== undefined) return /client/i.test(String(kind)) ? only.service : null
  const isWithin = parent?.service === span.service
  const encloses = span.start <= only.start && span.end >= only.end
  return isWithin || (encloses && HTTP.test(span.name)) ? only.service : null
}

const HTTP = /^(?:GET|POST|PUT|DELETE|PATCH|HTTP|HEAD)\b/i

/** The calls between services seen in spans. */
export function callEdges(placed: readonly PlacedSpan[]): CallEdge[] {
  const edges = new Map<string, CallEdge>()
  for (const { span, parent } of placed)
    if (parent !== null && parent.service !== span.service)
      edges.set(`${parent.service}\0${span.service}`, { from: parent.service, to: span.service })
  return [...edges.values()]
}

/** Judged by the status or else by the HTTP or gRPC attributes of OpenTelemetry, Zipkin and Jaeger. */
export function isFailed({ status, attributes = {} }: Span): boolean {
  if (status !== undefined && status !== '') {
    if (/error|fail|exception|^5\d\d$|^2$/i.test(status)) return true
    if (/^(?:ok|unset|0|1|[1-4]\d\d|STATUS_CODE_(?:OK|UNSET))$/i.test(status)) return false
  }
  if (attributes['error'] === true || (attributes['error'] !== undefined && attributes['error'] !== 'false'))
    return attributes['error'] !== false
  const http = Number(attributes['http.response.status_code'] ?? attributes['http.status_code'])
  if (http >= 500) return true
  const grpc = Number(attributes['rpc.grpc.status_code'] ?? 0)
  return [2, 4, 8, 13, 14, 15].includes(grpc)
}

/** Duration minus the union of its children's time within it. */
function selfTime(span: Span, children: readonly Span[]): number {
  if (children.length === 0) return Math.max(0, span.end - span.start)
  const inner = children
    .map(({ start, end }) => [Math.max(start, span.start), Math.min(end, span.end)] as const)
    .filter(([start, end]) => end > start)
    .sort((a, b) => a[0] - b[0])
  let [covered, until] = [0, -Infinity]
  for (const [start, end] of inner) {
    if (end <= until) continue
    covered += end - Math.max(start, until)
    until = end
  }
  return Math.max(0, span.end - span.start - covered)
}

const keyOf = (trace: string, span: string): string => `${trace}\0${span}`
