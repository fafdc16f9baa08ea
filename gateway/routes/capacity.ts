/** A capacity request goes over the bus like every diagnosis, and the HTTP request waits for the result for a limited time. */
import type { CapacityAnalysisResponse, CapacityRequest, ResourceCapacity, Task } from '../api.generated.ts'
import type { Events, ResourceCapacity as Assessed } from '../../schemas/events.generated.ts'
import { ApiError, notFound } from '../errors.ts'
import type { Gateway, Handler } from '../gateway.ts'
import { inLanguage, type Language, timeOf } from '../present/language.ts'
import { endingReason } from '../present/reasons.ts'
import { capacity as texts, said } from '../present/texts.ts'
import { findSession } from '../views/sessions.ts'
import { accept } from './diagnose.ts'

const LOOK_MS = 1000
const DAY_MS = 86_400_000

export const diagnoseCapacity =
  (gateway: Gateway): Handler<'diagnoseCapacity'> =>
  async (asked, caller) => {
    const accepted = await accept(gateway, asked, caller, question(asked.body))
    const { session_id: sessionId } = accepted.body
    const result = await resultOf(gateway, caller.tenant, sessionId)
    if (result === null) return { status: 202, body: stillAt(accepted.body, asked.language) }
    if (result.capacity === null) throw refusal(result)
    return { status: 200, body: present(result, result.capacity, asked.language) }
  }

const question = ({ resource_ids, metric_type, forecast_days = 30, namespace }: CapacityRequest) => ({
  kind: 'capacity',
  service: resource_ids.length === 1 ? (resource_ids[0] ?? null) : null,
  namespace: namespace ?? null,
  severity: null,
  incident_ids: [],
  alert_ids: [],
  deployment_id: null,
  affected_services: resource_ids,
  window_start: null,
  window_end: null,
  question: null,
  max_execution_ms: null,
  context: { metric_type, forecast_days: String(forecast_days) },
})

/** The result once it is in the views; null if it takes too long or the gateway closes. */
export async function resultOf(
  { pool, watch, closing, capacityWaitMs }: Gateway,
  tenant: string,
  sessionId: string,
): Promise<Events['DiagnosisCompleted'] | null> {
  const signal = AbortSignal.any([closing, AbortSignal.timeout(capacityWaitMs)])
  const watcher = watch.watch(sessionId)
  try {
    for (;;) {
      const session = await findSession(pool, tenant, sessionId)
      if (session?.result != null || signal.aborted) return session?.result ?? null
      await watcher.changed(LOOK_MS, signal)
    }
  } finally {
    watcher.close()
  }
}

const stillAt = (task: Task, language: Language): Task => ({
  ...task,
  status: 'processing',
  message: said.stillAtIt[language],
})

/** The error for a capacity request without a result, in the agent's words. */
function refusal({ session_id: session, reason, summary }: Events['DiagnosisCompleted']): ApiError {
  const why = (language: Language) => inLanguage(summary, language) || endingReason(reason, language) || '?'
  const details = [{ field: 'resource_ids', message: { en: why('en'), 'zh-TW': why('zh-TW') } }]
  if (reason?.startsWith('not_found:')) return notFound('service')
  if (reason?.startsWith('no_history:')) return new ApiError('RESOURCE_NOT_FOUND', texts.noHistory(session), { details }) // prettier-ignore
  if (reason?.startsWith('source_failed:')) return new ApiError('BAD_GATEWAY', texts.notAsked(session), { details }) // prettier-ignore
  return new ApiError('INTERNAL_ERROR', texts.untold(session), { details })
}

function present(
  result: Events['DiagnosisCompleted'],
  capacity: readonly Assessed[],
  language: Language,
): CapacityAnalysisResponse {
  const resources = capacity.map((one) => presentOne(one, result.requested_at, language))
  const [first] = resources
  if (first === undefined) throw new Error(`session ${result.session_id} has no capacity result`)
  return {
    session_id: result.session_id,
    summary: inLanguage(result.summary, language),
    missing: result.missing.map((text) => inLanguage(text, language)),
    ...first,
    resources,
  }
}

function presentOne(one: Assessed, now: number, language: Language): ResourceCapacity {
  return {
    resource: one.resource,
    ...(one.instance == null ? {} : { instance: one.instance }),
    indicator: one.indicator,
    unit: one.unit,
    current_usage: { average: one.average, peak: one.peak, percentile_95: one.percentile_95 },
    forecast: {
      trend: one.trend as ResourceCapacity['forecast']['trend'],
      days_to_capacity: one.days_to_capacity,
      days_to_capacity_interval: { earliest: one.earliest_days, latest: one.latest_days },
      growth_rate: one.growth_rate,
      history_days: one.history_days,
      capacity_alerts: one.alerts.map(({ threshold, days, severity }) => ({
        alert_type: `usage_${Math.round(threshold * 100)}_percent`,
        threshold,
        estimated_date: timeOf(now + days * DAY_MS),
        days_remaining: days,
        severity: severity as 'info' | 'warning' | 'critical',
      })),
    },
    recommendations: one.recommendations.map((advice) => ({
      type: advice.type as 'scale_up' | 'scale_down' | 'optimize',
      resource: one.resource,
      priority: advice.priority as 'immediate' | 'high' | 'medium' | 'low',
      current_allocation: advice.current_allocation,
      recommended_allocation: advice.recommended_allocation,
      reasoning: inLanguage(advice.reasoning, language),
    })),
    chart_data: one.chart.map(({ time, historical, predicted, lower, upper }) => ({
      date: timeOf(time),
      historical,
      predicted,
      lower,
      upper,
    })),
    evidence: one.evidence,
  }
}
