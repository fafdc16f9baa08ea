/** Log lines from Loki. */
import type { TimeRange } from '../../../analysis/observations.ts'
import { answer, type Ran } from '../answer.ts'
import type { Http } from '../http.ts'
import { answerOf } from '../log-answer.ts'
import { DEFAULT_LIMIT, slicesOf, spread } from '../log-limit.ts'
import { templatesOf } from '../log-templates.ts'
import { bounded } from '../question.ts'
import { quoted } from '../prometheus/promql.ts'
import type { CallContext, LogEntry, LogsQuery, LogsTool } from '../tools.ts'
import { locate, type LogMapping } from './locate.ts'
import { readLines, type Reading } from './pages.ts'
import { summaries } from '../notes.ts'

export interface LokiOptions extends LogMapping {
  http: Http
  /** where people open it, such as Grafana; absent: no link */
  externalUrl?: string
  /** uid of its data source; absent: the default one */
  datasource?: string
}

export const lokiLogs = (options: LokiOptions): LogsTool => ({
  logs: (query, context) =>
    answer({ tool: 'loki', operation: 'logs', query: `lines of ${query.service}`, range: query.range }, (ran) =>
      bounded(context, (own) => linesOf(query, options, own, ran)),
    ),
})

async function linesOf(query: LogsQuery, options: LokiOptions, context: CallContext, ran: Ran) {
  const { service, namespace = null, strict = false, range, baseline } = query
  const whole = { start: Math.min(range.start, baseline?.start ?? range.start), end: range.end }
  const located = await locate(options.http, { service, namespace, strict, range: whole }, options, context)
  if (located.selector === null) return { data: null, summary: located.why }
  const { selector } = located
  const logql = query.pattern === undefined ? selector : `${selector} |= ${quoted(query.pattern)}`
  const level = query.level?.toLowerCase()
  ran({
    query: level === undefined ? logql : `${logql} (level ${level})`,
    link: linkTo(options, logql, range),
  })
  const wanted = (line: LogEntry) => level === undefined || line.level === level
  // each part has its own limit, so that a flood during the incident does not push out the baseline's lines
  const parts = [...(baseline === undefined ? [] : [baseline]), range]
  const reading = { logql, service, wanted, limit: query.limit ?? DEFAULT_LIMIT }
  const read = await Promise.all(
    parts.map((part) => readPart({ ...reading, range: part }, baseline !== undefined, options.http, context)),
  )
  const lines = read.flatMap((one) => one.lines)
  const warnings = [...new Set([...located.warnings, ...read.flatMap((one) => one.warnings)])]
  if (lines.length === 0) return { warnings, data: null, summary: summaries.noLines(service) }
  return {
    warnings,
    data: { ...answerOf(lines), templates: templatesOf(lines, range, baseline) },
    summary: summaries.lines(lines.length, service),
  }
}

async function readPart(
  reading: Reading,
  compared: boolean,
  http: Http,
  context: CallContext,
): Promise<{ lines: LogEntry[]; warnings: string[] }> {
  const newest = await readLines(http, reading, context)
  if (newest.complete || !compared) return newest
  const slices = await Promise.all(
    slicesOf(reading.range, reading.limit).map((slice) => readLines(http, { ...reading, ...slice }, context)),
  )
  return { lines: slices.flatMap(({ lines }) => lines), warnings: [spread(reading.limit)] }
}

/** Link to Grafana's Explore page; Loki has no page of its own. */
function linkTo({ externalUrl, datasource }: LokiOptions, logql: string, range: TimeRange): string | null {
  if (externalUrl === undefined) return null
  const url = new URL('explore', externalUrl.endsWith('/') ? externalUrl : `${externalUrl}/`)
  const pane = {
    ...(datasource === undefined ? {} : { datasource }),
    queries: [{ refId: 'A', expr: logql, queryType: 'range' }],
    range: { from: String(Math.floor(range.start)), to: String(Math.ceil(range.end)) },
  }
  url.searchParams.set('schemaVersion', '1')
  url.searchParams.set('panes', JSON.stringify({ logs: pane }))
  return url.href
}
