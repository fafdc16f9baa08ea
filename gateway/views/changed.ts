/** Rows in the order in which they last changed, without missing one whose transaction was still open when later ones were read. */
import type { Pool } from 'pg'

/** A place among the changes: after the row `id` of this transaction. */
export interface Place {
  /** transaction id, as text */
  changed: string
  /** UUID */
  id: string
}

/** What to read of the changes; transaction ids, as text. */
export interface Part {
  after: Place
  /** the reader began here: of what changed earlier it wants only what is open */
  openBefore: string
  before: string
  limit: number
}

/** Where a row is. */
export interface Changed {
  changed: string
}

export const BEFORE_ALL = '00000000-0000-0000-0000-000000000000'

export interface Seen {
  /** the oldest transaction that is still open, as text: all before it are done, and their changes are seen */
  before: string
  /** others after it are done already: their changes are seen once it is done too */
  isBehind: boolean
}

export async function seenNow(pool: Pool): Promise<Seen> {
  const { rows } = await pool.query<Seen>(
    `SELECT pg_snapshot_xmin(now)::text AS before, pg_snapshot_xmin(now) <> pg_snapshot_xmax(now) AS "isBehind"
     FROM pg_current_snapshot() AS now`,
  )
  return rows[0]!
}

/** Notification channel payload: an anomaly or a forecast changed, of whatever tenant. */
export const OUTLOOK = 'outlook'
