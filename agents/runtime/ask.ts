/** Asking tools as one journaled step: what came back is evidence, kept in full and told on the bus. */
import type { Run } from './agent.ts'
import type { Evidence, EvidenceOwner, EvidenceStore } from './evidence.ts'
import type { ToolResult } from './tool-result.ts'

/** What travels with every call of a step. */
export interface AskContext {
  signal: AbortSignal
  traceparent: string | null
  requestId: string | null
}

export type Question = (context: AskContext) => Promise<ToolResult<unknown>>

/** Asks in parallel, once: after a crash the same evidence comes from the store. Answers stand in the order of the questions. */
export async function ask(
  run: Run,
  owner: EvidenceOwner,
  store: EvidenceStore,
  step: string,
  questions: readonly Question[],
): Promise<Evidence[]> {
  let kept: Evidence[] | undefined
  const ids = await run.step(step, async ({ signal }) => {
    const context = { signal, traceparent: run.traceparent, requestId: run.requestId }
    kept = await store.keep(owner, step, await Promise.all(questions.map((question) => question(context))))
    return kept.map((evidence) => evidence.id)
  })
  return kept ?? store.load(ids)
}

/** The same with a single question. */
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
