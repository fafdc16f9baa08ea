import type { Pool } from 'pg'
import { expect } from 'vitest'

/** Waits until every record is visible: the PostgreSQL bus delivers one only when all older transactions on the server have ended. */
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
