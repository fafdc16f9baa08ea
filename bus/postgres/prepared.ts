/** Statements are parsed once a connection, and soon planned once: for the short ones of a session that is a good part of their cost. */
import { createHash } from 'node:crypto'
import type { ClientBase } from 'pg'

/** A program has some hundred statements; one that composes them without end is not to fill the memory of the server. */
const STATEMENTS = 500
/** What stands for columns may change when another version migrates, and a prepared statement whose columns change fails. */
const UNNAMED_COLUMNS = /(?:\bSELECT|\bRETURNING|,|\w\.)\s*\*/i
const names = new Map<string, string | undefined>()

/** From now on, the statements of this connection that have parameters are prepared ones. */
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
