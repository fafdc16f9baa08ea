/** The innermost cause, in words: what fetch hides behind "fetch failed". */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  if (cause instanceof Error) return reasonOf(cause)
  return error instanceof Error ? error.message || String((error as { code?: unknown }).code) : String(error)
}

/** What an error says itself; where it says nothing, as when several addresses were tried, its cause. */
export const wordsOf = (error: unknown): string => (error instanceof Error && error.message) || reasonOf(error)
