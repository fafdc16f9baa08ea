/** Normalises every spelling PostgreSQL accepts for a UUID (capitals, braces, no hyphens) to 32 hex digits; null: not a UUID. */
export function uuidKey(text: string): string | null {
  const digits = text.replace(/[-{}]/g, '').toLowerCase()
  return /^[0-9a-f]{32}$/.test(digits) ? digits : null
}
