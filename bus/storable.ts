/** Replaces NUL and lone surrogates, which PostgreSQL cannot store, by U+FFFD. */
export const storable = (text: string): string =>
  text.isWellFormed() && !text.includes('\0') ? text : text.toWellFormed().replaceAll('\0', '\uFFFD')
