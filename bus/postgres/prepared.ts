/** Prepared statements: the server parses each once per connection, and soon reuses its plan. For short statements, that saves a good part of the cost. */
import { createHash } from 'node:crypto'
import type { ClientBase } from 'pg'

/** Bounds the server's memory in case statements are generated dynamically; the platform has a few hundred. */
const STATEMENTS = 500
/** Statements with `*` are not prepared: a prepared statement fails if a migration changes its columns. */
const UNNAMED_COLUMNS = /(?:\bSELECT|\bRETURNING|,|\w\.)\s*\*/i
const names = new Map<string, string | undefined>()

/** Makes the connection prepare every statement that has parameters. */
export function prepareStatements(client: ClientBase): void {
  const query = client.query.bind(client) as (...given: unknown[]) => unknown
  client.query = ((text: unknown, values?: unknown, callback?: unknown) => {
    const name = typeof text === 'string' && Array.isArray(values) && values.length > 0 ? nameOf(text) : undefined
    return name === undefined ? query(text, values, callback) : query({ name, text, values }, callback)
  }) as typeof client.query
}

function nameOf(text: string): string | undefined {
  if (names.has(text) || names.size >= STATEMENTS) return names.get(text)
  const name = UNNAMED_COLUMNS.test(text) ? undefined : createHash('sha256').update(text).digest('base64url')
  names.set(text, name)
  return name
}
