/** The assistant: queries read-only tools, runs the analysis, and proposes actions. It holds no credential that can write. */
import type { Objective } from '../../analysis/observations.ts'
import { EXECUTOR } from '../../analysis/known-disturbances.ts'
import type { Verdict } from '../../analysis/verdict.ts'
import type { ActionProposed, DiagnosisCompleted, DiagnosisRequested } from '../../schemas/events.generated.ts'
import type { Tenants } from '../../tenants/tenants.ts'
import { withVersion } from '../a2a/call.ts'
import { type Agent, emit, type Emission, type Run, type Stamped } from '../runtime/agent.ts'
import { ask, askAfter, type Question } from '../runtime/ask.ts'
import type { Evidence, EvidenceOwner, EvidenceStore } from '../runtime/evidence.ts'
import { evidenceEvents } from '../runtime/evidence-events.ts'
import { eventId } from '../runtime/run.ts'
import { ownedTools } from '../tools/owned/owned.ts'
import type { AuditLogItem, Tools } from '../tools/tools.ts'
import type { Analysis } from './analysis-threads.ts'
import { asksForPostmortems } from './ask-for-postmortem.ts'
import { assessCapacity } from './capacity.ts'
import { foreignTo } from './foreign.ts'
import { asFarAsSeen, callsOutside, callsUnknown, isUntold, meantBy, missingIn, reserved, unaskedIn, unknownIn, unknownServices, unmeasured } from './missing.ts' // prettier-ignore
import { observe } from './observe.ts'
import { progress } from './progress.ts'
import { propose } from './propose.ts'
import { gathering, orientation, surroundingsOf, targetState } from './questions.ts'
import { refusalOf, tooLong } from './refuse.ts'
import { approvalRequested, type ProposalOptions } from './request-approval.ts'
import { recollected, recollection } from './recollection.ts'
import { conclude } from './report.ts'
import { failed, frame, nothing, type Refusal, unfinished, UNTOLD, VERSION } from './result.ts'
import { partsOf, queriedIn, scopeOf } from './scope.ts'
import { shareAnalyses, type SharedAnalyse } from './shared-analysis.ts'
import { summarize } from './summary.ts'
import { givenUp, takeProposal } from './take-proposal.ts'
import { inquireTraces, withoutTraces } from './traces.ts'
import { WORKFLOWS } from './workflows.ts'

export interface AssistantOptions extends ProposalOptions {
  /** the tools for a request with this context, or why it is refused */
  toolsFor(request: Pick<DiagnosisRequested, 'context'>): { tools: Tools } | { refused: Refusal }
  /** which tenant owns which services */
  tenants: Tenants
  evidence: EvidenceStore
  analyse: Analysis['analyse']
  /** ms of active work, when the request sets no limit */
  defaultLimitMs: number
  /** the executor's name as the author of changes in the audit log, alone or as <issuer>|<name> */
  executor?: string
  /** service level objectives */
  objectives?: readonly Objective[]
  /** asks the postmortem agent for a report once an action has helped; default: it does not */
  postmortems?: boolean
  limits?: Agent['limits']
}

export function createAssistant(options: AssistantOptions): Agent {
  const analyse = shareAnalyses(options.analyse)
  const asks = options.postmortems === true ? asksForPostmortems : { on: {}, publishes: [] }
  return {
    name: 'assistant',
    version: VERSION,
    oncePer: { DiagnosisRequested: (request) => request.session_id },
    cancelledBy: ['DiagnosisCancelRequested'],
    workflows: WORKFLOWS,
    activeLimitMs: (event) => ('max_execution_ms' in event ? event.max_execution_ms : null) ?? options.defaultLimitMs,
    publishes: ['DiagnosisProgressed', 'EvidenceRecorded', 'AgentUsage', 'DiagnosisCompleted', 'ApprovalRequested', 'ActionDeclined', ...asks.publishes], // prettier-ignore
    on: {
      DiagnosisRequested: (request, run) => investigate(request, run, options, analyse),
      ActionProposed: (proposed, run) => takeProposal(proposed, run, options),
      ...asks.on,
    },
    seal: async (event, record) => withVersion(event, record),
    ended: (event, end) => {
      if ('diagnosis_run' in event) return givenUp(event as ActionProposed, end)
      // a published diagnosis is not replaced by a failure that came after it
      if (!('max_execution_ms' in event) || end.published.has('DiagnosisCompleted')) return []
      return [emit('DiagnosisCompleted', { ...unfinished(event as DiagnosisRequested, end) })]
    },
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  }
}

