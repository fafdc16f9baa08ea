/** Golden signals from a Prometheus-compatible server. */
import { largest, smallest } from '../../../analysis/extremes.ts'
import type { TimeRange } from '../../../analysis/observations.ts'
import { answer, type Ran, wordsOf } from '../answer.ts'
import { compare } from '../comparison.ts'
import type { Http } from '../http.ts'
import { namedIn } from '../named.ts'
import { bounded } from '../question.ts'
import { timeParts } from '../time-parts.ts'
import type { CallContext, MetricSeries, MetricsQuery, MetricsTool } from '../tools.ts'
import { getWherePostIsRefused } from './get-where-post-is-refused.ts'
import { alikeOnce } from './annotations.ts'
import { requestProfiles } from './profiles.ts'
import { leftOutOf } from './left-out.ts'
import { quoted } from './promql.ts'
import { ascending, MAX_SERIES, type Points, queryRange, sampledStepOf, stepOf } from './query-range.ts'
import { rateWindow, sampleInterval, withoutRamp } from './rate-window.ts'
import { metricsSeen, type MetricsSeen } from './metrics-seen.ts'
import { type Mapping, PROFILES, resolve, type Resolved, soughtAs } from './resolve.ts'
import { notes, summaries } from '../notes.ts'

export interface PrometheusOptions {
  http: Http
  mapping?: Mapping
  /** where people open it, if not at `baseUrl` */
  externalUrl?: string
  /** s, the shortest rate window; default 60. Longer if samples or points are farther apart */
  rateWindowS?: number
}

interface Question {
  indicator: string
  unit?: string
  promql: string
  /** how full the left-out parts are */
  leavesOut?: string
  /** s, of an amount per second: the first rates of a new series are too low for this long */
  rampS?: number
}

interface Plan {
  questions: Question[]
  stepS: number
  windowS: number
  profile: string
  /** counter of the requests whose latency was queried; null: latency was not */
  timed: string | null
  warnings: string[]
}

const GOLDEN: NonNullable<MetricsQuery['signals']> = ['latency', 'traffic', 'errors', 'saturation']

export function prometheusMetrics(given: PrometheusOptions): MetricsTool {
  const options = { ...given, http: getWherePostIsRefused(given.http) }
  const seen = metricsSeen(options.http)
  return {
    goldenSignals: (query, context) =>
      answer(
        {
          tool: 'prometheus',
          operation: 'golden-signals',
          query: `golden signals of ${query.service}`,
          range: query.range,
        },
        (ran) => bounded(context, (own) => goldenSignals(query, options, seen, own, ran)),
      ),
  }
}

async function goldenSignals(
  query: MetricsQuery,
  options: PrometheusOptions,
  seen: MetricsSeen,
  context: CallContext,
  ran: Ran,
) {
  const parts = timeParts(query.range, query.baseline)
  ran({ query: soughtAs(query.service, options.mapping) })
  const { questions, stepS, windowS, profile, timed, warnings } = await planFor(query, parts, options, seen, context)
  if (questions.length === 0)
    return {
      data: null,
      summary:
        query.namespace == null
          ? summaries.noMetrics(query.service)
          : summaries.noMetricsIn(query.service, query.namespace),
      warnings,
    }
  ran({
    query: questions.map((question) => question.promql).join('\n'),
    link: linkTo(options.externalUrl ?? options.http.baseUrl, questions, query.range),
  })
  const answers = await Promise.allSettled(
    questions.map((question) => ask(question, query.service, parts, stepS, options.http, context)),
  )
  const failures = answers.flatMap((one, index) =>
    one.status === 'rejected'
      ? [notes.notQueried(questions[index]!.indicator, query.service, wordsOf(one.reason))]
      : [],
  )
  const good = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const series = good.flatMap((one) => one.series)
  const untimed =
    timed !== null && failures.length === 0 && !series.some(({ indicator }) => indicator.startsWith('latency'))
  const unsaid = untimed ? [notes.noLatency(query.service, timed)] : [] // prettier-ignore
  const said = alikeOnce([...warnings, ...unsaid, ...good.flatMap((one) => one.warnings), ...failures])
  if (series.length === 0 && failures.length > 0) throw new Error(failures.join('\n'))
  if (series.length === 0) return { warnings: said, data: null, summary: summaries.noSamples(query.service) }
  return {
    warnings: said,
    incomplete: failures.length > 0,
    data: { profile, rate_window_ms: windowS * 1000, series, comparison: compare(series, query.range, query.baseline) },
    summary: summaries.series(series.length, query.service, profile),
  }
}

