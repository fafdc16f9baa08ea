/** Starts an action on the control-plane and polls until it reports the outcome or the time limit is reached. */
import { setTimeout as delay } from 'node:timers/promises'
import type { ApprovalRequested } from '../../schemas/events.generated.ts'
import type { AskContext } from '../runtime/ask.ts'
import type { Evidence } from '../runtime/evidence.ts'
import type { ToolResult } from '../runtime/tool-result.ts'
import type { ControlPlaneWriter, Execution, ExecutionRequest } from '../tools/tools.ts'
import type { Approvals } from './approvals.ts'
import { executionKey } from './approval-key.ts'
import { wordsOfFreeze } from './freezes.ts'

export interface ExecutionOptions {
  writer: ControlPlaneWriter
  approvals: Pick<Approvals, 'begin'>
  /** ms an execution may take */
  executionLimitMs: number
}

export interface End {
  /** unknown: it may have run */
  outcome: 'succeeded' | 'failed' | 'not_run' | 'unknown'
  /** stable code; null: it succeeded */
  code: 'refused' | 'frozen' | 'no_answer' | 'execution_failed' | 'still_running' | null
  error: string | null
}

type Answer = ToolResult<Execution>
type Accepted = Extract<Answer, { status: 'ok' }>

const POLL_MS = 500
const LONGEST_PAUSE_MS = 10_000
const FREEZE = 'freeze'
const DRY_RUNS = 3
const DONE = ['success', 'failed']

/** The dry run. It has no side effects, so it may be retried. */
export async function tryOut(
  request: ApprovalRequested,
  options: ExecutionOptions,
  context: AskContext,
): Promise<Answer> {
  const deadline = Date.now() + options.executionLimitMs
  for (let tries = 1; ; tries++) {
    const answer = await options.writer.execute(execution(request, true, executionKey(request)), context)
    if (answer.status === 'ok') return follow(answer, options, context, deadline)
    if (answer.status === 'no_data' || tries === DRY_RUNS) return answer
    await delay(tries * POLL_MS)
  }
}

/** `no_data`: the action did not run; the summary says why. `failed`: it may or may not have run. */
export async function carryOut(
  request: ApprovalRequested,
  options: ExecutionOptions,
  context: AskContext,
): Promise<Answer> {
  const deadline = Date.now() + options.executionLimitMs
  const answer = await start(request, options, context, deadline)
  return answer.status === 'ok' ? follow(answer, options, context, deadline) : answer
}

/** After a lost response the request is sent again with the same key. If that is refused, the first one may still have been accepted. */
async function start(request: ApprovalRequested, options: ExecutionOptions, context: AskContext, deadline: number) {
  for (let pauseMs = POLL_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const { frozen, before, key } = await options.approvals.begin(request)
    const answer =
      frozen === null
        ? await options.writer.execute(execution(request, false, key), context)
        : notAsked(request, `not run: ${wordsOfFreeze(frozen)}`)
    if (answer.status === 'no_data' && before) return lost(answer)
    if (answer.status !== 'failed' || Date.now() + pauseMs > deadline) return answer
    await delay(pauseMs)
  }
}

/** A failed poll says nothing about the execution, so polling continues. */
async function follow(accepted: Accepted, options: ExecutionOptions, context: AskContext, deadline: number) {
  let known = accepted
  let silence: readonly string[] = []
  while (!DONE.includes(known.data.status) && Date.now() < deadline) {
    await delay(POLL_MS)
    const answer = await options.writer.execution(known.data.execution_id, context)
    silence = answer.status === 'ok' ? [] : [`the last status query failed: ${answer.summary}`]
    if (answer.status === 'ok') known = answer
  }
  return { ...known, warnings: [...known.warnings, ...silence] }
}

const lost = ({ summary, ...answer }: Extract<Answer, { status: 'no_data' }>): Answer => {
  const error = `an earlier request for it got no answer; then: ${summary}`
  return { ...answer, status: 'failed', summary: error, error }
}

const notAsked = ({ action }: ApprovalRequested, summary: string): Answer => ({
  tool: 'executor',
  operation: FREEZE,
  query: `(not asked) ${action.type}`,
  range: null,
  link: null,
  warnings: [],
  incomplete: false,
  durationMs: 0,
  status: 'no_data',
  summary,
  data: null,
})

/** The outcome as far as the control-plane has reported it. */
export function endOf(executed: Evidence): End {
  if (executed.status === 'no_data')
    return { outcome: 'not_run', code: executed.operation === FREEZE ? 'frozen' : 'refused', error: executed.summary }
  if (executed.status === 'failed') return { outcome: 'unknown', code: 'no_answer', error: executed.error }
  const { status, output } = executed.data as Execution
  if (status === 'success') return { outcome: 'succeeded', code: null, error: null }
  if (status === 'failed')
    return { outcome: 'failed', code: 'execution_failed', error: output ?? 'the control-plane reports failure' }
  const still = `still ${status} at the time limit`
  return { outcome: 'unknown', code: 'still_running', error: [still, ...executed.warnings].join('; ') }
}

/** One execution per approval, however often it is requested: the key belongs to the approval, not to the run. */
const execution = ({ action }: ApprovalRequested, dryRun: boolean, key: string): ExecutionRequest => ({
  scriptId: action.type,
  parameters: {
    ...action.parameters,
    ...Object.fromEntries(Object.entries(action.target_state).map(([name, value]) => [`expected_${name}`, value])),
  },
  targets: [action.service],
  dryRun,
  idempotencyKey: `${key}${dryRun ? '-dry-run' : ''}`,
})
