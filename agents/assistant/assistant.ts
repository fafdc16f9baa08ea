/** The assistant: asks read-only tools, lets the analysis conclude, and proposes. It holds no credential that can write. */
import { diagnose } from '../../analysis/diagnose.ts'
import type { TimeRange } from '../../analysis/observations.ts'
import type { Verdict } from '../../analysis/verdict.ts'
import type { DiagnosisCompleted, DiagnosisRequested } from '../../schemas/events.generated.ts'
import {
  type Agent,
  emit,
  type Emission,
  type Outgoing,
  type Run,
  type RunEnd,
  type Stamped,
} from '../runtime/agent.ts'
import { ask, type Question } from '../runtime/ask.ts'
import { type Evidence, type EvidenceOwner, type EvidenceStore, evidenceEvents } from '../runtime/evidence.ts'
import { eventId } from '../runtime/run.ts'
import type { AuditLogItem, Deployment, FiringAlert, Incident, Resource, Tools } from '../tools/tools.ts'
import { assessCapacity } from './capacity.ts'
import { observe } from './observe.ts'
import { progress } from './progress.ts'
import { proposeRollback } from './propose.ts'
import { conclude } from './report.ts'
import { type Scope, scopeOf, type Surroundings } from './scope.ts'
import { summarize } from './summary.ts'
import { inquireTraces, type TraceInquiry } from './traces.ts'

export interface AssistantOptions {
  /** who answers for this request; null refuses it with the reason */
  toolsFor(request: DiagnosisRequested): { tools: Tools } | { refused: string }
  evidence: EvidenceStore
  /** roles one of which a decider needs */
  approverRoles: readonly string[]
  /** ms an approval stays open */
  approvalTtlMs: number
  /** ms of active work, where the request names none */
  defaultLimitMs: number
  limits?: Agent['limits']
}

const VERSION = 1
const KINDS = ['deployment', 'alert', 'capacity']

export function createAssistant(options: AssistantOptions): Agent {
  return {
    name: 'assistant',
    version: VERSION,
    oncePer: { DiagnosisRequested: (request) => request.session_id },
    cancelledBy: ['DiagnosisCancelRequested'],
    activeLimitMs: (event) => ('max_execution_ms' in event ? event.max_execution_ms : null) ?? options.defaultLimitMs,
    publishes: ['DiagnosisProgressed', 'EvidenceRecorded', 'AgentUsage', 'DiagnosisCompleted', 'ApprovalRequested'],
    on: { DiagnosisRequested: (request, run) => investigate(request, run, options) },
    ended: (event, end) => [emit('DiagnosisCompleted', { ...unfinished(event as DiagnosisRequested, end) })],
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  }
}

async function* investigate(request: DiagnosisRequested, run: Run, options: AssistantOptions): AsyncIterable<Emission> {
  const source = options.toolsFor(request)
  if ('refused' in source) return yield emit('DiagnosisCompleted', failed(request, run, source.refused))
  if (!KINDS.includes(request.kind))
    return yield emit('DiagnosisCompleted', failed(request, run, `cannot answer requests of kind ${request.kind}`))
  const { tools } = source
  const owner: EvidenceOwner = { runId: run.id, sessionId: request.session_id, tenant: run.tenant, agent: 'assistant' }
  const asking = (step: string, questions: readonly Question[]) => ask(run, owner, options.evidence, step, questions)
  const tell = (evidence: readonly Evidence[]) => evidence.flatMap((one) => evidenceEvents(owner, one))
  if (request.kind === 'capacity') {
    const completed = (result: Partial<Omit<DiagnosisCompleted, Stamped>>) =>
      emit('DiagnosisCompleted', { ...nothing, ...frame(request, run), ...UNTOLD, ...result })
    return yield* assessCapacity(request, { metrics: tools.metrics, asking, tell, completed })
  }

  yield progress(owner, 'orient', 5)
  const oriented = await asking('orient', orientation(request, tools))
  const surroundings = surroundingsOf(oriented)
  const scope = scopeOf(request, surroundings)
  yield [...tell(oriented), progress(owner, 'gather', 20, scope.services.length)]

  const traces = inquireTraces(tools.traces, scope.services, partsOf(scope))
  const gathered = await asking('gather', gathering(request, scope, tools, traces))
  yield [...tell(gathered), progress(owner, 'analyse', 70)]

  const answers = [...oriented, ...gathered]
  const alert = surroundings.alerts.find((one) => request.alert_ids.includes(one.id)) ?? null
  const observations = observe(scope, answers, alert)
  const { lost, ...verdict } = await run.step('analyse', async ({ signal }): Promise<Analysis> => {
    const read = await traces.spansOf(gathered, { signal, traceparent: run.traceparent })
    const verdict = diagnose({ ...observations, spans: read.spans })
    return read.lost === undefined ? verdict : { ...verdict, lost: read.lost }
  })
  const evidence = lost === undefined ? answers : answers.map((one) => withoutTraces(one, lost))

  const target = await targetState(verdict, tools, asking)
  const audit = evidence
    .filter((one) => one.operation === 'audit-logs' && one.status === 'ok')
    .flatMap((one) => one.data as AuditLogItem[])
  const proposal = proposeRollback(verdict, observations, audit, target, request.namespace)
  const approvalId = eventId(run.id, 'approval:0')
  yield [
    ...(target === null ? [] : tell([target])),
    emit('DiagnosisCompleted', {
      capacity: null,
      ...conclude(verdict, target === null ? evidence : [...evidence, target], scope.leftOut),
      ...frame(request, run),
      summary: summarize(verdict),
      recommended_actions:
        proposal === null
          ? []
          : [{ title: proposal.title, type: proposal.action.type, risk: proposal.risk, approval_id: approvalId }],
    }),
  ]
  if (proposal === null) return
  yield emit('ApprovalRequested', {
    session_id: request.session_id,
    approval_id: approvalId,
    action: proposal.action,
    action_hash: proposal.actionHash,
    title: proposal.title,
    reason: proposal.reason,
    risk: proposal.risk,
    requested_by: request.requested_by,
    approver_roles: [...options.approverRoles],
    expires_at: run.startedAt + options.approvalTtlMs,
    evidence: proposal.evidence,
    checks: proposal.checks,
  })
}

