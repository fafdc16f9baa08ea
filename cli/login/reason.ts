/** The message of the innermost cause, which fetch hides behind "fetch failed". */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  if (cause instanceof Error) return reasonOf(cause)
  return error instanceof Error ? error.message || String((error as { code?: unknown }).code) : String(error)
}

/** The message of an error or, if it is empty (as after trying several addresses), of its cause. */
export const wordsOf = (error: unknown): string => (error instanceof Error && error.message) || reasonOf(error)
