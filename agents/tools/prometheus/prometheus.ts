/** Golden signals from a Prometheus-compatible server. */
import { z } from 'zod'
import type { TimeRange } from '../../../analysis/observations.ts'
import { answer } from '../answer.ts'
import { compare } from '../comparison.ts'
import type { Http } from '../http.ts'
import type { CallContext, MetricSeries, MetricsQuery, MetricsTool } from '../tools.ts'
import { quoted, type Signal } from './profiles.ts'
import { type Mapping, resolve } from './resolve.ts'

export interface PrometheusOptions {
  http: Http
  mapping?: Mapping
  /** where people open it, when that is another address */
  externalUrl?: string
  /** s that rates look back on; default 60 */
  rateWindowS?: number
}

/** Prometheus refuses more points a series. */
const MAX_POINTS = 11_000
const USUAL_POINTS = 720

interface Question {
  indicator: string
  unit?: string
  promql: string
}

export const prometheusMetrics = (options: PrometheusOptions): MetricsTool => ({
  goldenSignals: (query, context) =>
    answer(
      {
        tool: 'prometheus',
        operation: 'golden-signals',
        query: `golden signals of ${query.service}`,
        range: query.range,
      },
      async () => {
        const whole = {
          start: Math.min(query.range.start, query.baseline?.start ?? query.range.start),
          end: query.range.end,
        }
        const stepS = stepOf(whole, query.stepS)
        const { questions, profile, asked, warnings } = await questionsFor(query, whole, stepS, options, context)
        if (questions.length === 0)
          return {
            data: null,
            summary: `no metrics of ${query.service} under any known convention`,
            query: asked,
            warnings,
          }
        const answers = await Promise.allSettled(
          questions.map((question) => ask(question, query.service, whole, stepS, options.http, context)),
        )
        const failures = answers.flatMap((one, index) =>
          one.status === 'rejected' ? [`${questions[index]?.indicator}: ${String(one.reason)}`] : [],
        )
        if (failures.length === questions.length) throw new Error(failures.join('\n'))
        const good = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
        const series = good.flatMap((one) => one.series)
        const about = {
          query: questions.map((question) => question.promql).join('\n'),
          link: linkTo(options.externalUrl ?? options.http.baseUrl, questions[0]?.promql ?? '', whole),
          warnings: [...new Set([...warnings, ...good.flatMap((one) => one.warnings), ...failures])],
        }
        if (series.length === 0) return { ...about, data: null, summary: `no samples of ${query.service} in that time` }
        return {
          ...about,
          data: { profile, series, comparison: compare(series, query.range, query.baseline) },
          summary: `${series.length} series of ${query.service} (${profile})`,
        }
      },
    ),
})

async function questionsFor(
  query: MetricsQuery,
  range: TimeRange,
  stepS: number,
  options: PrometheusOptions,
  context: CallContext,
) {
  const { service, indicator, namespace = null } = query
  const mapping = options.mapping ?? {}
  const windowS = Math.max(options.rateWindowS ?? 60, 4 * stepS)
  const window = `${Math.ceil(windowS)}s`
  const own = Object.entries(mapping.indicators ?? {}).map(([name, promql]): Question => ({ indicator: name, promql: fill(promql, { service: mapping.names?.[service] ?? service, namespace: namespace ?? '', window }) })) // prettier-ignore
  const { found, asked, warnings } = await resolve(options.http, { service, namespace, range, mapping }, context)
  const known = found.flatMap(({ profile, selector }) =>
    profile.indicators
      .filter(({ signal }) => query.signals === undefined || query.signals.includes(signal satisfies Signal))
      .map((one): Question => ({ indicator: one.name, unit: one.unit, promql: one.promql(selector, window) })),
  )
  const byName = new Map([...known.reverse(), ...own].map((question) => [question.indicator, question]))
  const questions = [...byName.values()].filter(
    (question) => indicator === undefined || question.indicator === indicator,
  )
  return { questions, profile: found.map(({ profile }) => profile.name).join('+') || 'own', asked, warnings }
}

const matrix = z.looseObject({
  data: z.looseObject({
    result: z.array(
      z.looseObject({ metric: z.record(z.string(), z.string()), values: z.array(z.tuple([z.number(), z.string()])) }),
    ),
  }),
  warnings: z.array(z.string()).optional(),
  infos: z.array(z.string()).optional(),
})

async function ask(
  { indicator, unit, promql }: Question,
  service: string,
  range: TimeRange,
  stepS: number,
  http: Http,
  context: CallContext,
) {
  const form = { query: promql, start: range.start / 1000, end: range.end / 1000, step: stepS }
  const {
    data,
    warnings = [],
    infos = [],
  } = matrix.parse(await http.json({ path: 'api/v1/query_range', form }, context))
  const said = [...warnings, ...infos]
  const series = data.result.map(({ metric, values }): MetricSeries => {
    const finite = values.filter(([, value]) => Number.isFinite(Number(value)))
    const infinite = values.filter(([, value]) => value.endsWith('Inf')).length
    if (infinite > 0) said.push(`${indicator}: ${infinite} infinite samples were left out`)
    const instance = metric['pod'] ?? metric['instance']
    return {
      service,
      ...(instance === undefined ? {} : { instance }),
      indicator,
      ...(unit === undefined ? {} : { unit }),
      times: finite.map(([time]) => time * 1000),
      values: finite.map(([, value]) => Number(value)),
    }
  })
  return { series: series.filter((one) => one.times.length > 0), warnings: said }
}

/** s; as asked, and never more points than the server answers. */
function stepOf({ start, end }: TimeRange, asked: number | undefined): number {
  const seconds = (end - start) / 1000
  const least = Math.ceil(seconds / (MAX_POINTS - 1))
  return Math.max(asked ?? Math.ceil(seconds / USUAL_POINTS), least, 1)
}

const fill = (promql: string, values: { service: string; namespace: string; window: string }): string =>
  promql.replace(/\$(service|namespace|window)\b/g, (_all, name: 'service' | 'namespace' | 'window') =>
    name === 'window' ? values.window : quoted(values[name]),
  )

function linkTo(base: string, promql: string, range: TimeRange): string {
  const url = new URL('graph', base.endsWith('/') ? base : `${base}/`)
  url.searchParams.set('g0.expr', promql)
  url.searchParams.set('g0.tab', '0')
  url.searchParams.set('g0.range_input', `${Math.max(1, Math.ceil((range.end - range.start) / 1000))}s`)
  url.searchParams.set('g0.end_input', new Date(range.end).toISOString())
  return url.href
}
