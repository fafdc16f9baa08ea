/** An anomaly as events. Their ids are derived from the anomaly, so that whoever repeats them repeats the same ones. */
import { v5 as uuidv5 } from 'uuid'
import type { Anomaly } from '../../analysis/watch/watched.ts'
import type { AnomalyDetected, DiagnosisRequested } from '../../schemas/events.generated.ts'

const IDS = '5d6c7f0e-8d5b-4f0c-9a57-3f3b3a1f6c11'

/** `id`: of `analysis/watch`, which is unique within a tenant. */
export const anomalyId = (tenant: string, id: string): string => uuidv5(`${tenant}#${id}`, IDS)

export interface AnomalyContext {
  tenant: string
  stepMs: number
  namespaceOf(service: string): string | null
}

export function detected(anomaly: Anomaly, { tenant, stepMs, namespaceOf }: AnomalyContext): AnomalyDetected {
  const { id, phase, sequence, service, services, severity, score, since, at, series, ending, joined } = anomaly
  const own = anomalyId(tenant, id)
  return {
    event_id: uuidv5(`${own}#${sequence}`, IDS),
    ...{ session_id: null, sequence, tenant, occurred_at: at, anomaly_id: own, phase },
    ...{ service, namespace: namespaceOf(service), services, severity, score, since, ending, step_ms: stepMs },
    joined_to: joined === null ? null : anomalyId(tenant, joined),
    series: series.map(({ unit = null, ...one }) => ({ ...one, unit })),
  }
}

/** Half an hour before it began, so that the diagnosis sees what was usual. */
const BEFORE_MS = 1_800_000

/** The session's id is the anomaly's: a second request for it starts nothing. `requestedBy` may not decide on its approvals. */
export function requested(anomaly: Anomaly, context: AnomalyContext, requestedBy: string): DiagnosisRequested {
  const { tenant, namespaceOf } = context
  const { id, service, services, severity, since, at, series } = anomaly
  const own = anomalyId(tenant, id)
  return {
    event_id: uuidv5(`${own}#diagnosis`, IDS),
    ...{ session_id: own, sequence: 0, tenant, occurred_at: at, kind: 'alert', service },
    namespace: namespaceOf(service),
    severity: SEVERITIES[severity],
    ...{ incident_ids: [], alert_ids: [], deployment_id: null, affected_services: services },
    window_start: since - BEFORE_MS,
    window_end: at,
    ...{ question: null, max_execution_ms: null, requested_by: requestedBy },
    context: { trigger: 'anomaly', anomaly_id: own, reason: reasonOf(series) },
  }
}

export const SEVERITIES = { critical: 'P1', warning: 'P2', info: 'P3' } as const
const LISTED = 3

const reasonOf = (series: Anomaly['series']): string =>
  series
    .slice(0, LISTED)
    .map(({ service, indicator, direction }) => `${service} ${indicator} ${direction} its expected range`)
    .join('; ')
