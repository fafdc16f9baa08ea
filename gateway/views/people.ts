/** How the identity provider names those who ask and decide. Events carry their ids only. */
import type { Pool, PoolClient } from 'pg'
import type { Caller } from '../auth/caller.ts'

/** Keeps the name of a person who asks or decides; a machine has none. */
export async function keepName(pool: Pool, { kind, id, name }: Caller, now: number): Promise<void> {
  if (kind !== 'person' || name === null) return
  await pool.query(
    `INSERT INTO gateway.people (id, name, seen_at) VALUES ($1, $2, $3)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, seen_at = excluded.seen_at`,
    [id, name, now],
  )
}

/** The known names of these ids. */
export async function namesOf(
  connection: Pool | PoolClient,
  ids: Iterable<string | null>,
): Promise<Record<string, string>> {
  const asked = [...new Set(ids)].filter((id) => id !== null)
  const { rows } = await connection.query<{ id: string; name: string }>(
    'SELECT id, name FROM gateway.people WHERE id = ANY($1)',
    [asked],
  )
  return Object.fromEntries(rows.map(({ id, name }) => [id, name]))
}