/** Configured PromQL first, then the conventions in order; each indicator is queried once. */
async function planFor(
  query: MetricsQuery,
  parts: readonly TimeRange[],
  options: PrometheusOptions,
  seen: MetricsSeen,
  context: CallContext,
): Promise<Plan> {
  const { service, indicator, namespace = null, strict = false } = query
  // Includes the baseline: a service that is gone now was measured then.
  const range = { start: smallest(parts.map((part) => part.start)), end: query.range.end }
  const { http, mapping = {}, rateWindowS = 60 } = options
  const { found, warnings } = await resolve(http, { service, namespace, strict, range, mapping }, seen, context)
  const first = found[0]
  const intervalS =
    first === undefined
      ? null
      : await sampleInterval(
          http,
          { metric: first.profile.metric, selector: first.selector, range: parts.at(-1) ?? range },
          context,
        )
  const sampledS = query.stepS === undefined ? sampledStepOf(parts, intervalS) : 0
  const stepS = largest([sampledS, ...parts.map((part) => stepOf(part, query.stepS))])
  const windowS = rateWindow(rateWindowS, stepS, intervalS)
  const values = { service: namedIn(mapping.names, service), namespace: namespace ?? '', window: `${windowS}s` }
  const own = Object.entries(mapping.indicators ?? {})
    .filter(([, promql]) => !strict || promql.includes('$namespace'))
    .map(([name, promql]): Question => ({ indicator: name, ...unitOf(name), promql: fill(promql, values) }))
  const known = found.flatMap((one) => questionsOf(one, windowS, query.signals))
  const questions = new Map<string, Question>()
  for (const question of [...own, ...known])
    if (!questions.has(question.indicator) && (indicator === undefined || question.indicator === indicator))
      questions.set(question.indicator, question)
  const untold = found.filter(({ profile, failed }) => profile.failed !== undefined && failed === null)
  return {
    questions: [...questions.values()],
    ...{ stepS, windowS },
    profile: found.map(({ profile }) => profile.name).join('+') || 'own',
    timed: indicator === undefined && (query.signals ?? GOLDEN).includes('latency') ? timedBy(found) : null,
    warnings: [...new Set([...warnings, ...untold.map(({ profile }) => notes.noStatus(profile.metric))])], // prettier-ignore
  }
}

const UNITS = new Map(PROFILES.flatMap(({ indicators }) => indicators.map(({ name, unit }) => [name, unit])))

/** Configured PromQL that replaces a convention's indicator has its unit. */
function unitOf(indicator: string): { unit?: string } {
  const unit = UNITS.get(indicator)
  return unit === undefined ? {} : { unit }
}

const timedBy = (found: readonly Resolved[]): string | null =>
  found.find(({ profile }) => requestProfiles.includes(profile))?.profile.metric ?? null