async function* investigate(
  asked: DiagnosisRequested,
  run: Run,
  options: AssistantOptions,
  analyse: SharedAnalyse,
): AsyncIterable<Emission> {
  const owned = options.tenants.of(run.tenant)
  const request = { ...asked, namespace: asked.namespace ?? owned.namespace }
  const refusal = refusalOf(request) ?? foreignTo(owned, request)
  if (refusal !== null) return yield emit('DiagnosisCompleted', failed(request, run, refusal))
  const source = options.toolsFor(request)
  if ('refused' in source) return yield emit('DiagnosisCompleted', failed(request, run, source.refused))
  const tools = ownedTools(source.tools, owned)
  const owner: EvidenceOwner = { runId: run.id, sessionId: request.session_id, tenant: run.tenant, agent: 'assistant' }
  const asking = (step: string, questions: readonly Question[]) => ask(run, owner, options.evidence, step, questions)
  const tell = (evidence: readonly Evidence[]) => evidenceEvents(owner, evidence)
  if (request.kind === 'capacity') {
    const completed = (result: Partial<Omit<DiagnosisCompleted, Stamped>>) =>
      emit('DiagnosisCompleted', { ...nothing, ...frame(request, run), ...UNTOLD, ...result })
    return yield* assessCapacity(request, { metrics: tools.metrics, asking, tell, completed })
  }

  yield progress(owner, 'orient', 5)
  const oriented = await asking('orient', orientation(request, tools))
  const surroundings = surroundingsOf(oriented)
  const scope = scopeOf(request, surroundings)
  const extent = { services: scope.services.length, traces: tools.traces !== undefined }
  yield [...tell(oriented), progress(owner, 'gather', 20, extent)]

  const traces = inquireTraces(tools.traces, scope.services, partsOf(scope))
  const gathered = await asking('gather', gathering(request, scope, tools, traces))
  yield [...tell(gathered), progress(owner, 'analyse', 70)]

  const answers = [...oriented, ...gathered]
  const alert = surroundings.alerts.find((one) => request.alert_ids.includes(one.id)) ?? null
  const observations = observe({ ...scope, window: queriedIn(scope, gathered) }, answers, {
    alert,
    alerts: surroundings.alerts,
    resolved: surroundings.resolved,
    executor: options.executor ?? EXECUTOR,
    objectives: options.objectives ?? [],
  })
  const unknown = unknownIn(request, surroundings, oriented)
  const { found, answers: after } = await askAfter<Analysed | Refusal>(
    run,
    owner,
    options.evidence,
    'analyse',
    async (context) => {
      const read = await traces.spansOf(gathered, context)
      const observed = { ...observations, spans: read.spans }
      const untold = scope.named.length + unknown.length > 0 && isUntold(scope, observed)
      const nobody = untold ? unknownServices(request, scope, surroundings) : null
      if (nobody !== null) return { found: nobody, questions: [] }
      const diagnosed = await analyse(run.tenant, observed, gathered).catch(tooLong)
      if ('code' in diagnosed) return { found: diagnosed, questions: [] }
      const seen = asFarAsSeen(diagnosed, answers)
      const verdict = untold ? reserved(seen, scope, surroundings) : seen
      const analysed: Analysed = { verdict, untold, ...(read.lost === undefined ? {} : { lost: read.lost }) }
      const state = targetState(verdict, observations, tools)
      const past = recollection(request.session_id, verdict, observations, gathered, tools)
      return { found: analysed, questions: [state, past].filter((one) => one !== null) }
    },
  )
  if ('code' in found) return yield emit('DiagnosisCompleted', failed(request, run, found))
  const { verdict, untold, lost } = found
  const evidence = lost === undefined ? answers : answers.map((one) => withoutTraces(one, lost))
  const target = after.find(({ operation }) => operation !== 'recall') ?? null
  const recalled = after.find(({ operation }) => operation === 'recall') ?? null

  const audit = evidence
    .filter((one) => one.operation === 'audit-logs' && one.status === 'ok')
    .flatMap((one) => one.data as AuditLogItem[])
  const toolOf = (id: string) => evidence.find((one) => one.id === id)?.tool
  const { catalogue } = options
  const proposed = propose({
    ...{ catalogue, verdict, observations, audit, target, toolOf },
    namespace: request.namespace,
  })
  const { proposal } = proposed
  const approvalId = eventId(run.id, 'approval:0')
  const all = target === null ? evidence : [...evidence, target]
  const missing = [
    ...unknown,
    ...unmeasured(scope, observations, surroundings),
    ...callsUnknown(surroundings),
    ...callsOutside(surroundings),
    ...missingIn(recalled === null ? all : [...all, recalled], scope.leftOut),
  ]
  const concluded = conclude(verdict, all, missing)
  yield [
    ...tell(after),
    emit('DiagnosisCompleted', {
      capacity: null,
      ...concluded,
      findings: [...concluded.findings, ...recollected(recalled, verdict.rootCauses[0]?.service ?? null)],
      tools_used: [...concluded.tools_used, ...(recalled === null ? [] : [recalled.tool])],
      ...frame(request, run),
      summary: summarize(verdict, {
        untold: untold ? scope.named : null,
        meant: scope.named.flatMap((service) => meantBy(service, surroundings) ?? []),
        unasked: unaskedIn(answers),
        notProposed: proposed.proposal === null ? proposed.why : null,
      }),
      recommended_actions:
        proposal === null
          ? []
          : [{ title: proposal.title, type: proposal.action.type, risk: proposal.risk, approval_id: approvalId }],
    }),
  ]
  if (proposal === null) return
  const asker = { sessionId: request.session_id, approvalId, requestedBy: request.requested_by, proposedBy: null }
  yield approvalRequested(proposal, asker, run, options)
}

/** `untold`: no data on the requested services; `lost`: the process that had fetched the spans died, and this is why they could not be fetched again. */
type Analysed = { verdict: Verdict; untold: boolean; lost?: string }
