/** Limits the total time and size of one question, however many calls it takes. */
import type { CallContext } from './tools.ts'

export interface QuestionLimits {
  ms: number
  /** of all response bodies together; in memory they take many times that */
  bytes: number
}

const LIMITS: QuestionLimits = { ms: 120_000, bytes: 100 * 1024 * 1024 }

/** The error names the limit that was exceeded. */
export async function bounded<T>(
  context: CallContext,
  ask: (context: CallContext) => Promise<T>,
  { ms, bytes }: QuestionLimits = LIMITS,
): Promise<T> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new Error(`no complete answer within ${ms / 1000} s`)), ms)
  try {
    return await ask({
      ...context,
      signal: AbortSignal.any([context.signal, late.signal]),
      budget: { bytes, left: bytes },
    })
  } finally {
    clearTimeout(timer)
  }
}