const questionsOf = (
  { profile, failed, metrics, selector, whole }: Resolved,
  windowS: number,
  signals: MetricsQuery['signals'],
): Question[] =>
  profile.indicators
    .filter(
      ({ signal, needs, either }) =>
        (signals ?? GOLDEN).includes(signal) &&
        needs.every((metric) => metrics.has(metric)) &&
        (either?.some((metric) => metrics.has(metric)) ?? true),
    )
    .flatMap(({ name, signal, unit, promql, leavesOut }) => {
      const about = { selector, whole, window: `${windowS}s`, failed, metrics }
      const text = promql(about)
      const left = leavesOut === undefined ? {} : { leavesOut: leavesOut(about) }
      const ramp = signal === 'traffic' || unit === 'cores' ? { rampS: windowS } : {}
      return text === null ? [] : [{ indicator: name, unit, promql: text, ...left, ...ramp }]
    })

async function ask(
  { indicator, unit, promql, leavesOut, rampS = 0 }: Question,
  service: string,
  parts: readonly TimeRange[],
  stepS: number,
  http: Http,
  context: CallContext,
): Promise<{ series: MetricSeries[]; warnings: string[] }> {
  const answers = await Promise.all(parts.map((range) => queryRange(http, { promql, range, stepS }, context)))
  const from = smallest(parts.map(({ start }) => start))
  const points = joined(answers.map((one) => one.points)).map((one) =>
    withoutRamp(one, from, { stepS, windowS: rampS }),
  )
  const series = points.slice(0, MAX_SERIES).map(({ labels, times, values }): MetricSeries => {
    const instance = instanceOf(labels)
    return {
      service,
      ...(instance === '' ? {} : { instance }),
      indicator,
      ...(unit === undefined ? {} : { unit }),
      times,
      values,
    }
  })
  const unseen = leavesOut === undefined ? [] : await leftOutOf(http, { indicator, service, promql: leavesOut, at: parts.at(-1)!.end }, context) // prettier-ignore
  const cut = points.length > MAX_SERIES ? [notes.fewSeries(indicator, MAX_SERIES, points.length)] : []
  return { series, warnings: [...answers.flatMap((one) => one.warnings), ...cut, ...unseen] }
}

/** Joins the parts of a series from the baseline and the window. */
function joined(parts: readonly (readonly Points[])[]): Points[] {
  const same = Map.groupBy(parts.flat(), ({ labels }) => JSON.stringify(Object.entries(labels).sort()))
  return [...same.values()].flatMap(([first, ...others]) => {
    if (first === undefined || others.length === 0) return first ?? []
    const all = [first, ...others]
    const points = ascending(
      all.flatMap(({ times }) => times),
      all.flatMap(({ values }) => values),
    )
    return { labels: first.labels, ...points }
  })
}

/** Names one series of an indicator. The conventions sum over instances; configured PromQL and file systems may not. */
export function instanceOf(labels: Readonly<Record<string, string>>): string {
  const volume = labels['mountpoint'] ?? labels['persistentvolumeclaim']
  const owner = labels['pod'] ?? labels['instance']
  if (volume !== undefined) return owner === undefined ? volume : `${owner} ${volume}`
  if (owner !== undefined) return owner
  const others = Object.entries(labels).filter(([name]) => name !== '__name__')
  return others.map(([name, value]) => `${name}=${value}`).join(',')
}

const fill = (promql: string, values: { service: string; namespace: string; window: string }): string =>
  promql.replace(/\$(service|namespace|window)\b/g, (_all, name: 'service' | 'namespace' | 'window') =>
    name === 'window' ? values.window : quoted(values[name]),
  )

/** Link to Prometheus' graph page with all queries of the answer. */
function linkTo(base: string, questions: readonly Question[], range: TimeRange): string {
  const url = new URL('graph', base.endsWith('/') ? base : `${base}/`)
  for (const [index, { promql }] of questions.entries()) {
    url.searchParams.set(`g${index}.expr`, promql)
    url.searchParams.set(`g${index}.tab`, '0')
    url.searchParams.set(`g${index}.range_input`, `${Math.max(1, Math.ceil((range.end - range.start) / 1000))}s`)
    url.searchParams.set(`g${index}.end_input`, new Date(range.end).toISOString())
  }
  return url.href
}
