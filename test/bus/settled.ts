import type { Pool } from 'pg'
import { expect } from 'vitest'

/** A log in PostgreSQL shows a record when every older transaction of the server has ended, whoever's it is. */
export async function settled(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ xid: string }>('SELECT pg_current_xact_id()::text AS xid')
  const passed = async () => {
    const answer = await pool.query<{ passed: boolean }>(
      'SELECT pg_snapshot_xmin(pg_current_snapshot()) > $1::xid8 AS passed',
      [rows[0]?.xid],
    )
    return answer.rows[0]?.passed
  }
  await expect.poll(passed, { timeout: 60_000, interval: 20 }).toBe(true)
}
