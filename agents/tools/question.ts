/** One question to a source may take many calls: together they are bounded in time and size, whatever each of them is. */
import type { CallContext } from './tools.ts'

export interface QuestionLimits {
  ms: number
  /** of all bodies together; what they become in memory is many times that */
  bytes: number
}

const LIMITS: QuestionLimits = { ms: 120_000, bytes: 100 * 1024 * 1024 }

/** What is thrown names the limit. */
export async function bounded<T>(
  context: CallContext,
  ask: (context: CallContext) => Promise<T>,
  { ms, bytes }: QuestionLimits = LIMITS,
): Promise<T> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new Error(`not answered whole within ${ms / 1000} s`)), ms)
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
