/** The table of runs: when each was started and how it ended. */
import type { Pool } from 'pg'
import type { InStatement } from '../../bus/bus.ts'
import { tellDropped } from '../../bus/dropped.ts'
import type { EventName } from '../../schemas/events.generated.ts'
import { createEmissions, RunLostError } from './emissions.ts'
import { IS_GIVEN, WORKED_MS } from './engine.ts'

/** A run to start. */
export interface NewRun {
  runId: string
  agent: string
  onceKey: string
  attempt: number
  tenant: string
  sessionId: string | null
  event: EventName
  /** ms since the epoch; null: now */
  dueAt: number | null
  origin: { topic: string; partition: number; offset: string; timestamp: number }
  key: string | null
  record: Buffer
  headers: Readonly<Record<string, string>>
}

export interface StoredRun extends NewRun {
  status: 'accepted' | 'queued' | 'started' | 'ended'
  handlerVersion: number
  starts: number
  /** ms since the epoch: when its first owner began it */
  startedAt: number
}

const EARLY_CANCELS = 10_000

/** `inStatement`: see emissions.ts. */
export function createRunStore(pool: Pool, inStatement?: InStatement) {
  return {
    ...createEmissions(pool, inStatement),

    /**
     * Stores new runs and returns those that still have to be queued. That includes a redelivered event whose run was never queued, but not one with
     * a known key. It does not wait for the disk: queueing them is written to the same WAL afterwards and does wait, and without it the event is redelivered.
     */
    async accept(runs: readonly NewRun[]): Promise<Set<string>> {
      await pool.query(
        `WITH unhurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
         INSERT INTO runtime.runs (run_id, agent, once_key, attempt, tenant, session_id, event, due_at, topic, partition, "offset",
           published_at, key, record, headers)
         SELECT run_id, agent, once_key, attempt, tenant, session_id, event, to_timestamp(due_at / 1000.0), topic, partition, "offset",
           to_timestamp(published_at / 1000.0), key, decode(record, 'base64'), headers
         FROM jsonb_to_recordset($1::jsonb) AS r(run_id text, agent text, once_key text, attempt integer, tenant text, session_id text,
           event text, due_at double precision, topic text, partition integer, "offset" text, published_at double precision, key text,
           record text, headers jsonb) CROSS JOIN unhurried
         ON CONFLICT DO NOTHING`,
        [JSON.stringify(runs.map(toRow))],
      )
      const { rows } = await pool.query<{ run_id: string }>(
        `SELECT run_id FROM runtime.runs WHERE run_id = ANY($1) AND status = 'accepted'`,
        [runs.map((run) => run.runId)],
      )
      return new Set(rows.map((row) => row.run_id))
    },

    async queued(runIds: readonly string[]): Promise<void> {
      await pool.query(`UPDATE runtime.runs SET status = 'queued' WHERE run_id = ANY($1) AND status = 'accepted'`, [
        runIds,
      ])
    },

    /**
     * Starts a run, or takes it over. The first owner fixes the handler's version. Throws `RunLostError` if the run was given to another owner
     * meanwhile: a process that was frozen before it began must not take the run back.
     */
    async start(runId: string, owner: string, handlerVersion: number): Promise<StoredRun> {
      const { rows } = await pool.query(
        `UPDATE runtime.runs SET status = CASE status WHEN 'ended' THEN 'ended' ELSE 'started' END, starts = starts + 1, owner = $2,
           handler_version = COALESCE(handler_version, $3), started_at = COALESCE(started_at, clock_timestamp())
         WHERE run_id = $1 AND ${IS_GIVEN}
         RETURNING run_id, agent, once_key, attempt, tenant, session_id, event, due_at, topic, partition, "offset", key, record, headers, status,
           handler_version, starts, extract(epoch FROM published_at) * 1000 AS published_ms,
           extract(epoch FROM started_at) * 1000 AS started_ms`,
        [runId, owner, handlerVersion],
      )
      const row = rows[0]
      if (row === undefined) throw new RunLostError(`run ${runId} is unknown, or was given to another owner`)
      return fromRow(row)
    },

    /** journaled active work in ms, also of a run that has no owner */
    async workedMs(runId: string): Promise<number> {
      const { rows } = await pool.query<{ worked_ms: number }>(WORKED_MS, [runId])
      return rows[0]!.worked_ms
    },

    async end(runId: string, outcome: string): Promise<void> {
      await pool.query(
        `WITH published AS (DELETE FROM runtime.emissions WHERE run_id = $1)
         UPDATE runtime.runs SET status = 'ended', outcome = $2, ended_at = clock_timestamp() WHERE run_id = $1 AND status <> 'ended'`,
        [runId, outcome],
      )
    },

    /** Cancels a session. If it has no run yet the cancellation is held, at most `early` per hour; further ones are dropped and counted. */
    async cancel(agent: string, tenant: string, sessionId: string, early = EARLY_CANCELS): Promise<void> {
      const { rowCount } = await pool.query(
        `INSERT INTO runtime.cancellations (agent, tenant, session_id) SELECT $1, $2, $3
         WHERE EXISTS (SELECT FROM runtime.runs WHERE session_id = $3 AND tenant = $2)
           OR EXISTS (SELECT FROM runtime.cancellations WHERE agent = $1 AND tenant = $2 AND session_id = $3)
           OR (SELECT count(*) FROM (SELECT FROM runtime.cancellations WHERE agent = $1
             AND requested_at > clock_timestamp() - interval '1 hour' LIMIT $4) AS part) < $4
         ON CONFLICT (agent, tenant, session_id) DO UPDATE SET session_id = EXCLUDED.session_id`,
        [agent, tenant, sessionId, early],
      )
      if (rowCount === 0) tellDropped('cancellation')
    },

    async isCancelled(run: Pick<NewRun, 'agent' | 'tenant' | 'sessionId'>): Promise<boolean> {
      const { rowCount } = await pool.query(
        `SELECT FROM runtime.cancellations WHERE agent = $1 AND tenant = $2 AND session_id = $3`,
        [run.agent, run.tenant, run.sessionId],
      )
      return (rowCount ?? 0) > 0
    },

    async waiting(agent: string): Promise<number> {
      const { rows } = await pool.query<{ waiting: number }>(
        `SELECT count(*)::int AS waiting FROM runtime.runs
         WHERE agent = $1 AND status IN ('accepted', 'queued') AND (due_at IS NULL OR due_at < clock_timestamp())`,
        [agent],
      )
      return rows[0]?.waiting ?? 0
    },
  }
}

