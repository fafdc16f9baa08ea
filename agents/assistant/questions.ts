/** The queries of each phase: the surroundings, the signals of every service in scope, and the state of the action's target. */
import type { Observations } from '../../analysis/observations.ts'
import type { Verdict } from '../../analysis/verdict.ts'
import type { DiagnosisRequested } from '../../schemas/events.generated.ts'
import type { Question } from '../runtime/ask.ts'
import type { Evidence } from '../runtime/evidence.ts'
import type { Deployment, FiringAlert, Incident, Resource, Tools } from '../tools/tools.ts'
import { announced } from './announced.ts'
import { correlationMs, partsOf, timeBefore, type Scope, type Surroundings } from './scope.ts'
import { remedyFor } from './remedies.ts'
import { isLikelyAmong, suspectChanges } from './suspect-releases.ts'
import type { TraceInquiry } from './traces.ts'

/** What the control-plane knows about the request and its surroundings, and what had been announced of it. */
export function orientation(request: DiagnosisRequested, tools: Tools): Question[] {
  const end = request.window_end ?? request.occurred_at
  const start = request.window_start ?? end - 60 * 60_000
  const near = correlationMs(request)
  const known = { start: Math.min(start - near, timeBefore({ start, end }).start), end: end + near }
  return [
    (context) => tools.controlPlane.resources({ service: null }, context),
    (context) => tools.controlPlane.alerts({ range: known }, context),
    (context) => tools.controlPlane.resolvedIncidents({ range: known }, context),
    ...request.incident_ids.map(
      (id): Question =>
        (context) =>
          tools.controlPlane.incident(id, context),
    ),
    ...(request.deployment_id === null ? [] : [deploymentQuestion(request.deployment_id, tools)]),
    ...announced(request),
  ]
}

const deploymentQuestion =
  (id: string, tools: Tools): Question =>
  (context) =>
    tools.controlPlane.deployment(id, context)

export function surroundingsOf(evidence: readonly Evidence[]): Surroundings {
  const data = <T>(operation: string): T[] =>
    evidence.filter((one) => one.operation === operation && one.status === 'ok').map((one) => one.data as T)
  return {
    resources: data<Resource[]>('resources').flat(),
    alerts: data<FiringAlert[]>('alerts').flat(),
    incidents: data<Incident>('incident'),
    resolved: data<Incident[]>('incidents').flat(),
    deployment: data<Deployment>('deployment')[0] ?? null,
  }
}

/** Golden signals and logs of every service in scope, changes, and traces through these services. */
export function gathering(request: DiagnosisRequested, scope: Scope, tools: Tools, traces: TraceInquiry): Question[] {
  const range = scope.window
  const baseline = scope.baseline === null ? {} : { baseline: scope.baseline }
  const [before, during] = partsOf(scope)
  const { namespace, occurred_at: requestedAt } = request
  return [
    (context) =>
      tools.controlPlane.auditLogs(
        { services: scope.services, range: { start: range.start - 60 * 60_000, end: range.end } },
        context,
      ),
    ...scope.services.flatMap((service): Question[] => [
      (context) => tools.metrics.goldenSignals({ service, namespace, range, ...baseline }, { ...context, requestedAt }),
      (context) => tools.logs.logs({ service, namespace, range: during, baseline: before, limit: 2000 }, { ...context, requestedAt }), // prettier-ignore
    ]),
    ...(traces.question === undefined ? [] : [traces.question]),
  ]
}

/** Reads the state of the action's target right before the action is proposed; null: no action would be proposed. */
export function targetState(verdict: Verdict, observations: Observations, tools: Tools): Question | null {
  const cause = verdict.rootCauses[0]
  if (verdict.verdict !== 'incident' || cause === undefined) return null
  // which changes are releases is known only with the audit log, which is not read here
  const mayRollBack = isLikelyAmong(suspectChanges(cause, verdict))
  if (!mayRollBack && remedyFor(verdict, observations, []) === null) return null
  return (context) => tools.controlPlane.resources({ service: cause.service }, context)
}
