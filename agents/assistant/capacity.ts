/** When services run out of capacity: months of history, a trend, and advice. Read only. */
import { adviceOn, capacityText, standingText } from '../../analysis/capacity/advice.ts'
import { type Capacity, capacityOf, DAY_MS } from '../../analysis/capacity/capacity.ts'
import type { Text } from '../../analysis/verdict.ts'
import type { DiagnosisCompleted, DiagnosisRequested, ResourceCapacity } from '../../schemas/events.generated.ts'
import { type Emission, type Outgoing, type Stamped } from '../runtime/agent.ts'
import type { Question } from '../runtime/ask.ts'
import type { Evidence } from '../runtime/evidence.ts'
import { inChinese } from '../tools/notes.ts'
import type { MetricSeries, MetricsAnswer, MetricsTool } from '../tools/tools.ts'
import { warnedIn } from './missing.ts'
import { byLanguage } from './report.ts'
import { STANDING, stands, usedOf } from './used.ts'

/** Usage indicators, best first: share of a limit before absolute amounts. */
const INDICATORS: Readonly<Record<string, readonly string[]>> = {
  cpu: ['cpu_ratio', 'host_cpu', 'cpu'],
  memory: ['memory_ratio', 'host_memory', 'memory'],
  disk: ['disk'],
  network: ['network_ratio', 'network'],
}
const HISTORY_DAYS = { least: 30, most: 365, perForecastDay: 4 }
/** Enough points for every bucket, few enough to store. */
const POINTS = 2000
const LEAST_STEP_S = 60

type Completed = Omit<DiagnosisCompleted, Stamped>

export interface CapacityContext {
  metrics: MetricsTool
  asking(step: string, questions: readonly Question[]): Promise<Evidence[]>
  tell(evidence: readonly Evidence[]): Outgoing[]
  /** fills in the fields every result has */
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
  const assessed = request.affected_services.flatMap((resource, index) =>
    assess(resource, history[index]!, indicators, { now, forecastDays }),
  )
  const known = assessed.flatMap((one) => ('capacity' in one ? [one] : [])).sort((a, b) => pressing(a) - pressing(b))
  const lacking = assessed.flatMap((one) => ('missing' in one ? [one] : []))
  const leftOut = assessed.flatMap((one) => ('leftOut' in one ? [one.leftOut] : []))
  const unmeasured = warnedIn(history).map(byLanguage)
  const sourceFailed = history.some((one) => one.status === 'failed')
  if (known.length === 0) {
    const why = listed(lacking.map(({ missing }) => missing))
    return yield [
      ...tell(history),
      completed({ ...failure(sourceFailed ? 'source_failed' : 'no_history', why), missing: unmeasured }),
    ]
  }
  yield [
    ...tell(history),
    completed({
      status: lacking.length > 0 ? 'partial' : 'completed',
      reason: lacking.length > 0 ? `not_assessed: ${lacking.length}/${lacking.length + known.length}` : null,
      summary: byLanguage(joined(known.map(({ text }) => text))),
      missing: [...lacking.map(({ missing }) => missing), ...leftOut].map(byLanguage).concat(unmeasured),
      tools_used: [...new Set(history.map((one) => one.tool))],
      capacity: known.map(({ capacity }) => capacity),
    }),
  ]
}

type Assessed = { capacity: ResourceCapacity; text: Text } | { missing: Text } | { leftOut: Text }

function assess(
  resource: string,
  evidence: Evidence,
  indicators: readonly string[],
  asked: { now: number; forecastDays: number },
): Assessed[] {
  if (evidence.status === 'failed') {
    const { summary } = evidence
    return [
      {
        missing: {
          en: `${resource} could not be queried: ${summary}`,
          zh: `無法查詢 ${resource}：${inChinese(summary)}`,
        },
      },
    ]
  }
  const { series } = (evidence.data ?? { series: [] }) as Pick<MetricsAnswer, 'series'>
  const used = usedOf(series, indicators)
  if (used === null) return [{ missing: { en: `${resource}: no usage metric`, zh: `${resource}：沒有用量指標` } }]
  const several = used.series.length + used.leftOut.length > 1
  return [
    ...used.series.map((one) => assessOne(resource, several ? (one.instance ?? null) : null, one, evidence.id, asked)),
    ...(used.leftOut.length === 0 ? [] : [{ leftOut: leftOutText(resource, used.leftOut) }]),
  ]
}

function assessOne(
  resource: string,
  instance: string | null,
  used: MetricSeries,
  evidence: string,
  { now, forecastDays }: { now: number; forecastDays: number },
): Assessed {
  const name = instance === null ? resource : `${resource} (${instance})`
  const limited = used.unit === 'ratio'
  const capacity = capacityOf(used, { now, forecastDays, limited })
  if (capacity === null)
    return {
      missing: {
        en: `${name}: ${used.indicator} has too little history: current usage needs eight minutes, a trend needs four days`,
        zh: `${name}：${used.indicator} 的歷史資料太少：至少八分鐘才能得知用量，四天才能判斷趨勢`,
      },
    }
  const said = told(resource, used, capacity, forecastDays, evidence)
  // a file system that never grows, such as /boot, needs no advice
  const isStanding = used.indicator === 'disk' && limited && capacity.days === null && stands(used)
  return {
    capacity: { ...said, instance, ...(isStanding ? { recommendations: [] } : {}) },
    text: isStanding ? standingText(name, used.indicator, capacity) : capacityText(name, used.indicator, capacity, limited), // prettier-ignore
  }
}

function leftOutText(resource: string, leftOut: readonly MetricSeries[]): Text {
  const names = leftOut.map(({ instance = '?' }) => instance).join(', ')
  return {
    en: `${resource}: always full and unchanged, like read-only images, so left out: ${names}`,
    zh: `${resource}：始終全滿且不變（如唯讀映像檔），未納入評估：${names}`,
  }
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
    instance: null,
    indicator,
    unit,
    average: capacity.average,
    peak: capacity.peak,
    percentile_95: capacity.percentile95,
    history_days: capacity.historyDays,
    // a trend is claimed only if the history can show one
    trend: capacity.tooShort ? 'unknown' : capacity.trend,
    growth_rate: capacity.tooShort ? null : capacity.growthPerMonth,
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
    chart: capacity.points
      .filter(({ historical }) => historical !== null || !capacity.tooShort)
      .map((point) => ({ ...point, time: Math.round(point.time) })),
    evidence: [evidence],
  }
}

/** Sort key: soonest to fill up first, then those that change, then the fullest. */
function pressing({ capacity }: { capacity: ResourceCapacity }): number {
  const { days_to_capacity: days, unit, percentile_95: high, peak, average } = capacity
  if (days !== null) return days
  return (peak - average > STANDING ? 1e6 : 2e6) - (unit === 'ratio' ? high : 0)
}

const joined = (texts: readonly Text[]): Text => ({
  en: texts.map(({ en }) => en).join(' '),
  zh: texts.map(({ zh }) => zh).join(''),
})

const listed = (texts: readonly Text[]): Text => ({
  en: texts.map(({ en }) => en).join('; '),
  zh: texts.map(({ zh }) => zh).join('；'),
})

const UNKNOWN_MEASURE: Text = {
  en: 'metric_type or forecast_days is not valid',
  zh: 'metric_type 或 forecast_days 無效',
}

const failure = (code: string, why: Text): Partial<Completed> => ({
  status: 'failed',
  reason: `${code}: ${why.en}`,
  summary: { en: `Capacity could not be assessed: ${why.en}.`, 'zh-TW': `無法評估容量：${why.zh}。` },
})