export type RunStore = ReturnType<typeof createRunStore>

const toRow = (run: NewRun) => ({
  run_id: run.runId,
  agent: run.agent,
  once_key: run.onceKey,
  attempt: run.attempt,
  tenant: run.tenant,
  session_id: run.sessionId,
  event: run.event,
  due_at: run.dueAt,
  topic: run.origin.topic,
  partition: run.origin.partition,
  offset: run.origin.offset,
  published_at: run.origin.timestamp,
  key: run.key,
  record: run.record.toString('base64'),
  headers: run.headers,
})

const fromRow = (row: Record<string, never>): StoredRun => ({
  runId: row['run_id']!,
  agent: row['agent']!,
  onceKey: row['once_key']!,
  attempt: row['attempt']!,
  tenant: row['tenant']!,
  sessionId: row['session_id'] ?? null,
  event: row['event']!,
  dueAt: row['due_at'] === null ? null : Number(row['due_at']),
  origin: {
    topic: row['topic']!,
    partition: row['partition']!,
    offset: row['offset']!,
    timestamp: Number(row['published_ms']),
  },
  key: row['key'] ?? null,
  record: row['record']!,
  headers: row['headers']!,
  status: row['status']!,
  handlerVersion: row['handler_version']!,
  starts: row['starts']!,
  startedAt: Math.round(Number(row['started_ms'])),
})
