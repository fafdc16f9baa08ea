/** One spelling for all that PostgreSQL reads as the same UUID: with capitals, in braces, without hyphens; null: it reads none. */
export function uuidKey(text: string): string | null {
  const digits = text.replace(/[-{}]/g, '').toLowerCase()
  return /^[0-9a-f]{32}$/.test(digits) ? digits : null
}
