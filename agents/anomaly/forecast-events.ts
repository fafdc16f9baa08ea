/** A forecast as events. Their ids are derived from the forecast, so that whoever repeats them repeats the same ones. */
import { v5 as uuidv5 } from 'uuid'
import type { Forecast } from '../../analysis/filling/forecasts.ts'
import { severityOf } from '../../analysis/filling/severity.ts'
import type { DiagnosisRequested, ForecastProduced } from '../../schemas/events.generated.ts'
import { type AnomalyContext, SEVERITIES } from './events.ts'

const IDS = 'f2a4a0de-6c0c-4e5b-9a3c-7b1f0f6f9d24'
const HOUR_MS = 3_600_000

/** `id`: of `analysis/filling`, which is unique within a tenant. */
const forecastId = (tenant: string, id: string): string => uuidv5(`${tenant}#${id}`, IDS)

type Context = Pick<AnomalyContext, 'tenant' | 'namespaceOf'>

export function produced(forecast: Forecast, { tenant, namespaceOf }: Context): ForecastProduced {
  const { id, sequence, phase, service, resource, indicator, unit = null, instance, at, now, limit, since } = forecast
  const { full, path, recent, recentStepMs, ending } = forecast
  const own = forecastId(tenant, id)
  return {
    event_id: uuidv5(`${own}#${sequence}`, IDS),
    ...{ session_id: null, sequence, tenant, occurred_at: at, forecast_id: own, phase },
    ...{ service, namespace: namespaceOf(service), resource, indicator, unit, instance },
    ...{ severity: severityOf(forecast), value: now, limit, since: Math.round(since) },
    ...{ full_at: Math.round(full.at), earliest: Math.round(full.earliest) },
    latest: full.latest === null ? null : Math.round(full.latest),
    level: full.level,
    path: path.map((point) => ({ ...point, time: Math.round(point.time) })),
    ...{ recent, step_ms: Math.round(recentStepMs), ending },
  }
}

/** Before the rise, so that the diagnosis sees what was usual; of a rise of weeks, only the end. */
const BEFORE_MS = HOUR_MS / 2
const LONGEST_MS = 6 * HOUR_MS

/** The session's id is the forecast's: a second request for it starts nothing. `requestedBy` may not decide on its approvals. */
export function requestedFor(forecast: Forecast, context: Context, requestedBy: string): DiagnosisRequested {
  const { tenant, namespaceOf } = context
  const { id, service, indicator, since, at, full } = forecast
  const own = forecastId(tenant, id)
  return {
    event_id: uuidv5(`${own}#diagnosis`, IDS),
    ...{ session_id: own, sequence: 0, tenant, occurred_at: at, kind: 'alert', service },
    namespace: namespaceOf(service),
    severity: SEVERITIES[severityOf(forecast)],
    ...{ incident_ids: [], alert_ids: [], deployment_id: null, affected_services: [service] },
    window_start: Math.round(Math.max(since - BEFORE_MS, at - LONGEST_MS)),
    window_end: at,
    ...{ question: null, max_execution_ms: null, requested_by: requestedBy },
    context: {
      ...{ trigger: 'forecast', forecast_id: own },
      reason: `${service} ${indicator} reaches its limit at ${new Date(full.at).toISOString()}`,
    },
  }
}
