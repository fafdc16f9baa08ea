/** Exports the shop's log lines and spans by OTLP/HTTP, as JSON. */
import type { RecordedLogLine } from '../recording/log-lines.ts'
import { push, type Shipper, shipInBatches } from './batches.ts'
import type { ShopSpan } from './shop/spans.ts'

/** A span and the service that reported it. */
export interface ReportedSpan extends ShopSpan {
  service: string
  instance: string
}

interface Source {
  onLog(listener: (line: RecordedLogLine) => void): () => void
  onSpan(listener: (span: ReportedSpan) => void): () => void
}

export interface OtlpOptions {
  /** base URL of the receiver, as in OTEL_EXPORTER_OTLP_ENDPOINT */
  url: string
  /** default 1000 */
  everyMs?: number
  /** called when log lines or spans were lost */
  onFailure?(what: 'log lines' | 'spans', why: string): void
}

/** Exports until closed. */
export function exportByOtlp(source: Source, { url, everyMs = 1_000, onFailure }: OtlpOptions): Shipper {
  const to = (path: string, body: unknown) =>
    push({ to: 'the OTLP receiver', url: new URL(path, url.endsWith('/') ? url : `${url}/`), body })
  const told = (what: 'log lines' | 'spans') => ({ everyMs, onFailure: (why: string) => onFailure?.(what, why) })
  const sendLogs = (lines: readonly RecordedLogLine[]) => to('v1/logs', logsOf(lines))
  const logs = shipInBatches({ listen: source.onLog, send: sendLogs, ...told('log lines') })
  const sendSpans = (some: readonly ReportedSpan[]) => to('v1/traces', tracesOf(some))
  const spans = shipInBatches({ listen: source.onSpan, send: sendSpans, ...told('spans') })
  return {
    failure: () => logs.failure() ?? spans.failure(),
    close: async () => void (await Promise.all([logs.close(), spans.close()])),
  }
}

const logsOf = (lines: readonly RecordedLogLine[]) => ({
  resourceLogs: byResource(lines, (members) => ({ scopeLogs: [{ logRecords: members.map(recordOf) }] })),
})

const tracesOf = (spans: readonly ReportedSpan[]) => ({
  resourceSpans: byResource(spans, (members) => ({ scopeSpans: [{ spans: members.map(spanOf) }] })),
})

function byResource<T extends { service: string; instance?: string }>(
  items: readonly T[],
  scopes: (members: readonly T[]) => object,
) {
  const groups = Map.groupBy(items, ({ service, instance }) => JSON.stringify([service, instance ?? `${service}-0`]))
  return [...groups].map(([key, members]) => {
    const [service, instance] = JSON.parse(key) as [string, string]
    const place = { 'service.namespace': 'shop', 'k8s.namespace.name': 'shop', 'service.instance.id': instance }
    return { resource: { attributes: attributesOf({ 'service.name': service, ...place }) }, ...scopes(members) }
  })
}

/** Severity numbers of the log data model. */
const SEVERITIES: Readonly<Record<string, number>> = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 }

const recordOf = ({ timestamp, level, message, traceId, attributes = {} }: RecordedLogLine) => ({
  timeUnixNano: nanoseconds(timestamp),
  ...(level === undefined ? {} : { severityText: level, severityNumber: SEVERITIES[level] ?? 0 }),
  body: { stringValue: message },
  attributes: attributesOf(attributes),
  ...(traceId === undefined ? {} : { traceId }),
})

const SERVER = 2
const FAILED = 2

const spanOf = ({ traceId, spanId, parentSpanId, name, start, end, status, method, route }: ReportedSpan) => ({
  ...{ traceId, spanId, name, kind: SERVER, ...(parentSpanId === null ? {} : { parentSpanId }) },
  startTimeUnixNano: nanoseconds(start),
  endTimeUnixNano: nanoseconds(end),
  attributes: attributesOf({ 'http.request.method': method, 'http.route': route, 'http.response.status_code': status }),
  status: status >= 500 ? { code: FAILED } : {},
})

/** From ms, which may have a fraction. */
const nanoseconds = (ms: number): string => `${Math.round(ms * 1000)}000`

const attributesOf = (values: Readonly<Record<string, string | number | boolean>>) =>
  Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }))

function anyValue(value: string | number | boolean) {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}
