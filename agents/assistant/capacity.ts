/** How long what services use still fits: history of months, a line through it, and what to do. It acts on nothing. */
import { adviceOn, capacityText } from '../../analysis/capacity/advice.ts'
import { type Capacity, capacityOf, DAY_MS } from '../../analysis/capacity/capacity.ts'
import type { Text } from '../../analysis/verdict.ts'
import type { DiagnosisCompleted, DiagnosisRequested, ResourceCapacity } from '../../schemas/events.generated.ts'
import { type Emission, type Outgoing, type Stamped } from '../runtime/agent.ts'
import type { Question } from '../runtime/ask.ts'
import type { Evidence } from '../runtime/evidence.ts'
import type { MetricSeries, MetricsAnswer, MetricsTool } from '../tools/tools.ts'
import { byLanguage } from './report.ts'

/** Indicators that tell what is used, best first: shares of a limit before amounts. */
const INDICATORS: Readonly<Record<string, readonly string[]>> = {
  cpu: ['cpu_ratio', 'host_cpu', 'cpu'],
  memory: ['memory_ratio', 'host_memory', 'memory'],
  disk: ['disk'],
  network: ['network_ratio', 'network'],
}
const HISTORY_DAYS = { least: 30, most: 365, perForecastDay: 4 }
/** Points enough for every bucket, and few enough to keep. */
const POINTS = 2000
const LEAST_STEP_S = 60

type Completed = Omit<DiagnosisCompleted, Stamped>

export interface CapacityContext {
  metrics: MetricsTool
  asking(step: string, questions: readonly Question[]): Promise<Evidence[]>
  tell(evidence: readonly Evidence[]): Outgoing[]
  /** what every result begins with */
  completed(result: Partial<Completed>): Outgoing
}

export async function* assessCapacity(
  request: DiagnosisRequested,
  { metrics, asking, tell, completed }: CapacityContext,
): AsyncIterable<Emission> {
  const indicators = INDICATORS[request.context['metric_type'] ?? '']
  const forecastDays = Number(request.context['forecast_days'] ?? 30)
  if (indicators === undefined || !Number.isInteger(forecastDays) || forecastDays < 1)
    return yield completed(failure('invalid_request', UNKNOWN_MEASURE))
  const now = request.window_end ?? request.occurred_at
  const { least, most, perForecastDay } = HISTORY_DAYS
  const days = Math.min(most, Math.max(least, perForecastDay * forecastDays))
  const range = { start: request.window_start ?? now - days * DAY_MS, end: now }
  const stepS = Math.max(LEAST_STEP_S, Math.ceil((range.end - range.start) / 1000 / POINTS))
  const { namespace } = request
  const history = await asking(
    'history',
    request.affected_services.map(
      (service): Question =>
        (context) =>
          metrics.goldenSignals({ service, namespace, signals: ['saturation', 'usage'], range, stepS }, context),
    ),
  )
  const assessed = request.affected_services.map((resource, index) =>
    assess(resource, history[index]!, indicators, { now, forecastDays }),
  )
  const known = assessed.flatMap((one) => ('capacity' in one ? [one] : [])).sort((a, b) => pressing(a) - pressing(b))
  const lacking = assessed.flatMap((one) => ('missing' in one ? [one] : []))
  const sourceFailed = history.some((one) => one.status === 'failed')
  if (known.length === 0) {
    const why = listed(lacking.map(({ missing }) => missing))
    return yield [...tell(history), completed(failure(sourceFailed ? 'source_failed' : 'no_history', why))]
  }
  yield [
    ...tell(history),
    completed({
      status: lacking.length > 0 ? 'partial' : 'completed',
      reason: lacking.length > 0 ? `not_assessed: ${lacking.length}/${assessed.length}` : null,
      summary: byLanguage(joined(known.map(({ text }) => text))),
      missing: lacking.map(({ missing }) => byLanguage(missing)),
      tools_used: [...new Set(history.map((one) => one.tool))],
      capacity: known.map(({ capacity }) => capacity),
    }),
  ]
}

type Assessed = { capacity: ResourceCapacity; text: Text } | { missing: Text }

