import { v7 as uuid } from 'uuid'
import type { AlertDiagnosticRequest, DeploymentDiagnosticRequest, Task } from '../api.generated.ts'
import type { Events } from '../../schemas/events.generated.ts'
import type { Caller } from '../auth/caller.ts'
import { ApiError } from '../errors.ts'
import type { Asked, Gateway, Handler } from '../gateway.ts'
import { instantOf } from '../instant.ts'
import { type KeyedRequest, publishOnce } from '../idempotency/keys.ts'
import { refusals, said } from '../present/texts.ts'
import { publish, stamp } from '../publish.ts'
import { ownQuestion } from './owned.ts'

type Request = DeploymentDiagnosticRequest | AlertDiagnosticRequest
type Requested = Events['DiagnosisRequested']
export type Question = Omit<
  Requested,
  'event_id' | 'session_id' | 'sequence' | 'tenant' | 'occurred_at' | 'requested_by'
>

export const diagnoseDeployment =
  (gateway: Gateway): Handler<'diagnoseDeployment'> =>
  async (asked, caller) =>
    accept(gateway, asked, caller, deploymentQuestion(asked.body))

export const diagnoseAlerts =
  (gateway: Gateway): Handler<'diagnoseAlerts'> =>
  async (asked, caller) =>
    accept(gateway, asked, caller, alertQuestion(asked.body))

export function deploymentQuestion(body: DeploymentDiagnosticRequest): Question {
  const { incident_id, affected_services, context, ...rest } = body
  const { deployment_id, service_name, namespace, ...others } = context
  return {
    ...common(rest),
    kind: 'deployment',
    service: service_name,
    namespace: namespace ?? null,
    incident_ids: [incident_id],
    alert_ids: [],
    deployment_id,
    affected_services,
    context: others as Record<string, string>,
  }
}

export function alertQuestion(body: AlertDiagnosticRequest): Question {
  const { alert_ids = [], incident_ids = [], affected_services = [], context = {}, ...rest } = body
  const { deployment_id, ...others } = context
  return {
    ...common(rest),
    kind: kindOf(body),
    service: affected_services.length === 1 ? (affected_services[0] ?? null) : null,
    namespace: context.namespace ?? null,
    incident_ids,
    alert_ids,
    deployment_id: deployment_id ?? null,
    affected_services,
    context: { ...others, correlation_window: String(rest.correlation_window ?? 300) },
  }
}

/** A request that names neither a deployment nor an alert or incident is a person's or a program's question. */
function kindOf({ alert_ids = [], incident_ids = [], context = {} }: AlertDiagnosticRequest): string {
  if (context.deployment_id !== undefined) return 'deployment'
  return alert_ids.length + incident_ids.length > 0 ? 'alert' : 'question'
}

function common({
  severity,
  time_range,
  max_execution_time,
}: Pick<Request, 'severity' | 'time_range' | 'max_execution_time'>) {
  const start = time_range === undefined ? null : instantOf(time_range.start)
  const end = time_range === undefined ? null : instantOf(time_range.end)
  if (start !== null && end !== null && start >= end)
    throw new ApiError('VALIDATION_ERROR', refusals.emptyRange, {
      details: [{ field: 'time_range', message: refusals.startBeforeEnd }],
    })
  return {
    severity: severity ?? null,
    window_start: start,
    window_end: end,
    question: null,
    max_execution_ms: max_execution_time === undefined ? null : Math.round(max_execution_time * 1000),
  }
}

/** Publishes the request, once per idempotency key, and returns its session. */
export async function accept(
  gateway: Gateway,
  {
    headers,
    request,
    body,
    asSaid = body,
    language,
    ...asked
  }: Asked<'diagnoseDeployment'> | Asked<'diagnoseAlerts'> | Asked<'diagnoseCapacity'>,
  caller: Caller,
  question: Question,
): Promise<{ status: 202; body: Task }> {
  const keyed = { key: headers['idempotency-key'], request: { path: request.routeOptions.url, body: asSaid } }
  const { session_id } = await askOnce(gateway, { ...asked, caller, question, keyed, sessionId: async () => uuid() })
  return { status: 202, body: { session_id, status: 'accepted', message: said.asked[language] } }
}

export interface Asking extends Pick<Asked<never>, 'trace' | 'refused'> {
  caller: Caller
  keyed: Omit<KeyedRequest, 'caller'>
}

/** Publishes a question, once per key. `sessionId` is called only if the key is new. */
export async function askOnce(
  gateway: Gateway,
  { caller, question, keyed, sessionId, ...asked }: Asking & { question: Question; sessionId(): Promise<string> },
): Promise<Requested> {
  const own = ownQuestion(gateway.tenants, caller, question)
  const { value } = await publishOnce(
    gateway.pool,
    { caller, ...keyed },
    {
      prepare: async () => ({
        event: 'DiagnosisRequested' as const,
        value: {
          ...stamp(caller.tenant, gateway.now()),
          session_id: await sessionId(),
          requested_by: caller.id,
          ...own,
        },
      }),
      publish: (received) => publish(gateway, received, asked),
    },
  )
  return value
}
