/** Ships the shop's log lines to Loki in batches, oldest first. */
import pRetry from 'p-retry'
import type { RecordedLogLine } from '../recording/log-lines.ts'

export interface LogShipper {
  /** sends the remaining lines, then ends */
  close(): Promise<void>
  /** why the last batch was not sent, or null */
  failure(): string | null
}

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

/** Ships the lab's lines until closed. A batch is retried on 429, 5xx and timeouts; other failures are reported. */
export function pushLogsToLoki(source: Source, options: LokiOptions): LogShipper {
  const waiting: RecordedLogLine[] = []
  let failure: string | null = null
  let sending: Promise<void> = Promise.resolve()
  const leave = source.onLog((line) => waiting.push(line))
  const flush = () => {
    const lines = waiting.splice(0)
    if (lines.length === 0) return
    sending = sending.then(() =>
      pushLines(options, lines).then(
        () => {
          failure = null
        },
        (error: unknown) => {
          failure = error instanceof Error ? error.message : String(error)
        },
      ),
    )
  }
  const timer = setInterval(flush, options.everyMs ?? 500)
  return {
    failure: () => failure,
    close: async () => {
      leave()
      clearInterval(timer)
      flush()
      await sending
    },
  }
}

/** One push. Throws Loki's error. */
export async function pushLines({ url, tenant }: LokiOptions, lines: readonly RecordedLogLine[]): Promise<void> {
  const body = JSON.stringify({ streams: streamsOf(lines) })
  await pRetry(
    async () => {
      const response = await fetch(new URL('/loki/api/v1/push', url), {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(tenant === undefined ? {} : { 'x-scope-orgid': tenant }) },
        body,
        signal: AbortSignal.timeout(5_000),
      })
      if (response.ok) return
      throw new Error(`Loki answered ${response.status}: ${await response.text()}`, { cause: response.status })
    },
    { retries: 4, minTimeout: 250, shouldRetry: ({ error }) => mayPass(error.cause) },
  )
}

const mayPass = (status: unknown): boolean => typeof status !== 'number' || status === 429 || status >= 500

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
