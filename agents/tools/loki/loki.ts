/** Log lines from Loki: newest first, page by page, each boundary line once. */
import { z } from 'zod'
import type { TimeRange } from '../../../analysis/observations.ts'
import { answer } from '../answer.ts'
import { HttpError } from '../http-error.ts'
import type { Http } from '../http.ts'
import { answerOf } from '../log-answer.ts'
import { templatesOf } from '../log-templates.ts'
import type { CallContext, LogEntry, LogsQuery, LogsTool } from '../tools.ts'
import { quoted } from '../prometheus/promql.ts'
import { entryOf } from './line.ts'

export interface LokiOptions {
  http: Http
  /** labels that may hold the service's name, best first */
  serviceLabels?: readonly string[]
  /** the name a service has in the logs, where it is another one */
  names?: Readonly<Record<string, string>>
  namespaceLabel?: string
  /** where people open it, e.g. Grafana; absent: no link */
  externalUrl?: string
}

/** Loki refuses more lines a page. */
const PAGE = 5000
const DEFAULT_LIMIT = 5000
const LABELS = ['service_name', 'service', 'app', 'app_kubernetes_io_name', 'workload', 'container', 'job']

export const lokiLogs = (options: LokiOptions): LogsTool => ({
  logs: (query, context) =>
    answer({ tool: 'loki', operation: 'logs', query: `lines of ${query.service}`, range: query.range }, async () => {
      const whole = { start: query.baseline?.start ?? query.range.start, end: query.range.end }
      const label = await labelOf(query.service, whole, options, context)
      if (label === null) return { data: null, summary: `no label holds ${query.service}`, warnings: [] }
      const logql = logqlOf(query, label, options)
      const limit = query.limit ?? DEFAULT_LIMIT
      const parts = [...(query.baseline === undefined ? [] : [query.baseline]), query.range]
      const read = await Promise.all(
        parts.map((part) => readLines(logql, part, limit, query.service, options.http, context)),
      )
      const wanted = query.level?.toLowerCase()
      const lines = read
        .flatMap((one) => one.lines)
        .filter((line) => wanted === undefined || line.level?.toLowerCase() === wanted)
      const about = {
        query: logql,
        link: linkTo(options.externalUrl, logql, whole),
        warnings: read.flatMap((one) => one.warnings),
      }
      if (lines.length === 0) return { ...about, data: null, summary: `no lines of ${query.service} in that time` }
      return {
        ...about,
        data: { ...answerOf(lines), templates: templatesOf(lines, query.range, query.baseline) },
        summary: `${lines.length} lines of ${query.service}`,
      }
    }),
})

const labelValues = z.looseObject({ data: z.array(z.string()).nullish() })

async function labelOf(
  service: string,
  range: TimeRange,
  options: LokiOptions,
  context: CallContext,
): Promise<string | null> {
  const name = options.names?.[service] ?? service
  const labels = [...new Set([...(options.serviceLabels ?? []), ...LABELS])]
  const found = await Promise.all(
    labels.map(async (label) => {
      const query = { start: nanoseconds(range.start), end: nanoseconds(range.end) }
      const { data } = labelValues.parse(
        await options.http.json({ path: `loki/api/v1/label/${label}/values`, query }, context),
      )
      return data?.includes(name) === true
    }),
  )
  return labels[found.indexOf(true)] ?? null
}

function logqlOf(query: LogsQuery, label: string, options: LokiOptions): string {
  const name = options.names?.[query.service] ?? query.service
  const scope =
    query.namespace == null || options.namespaceLabel === undefined
      ? ''
      : `, ${options.namespaceLabel}=${quoted(query.namespace)}`
  const contains = query.pattern === undefined ? '' : ` |= ${quoted(query.pattern)}`
  return `{${label}=${quoted(name)}${scope}}${contains}`
}

const streams = z.looseObject({
  data: z.looseObject({
    result: z.array(
      z.looseObject({
        stream: z.record(z.string(), z.string()),
        values: z.array(
          z.union([z.tuple([z.string(), z.string()]), z.tuple([z.string(), z.string(), z.looseObject({})])]),
        ),
      }),
    ),
  }),
})

/** Backwards by time. A page ends in the middle of an instant, so the next begins with that instant and drops what it has seen. */
async function readLines(
  logql: string,
  range: TimeRange,
  limit: number,
  service: string,
  http: Http,
  context: CallContext,
) {
  const lines: LogEntry[] = []
  let end = nanoseconds(range.end)
  let boundary = new Set<string>()
  while (lines.length < limit) {
    const page = Math.min(PAGE, limit - lines.length + boundary.size)
    const body = await query(logql, nanoseconds(range.start), end, page, http, context)
    const rows = streams
      .parse(body)
      .data.result.flatMap(({ stream, values }) =>
        values.map(([time, line]) => ({ time, line, stream, id: `${time} ${JSON.stringify(stream)} ${line}` })),
      )
      .sort((a, b) => (BigInt(a.time) < BigInt(b.time) ? 1 : -1))
    const fresh = rows.filter(({ id }) => !boundary.has(id))
    lines.push(
      ...fresh.map(({ time, line, stream }) => entryOf(Number(BigInt(time) / 1000n) / 1000, line, stream, service)),
    )
    const oldest = rows.at(-1)
    if (rows.length < page || oldest === undefined) return { lines: lines.reverse(), warnings: [] }
    if (fresh.length === 0)
      return { lines: lines.reverse(), warnings: [`more than ${PAGE} lines at one instant: the rest was not read`] }
    boundary = new Set(rows.filter(({ time }) => time === oldest.time).map(({ id }) => id))
    // the end is exclusive
    end = String(BigInt(oldest.time) + 1n)
  }
  return { lines: lines.reverse(), warnings: [`only the newest ${limit} lines were read`] }
}

async function query(
  logql: string,
  start: string,
  end: string,
  limit: number,
  http: Http,
  context: CallContext,
): Promise<unknown> {
  try {
    return await http.json(
      { path: 'loki/api/v1/query_range', query: { query: logql, start, end, limit, direction: 'backward' } },
      context,
    )
  } catch (error) {
    if (error instanceof HttpError)
      throw new HttpError(error.status, `${error.message} (query ${logql})`, { cause: error.cause })
    throw error
  }
}

const nanoseconds = (ms: number): string => `${BigInt(Math.round(ms * 1000)) * 1000n}`

function linkTo(base: string | undefined, logql: string, range: TimeRange): string | null {
  if (base === undefined) return null
  const url = new URL('explore', base.endsWith('/') ? base : `${base}/`)
  url.searchParams.set(
    'left',
    JSON.stringify({
      queries: [{ expr: logql }],
      range: { from: String(Math.round(range.start)), to: String(Math.round(range.end)) },
    }),
  )
  return url.href
}
