/** Events the control-plane itself publishes. */
import { randomUUID } from 'node:crypto'
import type { EncodedRecord } from '../../bus/bus.ts'
import { traceOf } from '../../gateway/trace.ts'
import { postmortemIdOf, requestIdOf } from '../../postmortem/ids.ts'
import type { ChangeRecorded, DiagnosisRequested, PostmortemRequested } from '../../schemas/events.generated.ts'
import type { House } from './house.ts'

/** Headers that link events to the request that caused them: request id and W3C trace context. */
export type Trace = Readonly<Record<string, string>>

/** For events not caused by a request. */
export const freshTrace = (): Trace => traceOf({ id: randomUUID(), headers: {} })

export interface DiagnosisRequest {
  sessionId: string
  kind: 'alert' | 'deployment'
  service: string
  severity: string
  incidentId: string
  alertIds: string[]
  deploymentId: string | null
  context: Record<string, string>
  trace: Trace
}

export const ownerIn = ({ tenants, namespace }: House, service: string): string | null =>
  tenants.ownerOf(service, namespace)

const stamped = (tenant: string, { clock }: House) => ({
  event_id: randomUUID(),
  sequence: 0,
  tenant,
  occurred_at: clock(),
})

/** Published for the tenant that owns the service; nothing is published if no tenant does. */
export async function diagnosisRequested(house: House, request: DiagnosisRequest): Promise<EncodedRecord[]> {
  const tenant = ownerIn(house, request.service)
  if (tenant === null) return []
  const event: DiagnosisRequested = {
    ...stamped(tenant, house),
    session_id: request.sessionId,
    kind: request.kind,
    service: request.service,
    namespace: house.namespace,
    severity: request.severity,
    incident_ids: [request.incidentId],
    alert_ids: request.alertIds,
    deployment_id: request.deploymentId,
    affected_services: [request.service],
    window_start: null,
    window_end: null,
    question: null,
    max_execution_ms: null,
    requested_by: house.identity,
    context: request.context,
  }
  return [await house.bus.encode('DiagnosisRequested', event, request.trace)]
}

/** Published for the tenant that owns the service; nothing is published if no tenant does. The same incident gives the same event. */
export async function postmortemRequested(
  house: House,
  { incidentId, service }: { incidentId: string; service: string },
): Promise<EncodedRecord[]> {
  const tenant = ownerIn(house, service)
  if (tenant === null) return []
  const about = { incident_ids: [incidentId], session_ids: [] }
  const event: PostmortemRequested = {
    ...stamped(tenant, house),
    event_id: requestIdOf(tenant, incidentId),
    session_id: null,
    postmortem_id: postmortemIdOf(tenant, about),
    ...about,
    language: null,
    requested_by: house.identity,
    context: {},
  }
  return [await house.bus.encode('PostmortemRequested', event, freshTrace())]
}

export interface Change {
  id: string
  service: string
  /** when its effects began */
  at: Date
  type: string
  author: string
  summary: string
  before: unknown
  after: unknown
  deploymentId: string | null
  trace: Trace
}

/** Published for the tenant that owns the service; nothing is published if no tenant does. */
export async function changeRecorded(house: House, change: Change): Promise<EncodedRecord[]> {
  const tenant = ownerIn(house, change.service)
  if (tenant === null) return []
  const event: ChangeRecorded = {
    ...stamped(tenant, house),
    occurred_at: change.at.getTime(),
    session_id: null,
    change_id: change.id,
    service: change.service,
    namespace: house.namespace,
    type: change.type,
    author: change.author,
    summary: change.summary,
    before: JSON.stringify(change.before),
    after: JSON.stringify(change.after),
    deployment_id: change.deploymentId,
  }
  return [await house.bus.encode('ChangeRecorded', event, change.trace)]
}
