/** How the identity provider names those who decide. Events carry their ids; the signed decisions also their names. */
import type { Pool, PoolClient } from 'pg'

interface Signed {
  /** `<issuer>|<subject>` */
  decided_by: string
  name?: string
  /** ms since the epoch */
  decided_at: number
}

/** Keeps the names that signed decisions carry; the latest decision's counts. */
export async function keepNames(pool: Pool, decisions: readonly Signed[]): Promise<void> {
  const latest = new Map<string, { id: string; name: string; seen_at: number }>()
  for (const { decided_by: id, name, decided_at: seen_at } of decisions)
    if (name !== undefined && seen_at >= (latest.get(id)?.seen_at ?? 0)) latest.set(id, { id, name, seen_at })
  if (latest.size === 0) return
  await pool.query(
    `INSERT INTO gateway.people AS p (id, name, seen_at)
     SELECT id, name, seen_at FROM json_to_recordset($1) AS n (id text, name text, seen_at bigint) ORDER BY id
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, seen_at = excluded.seen_at WHERE excluded.seen_at >= p.seen_at`,
    [JSON.stringify([...latest.values()])],
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