/** `lost`: why the spans could not be had again, after the process that had asked for them was gone. */
type Analysis = Verdict & { lost?: string }

const withoutTraces = (one: Evidence, error: string): Evidence =>
  one.operation === 'traces' && one.status === 'ok'
    ? { ...one, status: 'failed', summary: error.split('\n')[0]?.slice(0, 200) ?? '', error, data: null }
    : one

/** What the control-plane knows about the request and its surroundings. */
function orientation(request: DiagnosisRequested, tools: Tools): Question[] {
  const end = request.window_end ?? request.occurred_at
  const start = request.window_start ?? end - 60 * 60_000
  return [
    (context) => tools.controlPlane.resources({ service: null }, context),
    (context) => tools.controlPlane.alerts({ range: { start, end } }, context),
    ...request.incident_ids.map(
      (id): Question =>
        (context) =>
          tools.controlPlane.incident(id, context),
    ),
    ...(request.deployment_id === null ? [] : [deploymentQuestion(request.deployment_id, tools)]),
  ]
}

const deploymentQuestion =
  (id: string, tools: Tools): Question =>
  (context) =>
    tools.controlPlane.deployment(id, context)

function surroundingsOf(evidence: readonly Evidence[]): Surroundings {
  const data = <T>(operation: string): T[] =>
    evidence.filter((one) => one.operation === operation && one.status === 'ok').map((one) => one.data as T)
  return {
    resources: data<Resource[]>('resources').flat(),
    alerts: data<FiringAlert[]>('alerts').flat(),
    incidents: data<Incident>('incident'),
    deployment: data<Deployment>('deployment')[0] ?? null,
  }
}

/** Golden signals and logs of every service in scope, what was changed, and the traces through these services. */
function gathering(request: DiagnosisRequested, scope: Scope, tools: Tools, traces: TraceInquiry): Question[] {
  const range = scope.window
  const baseline = scope.baseline === null ? {} : { baseline: scope.baseline }
  const [before, during] = partsOf(scope)
  const { namespace } = request
  return [
    (context) =>
      tools.controlPlane.auditLogs(
        { services: scope.services, range: { start: range.start - 60 * 60_000, end: range.end } },
        context,
      ),
    ...scope.services.flatMap((service): Question[] => [
      (context) => tools.metrics.goldenSignals({ service, namespace, range, ...baseline }, context),
      (context) => tools.logs.logs({ service, namespace, range: during, baseline: before, limit: 2000 }, context),
    ]),
    ...(traces.question === undefined ? [] : [traces.question]),
  ]
}

/** Lines and traces are asked for in two parts, each with its own limit: without a baseline the window is parted where it is said to have begun. */
function partsOf({ baseline, window, onset }: Scope): [before: TimeRange, during: TimeRange] {
  if (baseline !== null) return [baseline, window]
  const parted = onset ?? (window.start + window.end) / 2
  return [
    { start: window.start, end: parted },
    { start: parted, end: window.end },
  ]
}

/** The state of what would be acted on, read right before it is proposed. */
async function targetState(
  verdict: Verdict,
  tools: Tools,
  asking: (step: string, questions: readonly Question[]) => Promise<Evidence[]>,
): Promise<Evidence | null> {
  const cause = verdict.rootCauses[0]
  if (verdict.verdict !== 'incident' || cause === undefined || cause.changeId === null) return null
  const [target] = await asking('target', [
    (context) => tools.controlPlane.resources({ service: cause.service }, context),
  ])
  return target?.status === 'ok' ? target : null
}

const frame = (request: DiagnosisRequested, run: Run) => ({
  session_id: request.session_id,
  revision: run.attempt + 1,
  run_id: run.id,
  handler_version: String(VERSION),
  requested_at: request.occurred_at,
  execution_ms: run.activeMs(),
  usage: null,
})

/** A result says at least this much. */
const UNTOLD = { status: 'completed', reason: null, summary: {} }

const nothing = {
  verdict: null,
  onset: null,
  confidence: 0,
  findings: [],
  root_causes: [],
  missing: [],
  ruled_out: [],
  recommended_actions: [],
  tools_used: [],
  capacity: null,
}

const failed = (request: DiagnosisRequested, run: Run, reason: string) => ({
  ...nothing,
  ...frame(request, run),
  status: 'failed',
  reason,
  summary: { en: `No diagnosis: ${reason}.`, 'zh-TW': `沒有診斷結果：${reason}。` },
})

/** What the session is told when its run was cancelled or failed for good. */
function unfinished(
  request: DiagnosisRequested,
  end: RunEnd,
): Extract<Outgoing, { event: 'DiagnosisCompleted' }>['value'] {
  return {
    ...nothing,
    session_id: request.session_id,
    revision: end.run.attempt + 1,
    run_id: end.run.id,
    handler_version: String(VERSION),
    status: end.status,
    reason: `${end.code}: ${end.reason.split('\n')[0] ?? ''}`,
    summary:
      end.status === 'cancelled'
        ? { en: 'The diagnosis was cancelled.', 'zh-TW': '診斷已取消。' }
        : { en: `The diagnosis failed (${end.code}).`, 'zh-TW': `診斷失敗（${end.code}）。` },
    requested_at: request.occurred_at,
    execution_ms: 0,
    usage: null,
  }
}
