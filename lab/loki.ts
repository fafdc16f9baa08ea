/** Ships the shop's log lines to Loki. */
import type { RecordedLogLine } from '../recording/log-lines.ts'
import { push, type Shipper, shipInBatches } from './batches.ts'

interface Source {
  onLog(listener: (line: RecordedLogLine) => void): () => void
}

export interface LokiOptions {
  /** Loki's base URL */
  url: string
  /** sent as `X-Scope-OrgID`, for a Loki with tenants */
  tenant?: string
  /** default 500 */
  everyMs?: number
}

/** Ships the lab's lines until closed. */
export const pushLogsToLoki = (source: Source, options: LokiOptions): Shipper =>
  shipInBatches({
    listen: source.onLog,
    send: (lines) => pushLines(options, lines),
    everyMs: options.everyMs ?? 500,
  })

/** One push. Throws Loki's error. */
export const pushLines = ({ url, tenant }: LokiOptions, lines: readonly RecordedLogLine[]): Promise<void> =>
  push({
    to: 'Loki',
    url: new URL('/loki/api/v1/push', url),
    headers: tenant === undefined ? {} : { 'x-scope-orgid': tenant },
    body: { streams: streamsOf(lines) },
  })

function streamsOf(lines: readonly RecordedLogLine[]) {
  const byLabels = Map.groupBy(lines, ({ service, instance, level }) =>
    JSON.stringify({ job: service, service, namespace: 'shop', instance, level: level ?? 'unknown' }),
  )
  return [...byLabels].map(([labels, members]) => ({
    stream: JSON.parse(labels) as Record<string, string>,
    values: members.map((line) => [`${line.timestamp}000000`, JSON.stringify(written(line))]),
  }))
}

/** The line as the service wrote it. */
const written = ({ timestamp, service, level, message, traceId, attributes }: RecordedLogLine) => ({
  timestamp: new Date(timestamp).toISOString(),
  ...(level === undefined ? {} : { level }),
  service,
  message,
  ...(traceId === undefined ? {} : { trace_id: traceId }),
  ...(attributes === undefined ? {} : { attributes }),
})
