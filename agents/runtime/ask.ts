/** Calls tools as one journaled step. The results are evidence: stored in full, published shortened. */
import type { Run } from './agent.ts'
import type { Evidence, EvidenceOwner, EvidenceStore } from './evidence.ts'
import type { ToolResult } from './tool-result.ts'

/** Passed to every call of a step. */
export interface AskContext {
  signal: AbortSignal
  traceparent: string | null
  requestId: string | null
  /** tenant the call is made for */
  tenant: string
}

export type Question = (context: AskContext) => Promise<ToolResult<unknown>>

/** Runs the questions in parallel, once: after a crash the evidence comes from the store. Results are in the order of the questions. */
export async function ask(
  run: Run,
  owner: EvidenceOwner,
  store: EvidenceStore,
  step: string,
  questions: readonly Question[],
): Promise<Evidence[]> {
  let kept: Evidence[] | undefined
  const ids = await run.step(step, async ({ signal }) => {
    const context = contextOf(run, signal)
    kept = await store.keep(owner, step, await Promise.all(questions.map((question) => question(context))))
    return kept.map((evidence) => evidence.id)
  })
  return kept ?? store.load(ids)
}

/** `ask` for a single question. */
export async function askOne(
  run: Run,
  owner: EvidenceOwner,
  store: EvidenceStore,
  step: string,
  question: Question,
): Promise<Evidence> {
  const [answer] = await ask(run, owner, store, step, [question])
  return answer!
}

/** Journals two things as one step: the result of some work, and the answers to the questions that it leads to, in their order. */
export async function askAfter<T>(
  run: Run,
  owner: EvidenceOwner,
  store: EvidenceStore,
  step: string,
  work: (context: AskContext) => Promise<{ found: T; questions: readonly Question[] }>,
): Promise<{ found: T; answers: Evidence[] }> {
  let kept: Evidence[] | undefined
  const { found, ids } = await run.step(step, async ({ signal }) => {
    const context = contextOf(run, signal)
    const { found, questions } = await work(context)
    kept = questions.length === 0 ? [] : await store.keep(owner, step, await Promise.all(questions.map((question) => question(context)))) // prettier-ignore
    return { found, ids: kept.map((evidence) => evidence.id) }
  })
  return { found, answers: kept ?? (await store.load(ids)) }
}

const contextOf = ({ traceparent, requestId, tenant }: Run, signal: AbortSignal): AskContext => ({ signal, traceparent, requestId, tenant }) // prettier-ignore
