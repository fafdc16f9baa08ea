/** Runs the approved action: dry run, one execution, wait, then verification with the queries that showed the disturbance. */
import type { ActionCompleted, ApprovalRequested, CheckResult } from '../../schemas/events.generated.ts'
import { type Emission, emit, type Outgoing, type Run, type Stamped } from '../runtime/agent.ts'
import { ask, askOne, type Question } from '../runtime/ask.ts'
import type { Evidence, EvidenceStore } from '../runtime/evidence.ts'
import { evidenceEvents } from '../runtime/evidence-events.ts'
import type { Execution, MetricsTool } from '../tools/tools.ts'
import { carryOut, type End, endOf, type ExecutionOptions, tryOut } from './execution.ts'
import { type Effect, isStable, overallEffect } from './effect.ts'
import { ownerOf } from './target.ts'
import { undoRequested, type UndoOptions } from './undoing.ts'
import { checkResult } from './verify.ts'

export interface ActOptions extends ExecutionOptions, UndoOptions {
  metrics: MetricsTool
  evidence: EvidenceStore
  /** ms to wait before each measurement; the last one counts, and measurements that agree end the verification early */
  verifyAfterMs: readonly number[]
  /** publishes what follows for other approvals, as soon as the action may have run */
  others(): AsyncIterable<Emission>
}

export async function* act(request: ApprovalRequested, run: Run, options: ActOptions): AsyncIterable<Emission> {
  const owner = ownerOf(run, request.session_id)
  const asking = (step: string, questions: readonly Question[]) => ask(run, owner, options.evidence, step, questions)
  const askingOne = (step: string, question: Question) => askOne(run, owner, options.evidence, step, question)
  const tell = (evidence: readonly Evidence[]) => evidenceEvents(owner, evidence)
  const completed = (outcome: Partial<ActionCompleted>) => emit('ActionCompleted', { ...base(request), ...outcome })

  const terms = options.catalogue.get(request.action.type)
  const dryRun =
    terms?.dryRun === false ? [] : [await askingOne('dry run', (context) => tryOut(request, options, context))]
  const refusal = dryRun.map(endOf).find(({ outcome }) => outcome !== 'succeeded')
  if (refusal !== undefined) return yield [...tell(dryRun), completed(notTried(refusal))]
  const startedAt = await run.step('begin', async () => Date.now())
  const executed = await askingOne('execute', (context) => carryOut(request, options, context))
  const finishedAt = await run.step('finish', async () => Date.now())
  const end = endOf(executed)
  if (end.outcome === 'not_run') return yield [...tell([...dryRun, executed]), completed(end)]
  yield tell([...dryRun, executed])
  yield* options.others()
  const result = executed.data as Execution | null
  const about = {
    ...end,
    execution_id: result?.execution_id ?? null,
    output: result?.output ?? null,
    started_at: startedAt,
    finished_at: finishedAt,
  }
  if (end.outcome === 'failed') return yield completed(about)

  // also verify an action that may not have run: the metrics are then the only evidence
  const waits = request.checks.length === 0 ? [] : waitsWithin(options.verifyAfterMs, terms?.verify.withinMs)
  if (waits.length > 0) yield verifying(request, run, waits)
  let checks: CheckResult[] = []
  const looks: Effect[] = []
  for (const [look, waitMs] of waits.entries()) {
    await run.sleep(waitMs)
    // each measurement covers the time since the one before; the first skips half its wait, while the action itself disturbs the metrics
    const range = await run.step(`range ${look}`, async () => {
      const end = Date.now()
      return { start: look === 0 ? finishedAt + waitMs / 2 : end - waitMs, end }
    })
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
    looks.push(overallEffect(checks))
    if (isStable(looks)) break
  }
  const effect = overallEffect(checks)
  // one emission: after a crash both are published or neither is
  yield [
    completed({ ...about, effect, checks }),
    ...(effect === 'worse' ? undoRequested(request, checks, run, finishedAt, options) : []),
  ]
}

/** The waits that end within the limit; at least one measurement is made. */
function waitsWithin(waits: readonly number[], limitMs = Infinity): readonly number[] {
  let end = 0
  const kept = waits.filter((waitMs) => (end += waitMs) <= limitMs)
  return kept.length === 0 && waits.length > 0 ? [limitMs] : kept
}

/** Verification takes minutes: announce it, with its time limit, to whoever watches the session. */
function verifying({ session_id }: ApprovalRequested, run: Run, waits: readonly number[]): Outgoing {
  const limitMs = waits.reduce((sum, one) => sum + one, 0)
  const minutes = Math.ceil(limitMs / 60_000)
  return emit('DiagnosisProgressed', {
    session_id,
    agent: 'executor',
    run_id: run.id,
    step: 'verify',
    progress: 100,
    message: {
      en: `Verifying with the same metrics, for up to ${minutes} min`,
      'zh-TW': `以相同的指標驗證效果，最多 ${minutes} 分鐘`,
    },
    findings: [],
  })
}

const notTried = ({ error }: End) =>
  ({ outcome: 'not_run', code: 'dry_run_failed', error: `dry run failed: ${error}` }) as const

const base = (request: ApprovalRequested): Omit<ActionCompleted, Stamped> => ({
  session_id: request.session_id,
  approval_id: request.approval_id,
  action: request.action,
  action_hash: request.action_hash,
  outcome: 'unknown',
  effect: 'unknown',
  execution_id: null,
  output: null,
  code: null,
  error: null,
  checks: [],
  started_at: null,
  finished_at: null,
})

/** The outcome of an action whose run ended early. `begun`: the control-plane may have received it. */
export const abandoned = (
  request: ApprovalRequested,
  begun: boolean,
  { code, error }: { code: string; error: string },
) => emit('ActionCompleted', { ...base(request), outcome: begun ? 'unknown' : 'not_run', code, error })