function assess(
  resource: string,
  evidence: Evidence,
  indicators: readonly string[],
  { now, forecastDays }: { now: number; forecastDays: number },
): Assessed {
  if (evidence.status === 'failed') {
    const { summary } = evidence
    return {
      missing: { en: `${resource} could not be asked about: ${summary}`, zh: `無法查詢 ${resource}：${summary}` },
    }
  }
  const { series } = (evidence.data ?? { series: [] }) as Pick<MetricsAnswer, 'series'>
  const used = fullest(series, indicators)
  if (used === null)
    return {
      missing: { en: `${resource}: nothing tells how much of it is used`, zh: `${resource}：沒有任何資料說明用量` },
    }
  const limited = used.unit === 'ratio'
  const capacity = capacityOf(used, { now, forecastDays, limited })
  if (capacity === null)
    return {
      missing: {
        en: `${resource}: ${used.indicator} has too little history for a trend`,
        zh: `${resource}：${used.indicator} 的歷史資料不足以判斷趨勢`,
      },
    }
  return {
    capacity: told(resource, used, capacity, forecastDays, evidence.id),
    text: capacityText(resource, used.indicator, capacity, limited),
  }
}

/** The best indicator there is; of several series of it the one that is fullest at the end. */
function fullest(series: readonly MetricSeries[], indicators: readonly string[]): MetricSeries | null {
  for (const indicator of indicators) {
    const found = series.filter((one) => one.indicator === indicator && one.values.length > 0)
    const first = found.toSorted((a, b) => b.values.at(-1)! - a.values.at(-1)!)[0]
    if (first !== undefined) return first
  }
  return null
}

const SEVERITIES: readonly [threshold: number, severity: string][] = [
  [1, 'critical'],
  [0.9, 'warning'],
]

function told(
  resource: string,
  { indicator, unit = '' }: MetricSeries,
  capacity: Capacity,
  forecastDays: number,
  evidence: string,
): ResourceCapacity {
  const advice = unit === 'ratio' ? adviceOn(capacity, forecastDays) : null
  return {
    resource,
    indicator,
    unit,
    average: capacity.average,
    peak: capacity.peak,
    percentile_95: capacity.percentile95,
    history_days: capacity.historyDays,
    trend: capacity.trend,
    growth_rate: capacity.growthPerMonth,
    days_to_capacity: capacity.days,
    earliest_days: capacity.earliestDays,
    latest_days: capacity.latestDays,
    alerts: capacity.crossings.map(({ threshold, days }) => ({
      threshold,
      days,
      severity: SEVERITIES.find(([from]) => threshold >= from)?.[1] ?? 'info',
    })),
    recommendations:
      advice === null
        ? []
        : [
            {
              type: advice.type,
              priority: advice.priority,
              current_allocation: 1,
              recommended_allocation: advice.recommended,
              reasoning: byLanguage(advice.reasoning),
            },
          ],
    chart: capacity.points.map((point) => ({ ...point, time: Math.round(point.time) })),
    evidence: [evidence],
  }
}

/** What is full first comes first; then what is fuller. */
const pressing = (one: { capacity: ResourceCapacity }): number =>
  one.capacity.days_to_capacity ?? 1e6 - (one.capacity.unit === 'ratio' ? one.capacity.percentile_95 : 0)

const joined = (texts: readonly Text[]): Text => ({
  en: texts.map(({ en }) => en).join(' '),
  zh: texts.map(({ zh }) => zh).join(''),
})

const listed = (texts: readonly Text[]): Text => ({
  en: texts.map(({ en }) => en).join('; '),
  zh: texts.map(({ zh }) => zh).join('；'),
})

const UNKNOWN_MEASURE: Text = {
  en: 'no such metric_type or forecast_days',
  zh: '沒有這種 metric_type 或 forecast_days',
}

const failure = (code: string, why: Text): Partial<Completed> => ({
  status: 'failed',
  reason: `${code}: ${why.en}`,
  summary: { en: `No capacity can be told: ${why.en}.`, 'zh-TW': `無法評估容量：${why.zh}。` },
})
