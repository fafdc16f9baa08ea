/** The table of runs: started once per event, ended once, and how. */
import type { Pool } from 'pg'
import type { EncodedRecord, InStatement } from '../../bus/bus.ts'
import { joined } from '../../bus/postgres/joined.ts'
import type { EventName } from '../../schemas/events.generated.ts'
import { IS_GIVEN, WORKED_MS } from './engine.ts'

/** What a run is started for. */
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

/** The place of the records that tell how a run ended early: behind none of its emissions. */
export const ENDING = -1

/** Nothing may be concluded about the run here: another owner goes on with it, or has ended it. */
export class RunLostError extends Error {
  override readonly name = 'RunLostError'
}

export interface EmissionPlace {
  runId: string
  /** counts the emissions of the run from 0, or `ENDING` */
  number: number
  /** who publishes it */
  owner: string
}

export interface KeptEmission {
  topics: readonly string[]
  /** what still has to be published, as it was kept */
  records: readonly EncodedRecord[]
  /** it stands in the topics, and is not published again */
  published: boolean
}

/** `inStatement`: the bus lies in the same database, and publishing is one statement with its entry in the journal. */
export function createRunStore(pool: Pool, inStatement?: InStatement) {
  return {
    /**
     * Keeps what is new of `runs` and says which of them still have to be handed to the queue: a redelivered event whose run was never
     * queued is among them, one with a known key is not.
     */
    async accept(runs: readonly NewRun[]): Promise<Set<string>> {
      await pool.query(
        `INSERT INTO runtime.runs (run_id, agent, once_key, attempt, tenant, session_id, event, due_at, topic, partition, "offset",
           published_at, key, record, headers)
         SELECT run_id, agent, once_key, attempt, tenant, session_id, event, to_timestamp(due_at / 1000.0), topic, partition, "offset",
           to_timestamp(published_at / 1000.0), key, decode(record, 'base64'), headers
         FROM jsonb_to_recordset($1::jsonb) AS r(run_id text, agent text, once_key text, attempt integer, tenant text, session_id text,
           event text, due_at double precision, topic text, partition integer, "offset" text, published_at double precision, key text,
           record text, headers jsonb)
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
     * An owner begins, or takes over. The handler's version is fixed by the first. Throws `RunLostError` when the run was given to
     * another meanwhile: one that was frozen before it began must not disown whoever goes on in its place.
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

    /**
     * Publishes one emission with its entry in the journal, or keeps its bytes before it is published where that is not one statement.
     * Gives what was kept first: a repeat, by whichever owner, is byte-identical. Throws `RunLostError` when another owner has taken it
     * over or ended it.
     */
    async record(place: EmissionPlace, records: readonly EncodedRecord[]): Promise<KeptEmission> {
      const topics = records.map((record) => record.topic)
      if (inStatement !== undefined) {
        const publishing = inStatement.publishing(records, 5)
        const { rowCount } = await pool.query(
          `WITH entry AS (
             INSERT INTO runtime.emissions (run_id, number, topics, keys, headers, bodies, published)
             SELECT $1, $2, $4, '{}', '{}', '{}', true
             FROM runtime.runs WHERE run_id = $1 AND owner = $3 AND status <> 'ended' FOR SHARE
             ON CONFLICT DO NOTHING RETURNING run_id)
           SELECT ${publishing.sql} FROM entry`,
          [place.runId, place.number, place.owner, topics, ...publishing.values],
        )
        return rowCount === 1 ? { topics, records: [], published: true } : kept(pool, place)
      }
      const bodies = joined(records.map((record) => record.value))
      const { rowCount } = await pool.query(
        `INSERT INTO runtime.emissions (run_id, number, topics, keys, headers, bodies)
         SELECT $1, $2, $4, $5, $6, ARRAY(SELECT substr($7::bytea, start, length) FROM unnest($8::int[], $9::int[]) AS b(start, length))
         FROM runtime.runs WHERE run_id = $1 AND owner = $3 AND status <> 'ended' FOR SHARE
         ON CONFLICT DO NOTHING`,
        [
          place.runId,
          place.number,
          place.owner,
          topics,
          records.map((record) => record.key),
          records.map((record) => JSON.stringify(record.headers)),
          bodies.bytes,
          bodies.starts,
          bodies.lengths,
        ],
      )
      return rowCount === 1 ? { topics, records, published: false } : kept(pool, place)
    },

    /** What a run has emitted so far, in order, but for how it ended. Throws `RunLostError` as `record` does. */
    async emitted(runId: string, owner: string): Promise<KeptEmission[]> {
      const { rows } = await pool.query<{ number: number }>(
        `SELECT number FROM runtime.emissions WHERE run_id = $1 AND number <> $2 ORDER BY number`,
        [runId, ENDING],
      )
      return Promise.all(rows.map(({ number }) => kept(pool, { runId, number, owner })))
    },

    /** The entry in the journal of an emission: it is not published again. */
    async published({ runId, number }: EmissionPlace): Promise<void> {
      await pool.query(`UPDATE runtime.emissions SET published = true WHERE run_id = $1 AND number = $2`, [
        runId,
        number,
      ])
    },

    /** ms of active work in the journal, also of a run that nobody goes on with */
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

    async cancel(agent: string, tenant: string, sessionId: string): Promise<void> {
      await pool.query(
        `INSERT INTO runtime.cancellations (agent, tenant, session_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
        [agent, tenant, sessionId],
      )
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

async function kept(pool: Pool, { runId, number, owner }: EmissionPlace): Promise<KeptEmission> {
  const { rows } = await pool.query<{
    topics: string[]
    keys: string[]
    bodies: Buffer[]
    headers: string[]
    published: boolean
  }>(
    `SELECT topics, keys, bodies, emissions.headers, published FROM runtime.emissions JOIN runtime.runs USING (run_id)
     WHERE run_id = $1 AND number = $2 AND owner = $3 AND status <> 'ended'`,
    [runId, number, owner],
  )
  const [row] = rows
  if (row === undefined) throw new RunLostError(`run ${runId} was taken over or ended by another owner`)
  const { topics, keys, bodies, headers, published } = row
  const recordAt = (topic: string, place: number): EncodedRecord => ({
    topic,
    key: keys[place]!,
    value: bodies[place]!,
    headers: JSON.parse(headers[place]!) as Record<string, string>,
  })
  return { topics, records: published ? [] : topics.map(recordAt), published }
}

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
