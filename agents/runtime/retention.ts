/** Deletes old, finished data in small batches, one process at a time. Nothing open is deleted. */
import type { Pool } from 'pg'

/** Deletes one batch of what ended before `before`; true if there may be more. */
export type Forget = (before: Date, batch: number) => Promise<boolean>

export interface SweepOptions {
  pool: Pool
  forget: readonly Forget[]
  /** ms finished data is kept */
  keepMs: number
  /** rows per batch; default 500 */
  batch?: number
}

export interface Sweeping {
  /** waits for the running batch only */
  stop(): Promise<void>
}

const EVERY_MS = 3_600_000
const BATCH = 500

/** Sweeps now and every hour. */
export function startSweeping(options: SweepOptions & { onError(error: unknown): void }): Sweeping {
  const stopped = new AbortController()
  let running: Promise<void> = Promise.resolve()
  const begin = () => {
    running = running.then(() => sweep(options, stopped.signal)).catch(options.onError)
  }
  begin()
  const timer = setInterval(begin, EVERY_MS)
  return {
    async stop() {
      clearInterval(timer)
      stopped.abort()
      await running
    },
  }
}

/** One sweep, unless another process is sweeping. */
export async function sweep(options: SweepOptions, signal?: AbortSignal): Promise<void> {
  const { pool, forget, keepMs, batch = BATCH } = options
  const before = new Date(Date.now() - keepMs)
  const client = await pool.connect()
  try {
    const lock = `hashtextextended('sre retention', 0)`
    const { rows } = await client.query<{ mine: boolean }>(`SELECT pg_try_advisory_lock(${lock}) AS mine`)
    if (rows[0]?.mine !== true) return
    try {
      for (const one of forget) while (signal?.aborted !== true && (await one(before, batch)));
    } finally {
      await client.query(`SELECT pg_advisory_unlock(${lock})`)
    }
  } finally {
    client.release()
  }
}

/** Finished runs. The engine's journal is deleted first, so an interrupted batch is found again. */
export const forgetRuns =
  (pool: Pool, forgetJournals: (runIds: readonly string[]) => Promise<void>): Forget =>
  async (before, batch) => {
    const { rows } = await pool.query<{ run_id: string }>(
      `SELECT run_id FROM runtime.runs WHERE status = 'ended' AND ended_at < $1 ORDER BY ended_at LIMIT $2`,
      [before, batch],
    )
    const ids = rows.map((row) => row.run_id)
    if (ids.length === 0) return false
    await forgetJournals(ids)
    await pool.query(`DELETE FROM runtime.runs WHERE run_id = ANY($1) AND status = 'ended'`, [ids])
    return ids.length === batch
  }

/** Cancellations; those of sessions that were never requested go after a day. */
export const forgetCancellations = (pool: Pool): Forget =>
  forgetRows(
    pool,
    `DELETE FROM runtime.cancellations WHERE ctid = ANY(ARRAY(
       SELECT c.ctid FROM runtime.cancellations c WHERE (requested_at < $1 AND NOT EXISTS (
         SELECT FROM runtime.runs r WHERE r.session_id = c.session_id AND r.tenant = c.tenant AND r.status <> 'ended'))
         OR (requested_at < clock_timestamp() - interval '1 day' AND NOT EXISTS (
         SELECT FROM runtime.runs r WHERE r.session_id = c.session_id AND r.tenant = c.tenant)) LIMIT $2))`,
  )

/** Evidence, except that of unfinished runs. */
export const forgetEvidence = (pool: Pool): Forget =>
  forgetRows(
    pool,
    `DELETE FROM evidence.items WHERE evidence_id = ANY(ARRAY(
       SELECT evidence_id FROM evidence.items i WHERE created_at < $1 AND NOT EXISTS (
         SELECT FROM runtime.runs r WHERE r.run_id = i.run_id AND r.status <> 'ended') LIMIT $2))`,
  )

/**
 * Answers that no evidence refers to any more. One stored within the last day stays: a process may still assume that it is there. Locked rows are left to the
 * next sweep.
 */
export const forgetAnswers = (pool: Pool): Forget =>
  forgetRows(
    pool,
    `DELETE FROM evidence.answers WHERE ctid = ANY(ARRAY(
       SELECT a.ctid FROM evidence.answers a WHERE kept_at < least($1, clock_timestamp() - interval '1 day') AND NOT EXISTS (
         SELECT FROM evidence.items i WHERE i.tenant = a.tenant AND i.answer = a.hash) LIMIT $2 FOR UPDATE SKIP LOCKED))`,
  )

/** `statement` deletes at most $2 rows that are older than $1. */
export const forgetRows =
  (pool: Pool, statement: string): Forget =>
  async (before, batch) => {
    const { rowCount } = await pool.query(statement, [before, batch])
    return rowCount === batch
  }
