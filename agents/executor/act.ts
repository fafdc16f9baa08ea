/** The approved action: dry-run, run once, waited for, verified by the same questions that showed the disturbance. */
import type { ActionCompleted, ApprovalRequested, CheckResult } from '../../schemas/events.generated.ts'
import { type Emission, emit, type Run, type Stamped } from '../runtime/agent.ts'
import { ask, askOne, type Question } from '../runtime/ask.ts'
import { type Evidence, type EvidenceOwner, type EvidenceStore, evidenceEvents } from '../runtime/evidence.ts'
import type { ControlPlaneWriter, Execution, ExecutionRequest, MetricsTool } from '../tools/tools.ts'
import { checkResult, overallEffect } from './verify.ts'

export interface ActOptions {
  writer: ControlPlaneWriter
  metrics: MetricsTool
  evidence: EvidenceStore
  /** ms to wait before each look at the metrics; the last look stands, an earlier one that shows help ends it */
  verifyAfterMs: readonly number[]
  /** ms an execution may take */
  executionLimitMs: number
}

const EXECUTION_POLL_MS = 500
const DONE = ['success', 'failed']

export async function* act(request: ApprovalRequested, run: Run, options: ActOptions): AsyncIterable<Emission> {
  const owner: EvidenceOwner = { runId: run.id, sessionId: request.session_id, tenant: run.tenant, agent: 'executor' }
  const asking = (step: string, questions: readonly Question[]) => ask(run, owner, options.evidence, step, questions)
  const askingOne = (step: string, question: Question) => askOne(run, owner, options.evidence, step, question)
  const tell = (evidence: readonly Evidence[]) => evidence.flatMap((one) => evidenceEvents(owner, one))
  const completed = (outcome: Partial<ActionCompleted>) => emit('ActionCompleted', { ...base(request), ...outcome })

  const dryRun = await askingOne('dry run', (context) => options.writer.execute(execution(request, true), context))
  const refusal = refusalOf(dryRun)
  if (refusal !== null) {
    return yield [...tell([dryRun]), completed({ outcome: 'not_run', error: `the dry run failed: ${refusal}` })]
  }
  const startedAt = await run.step('begin', async () => Date.now())
  const executed = await askingOne('execute', (context) => executeAndWait(request, options, context))
  const finishedAt = await run.step('finish', async () => Date.now())
  const result = executed.data as Execution | null
  const about = {
    execution_id: result?.execution_id ?? null,
    output: result?.output ?? null,
    started_at: startedAt,
    finished_at: finishedAt,
  }
  const error = refusalOf(executed)
  if (error !== null) {
    return yield [...tell([dryRun, executed]), completed({ ...about, outcome: 'failed', error })]
  }
  yield tell([dryRun, executed])

  let checks: CheckResult[] = []
  for (const [look, waitMs] of options.verifyAfterMs.entries()) {
    if (request.checks.length === 0) break
    await run.sleep(waitMs)
    const range = await run.step(`range ${look}`, async () => ({ start: finishedAt + waitMs / 2, end: Date.now() }))
    const answers = await asking(
      `verify ${look}`,
      request.checks.map(
        ({ service, namespace, indicator }): Question =>
          (context) =>
            options.metrics.goldenSignals({ service, namespace, indicator, range }, context),
      ),
    )
    checks = request.checks.map((check, index) => checkResult(check, answers[index]))
    yield tell(answers)
    if (overallEffect(checks) === 'helped') break
  }
  yield completed({ ...about, outcome: 'succeeded', effect: overallEffect(checks), checks })
}

/** One execution per approval, however often it is asked for: the key is the approval's, not the run's. */
const execution = ({ approval_id, action }: ApprovalRequested, dryRun: boolean): ExecutionRequest => ({
  scriptId: action.type,
  parameters: {
    ...action.parameters,
    ...Object.fromEntries(Object.entries(action.target_state).map(([name, value]) => [`expected_${name}`, value])),
  },
  targets: [action.service],
  dryRun,
  idempotencyKey: `${approval_id}${dryRun ? '-dry-run' : ''}`,
})

async function executeAndWait(request: ApprovalRequested, options: ActOptions, context: Parameters<Question>[0]) {
  const deadline = Date.now() + options.executionLimitMs
  let answer = await options.writer.execute(execution(request, false), context)
  while (answer.status === 'ok' && !DONE.includes(answer.data.status) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, EXECUTION_POLL_MS))
    answer = await options.writer.execution(answer.data.execution_id, context)
  }
  return answer
}

function refusalOf(evidence: Evidence): string | null {
  if (evidence.status === 'failed') return evidence.error
  const result = evidence.data as Execution | null
  if (result === null) return evidence.summary
  if (result.status === 'failed') return result.output ?? 'the control-plane reports failure'
  return result.status === 'success' ? null : `still ${result.status} when the time for it was over`
}

const base = (request: ApprovalRequested): Omit<ActionCompleted, Stamped> => ({
  session_id: request.session_id,
  approval_id: request.approval_id,
  action: request.action,
  action_hash: request.action_hash,
  outcome: 'failed',
  effect: 'unknown',
  execution_id: null,
  output: null,
  error: null,
  checks: [],
  started_at: null,
  finished_at: null,
})

export const abandoned = (request: ApprovalRequested, error: string) =>
  emit('ActionCompleted', { ...base(request), error })
