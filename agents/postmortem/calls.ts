/** Postmortems as tasks, and the calls about them. A call is answered by the one run that its row names, whatever dies meanwhile. */
import type { Pool, PoolClient } from 'pg'
import { storable } from '../../bus/storable.ts'
import { transaction } from '../../bus/postgres/transaction.ts'
import type { A2aRequested, PostmortemCompleted, PostmortemRequested } from '../../schemas/events.generated.ts'
import type { Stamped } from '../runtime/agent.ts'
import { type Forget, forgetRows } from '../runtime/retention.ts'
import { CONTEXT_ID } from '../../schemas/a2a-context.ts'

export type Completed = Omit<PostmortemCompleted, Stamped>
export type Ended = Pick<Completed, 'status' | 'reason' | 'title' | 'summary'>

export interface TaskRow {
  postmortem_id: string
  context_id: string | null
  language: string | null
  begun: boolean
  /** null: it is being written */
  ended: Ended | null
  /** as JSON; null: there is none, or it was not read */
  report: string | null
  updated_at: number
}

export type Known = Pick<PostmortemRequested, 'postmortem_id' | 'language' | 'context'>

/** A call that waits for the end of a task. */
export interface Waiting {
  call_id: string
  caller: string
  method: string
  session_id: string | null
  modes: string[]
  /** position of the next part of its answer */
  first_part: number
}

/** What the run of a call does now. */
export interface Opened {
  task: TaskRow
  /** `answer`: publishes the whole answer. `begin`: publishes the first part of a stream; the rest comes at its end. `nothing`: somebody else answers */
  now: 'answer' | 'begin' | 'nothing'
}

export interface Opening {
  tenant: string
  call: A2aRequested
  modes: readonly string[]
  runId: string
  /** ms since the epoch */
  at: number
  /** answers with the task as it is */
  isImmediate: boolean
  streams: boolean
}

const ROW = `postmortem_id, context_id, language, begun, ended, updated_at::float8 AS updated_at`

export function createCalls(pool: Pool) {
  return {
    /** The postmortem was asked for; `begun`: its run has begun. */
    async know(tenant: string, { postmortem_id, language, context }: Known, at: number, begun: boolean): Promise<void> {
      await pool.query(
        `INSERT INTO postmortem.tasks (tenant, postmortem_id, context_id, language, begun, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (tenant, postmortem_id) DO UPDATE SET begun = tasks.begun OR EXCLUDED.begun,
           updated_at = CASE WHEN EXCLUDED.begun AND NOT tasks.begun THEN greatest(tasks.updated_at, EXCLUDED.updated_at) ELSE tasks.updated_at END`,
        [tenant, postmortem_id, ...saidBy({ language, context }), begun, at],
      )
    },

    /** A call about a known task: it is answered now, or waits. Null: no such task. */
    open: ({ tenant, call, modes, runId, at, isImmediate, streams }: Opening, id: string): Promise<Opened | null> =>
      transaction(pool, async (client) => {
        // the lock: a task that ends now has either seen this call, or is seen to have ended
        const task = await find(client, tenant, id, 'FOR UPDATE')
        if (task === null) return null
        const waits = task.ended === null && !isImmediate
        const { rows } = await client.query<Pick<Row, 'answered_by' | 'first_part'>>(
          `INSERT INTO postmortem.calls (tenant, caller, call_id, postmortem_id, method, session_id, modes, first_part, answered_by, called_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, to_timestamp($10::float8 / 1000)) ${OR_KNOWN}`,
          [tenant, call.caller, call.call_id, id, storable(call.method), call.session_id, modes, waits && streams ? 1 : 0, waits ? null : runId, at], // prettier-ignore
        )
        const { answered_by, first_part } = rows[0]!
        return { task, now: first_part > 0 ? 'begin' : answered_by === runId ? 'answer' : 'nothing' }
      }),

    /** Whether this run answers the call; the position of the answer's next part, or null: another run answers. */
    async claim(tenant: string, call: A2aRequested, runId: string): Promise<number | null> {
      const { rows } = await pool.query<Pick<Row, 'answered_by' | 'first_part'>>(
        `INSERT INTO postmortem.calls (tenant, caller, call_id, method, session_id, answered_by) VALUES ($1, $2, $3, $4, $5, $6) ${OR_KNOWN}`,
        [tenant, call.caller, call.call_id, storable(call.method), call.session_id, runId],
      )
      const { answered_by, first_part } = rows[0]!
      return answered_by === runId ? first_part : null
    },

    /** The task has ended: keeps its end, and takes the calls that wait for it; null: none does. Safe to repeat. */
    finish: (
      tenant: string,
      { known, completed, at, runId }: Finish,
    ): Promise<{ task: TaskRow; waiting: Waiting[] } | null> =>
      transaction(pool, async (client) => {
        await client.query(
          `INSERT INTO postmortem.tasks (tenant, postmortem_id, context_id, language, begun, ended, report, updated_at)
           VALUES ($1, $2, $3, $4, true, $5, $6, $7) ON CONFLICT (tenant, postmortem_id) DO UPDATE
           SET begun = true, ended = EXCLUDED.ended, report = EXCLUDED.report, updated_at = EXCLUDED.updated_at`,
          [tenant, known.postmortem_id, ...saidBy(known), JSON.stringify(endOf(completed), storably), completed.report, at], // prettier-ignore
        )
        const { rows: waiting } = await client.query<Waiting>(
          `UPDATE postmortem.calls SET answered_by = $3
           WHERE tenant = $1 AND postmortem_id = $2 AND (answered_by IS NULL OR answered_by = $3)
           RETURNING call_id, caller, method, session_id, modes, first_part`,
          [tenant, known.postmortem_id, runId],
        )
        const task = waiting.length === 0 ? null : await find(client, tenant, known.postmortem_id)
        return task === null ? null : { task, waiting }
      }),

    find: (tenant: string, id: string): Promise<TaskRow | null> => find(pool, tenant, id),

    /** The latest first; without reports. `total` counts all that fit. */
    async list(tenant: string, { after, size, ...filter }: Listing): Promise<{ rows: TaskRow[]; total: number }> {
      const fits = `tenant = $1 AND ($2::text IS NULL OR COALESCE(context_id, postmortem_id::text) = $2)
        AND ($3::text IS NULL OR ${STATE} = $3) AND ($4::bigint IS NULL OR updated_at >= $4)`
      const values = [tenant, filter.contextId, filter.state, filter.since]
      const { rows } = await pool.query<TaskRow>(
        `SELECT ${ROW}, NULL AS report FROM postmortem.tasks
         WHERE ${fits} AND ($5::bigint IS NULL OR (updated_at, postmortem_id) < ($5::bigint, $6::uuid))
         ORDER BY updated_at DESC, postmortem_id DESC LIMIT $7`,
        [...values, after?.updatedAt ?? null, after?.id ?? null, size],
      )
      const { rows: counted } = await pool.query<{ total: number }>(`SELECT count(*)::int AS total FROM postmortem.tasks WHERE ${fits}`, values) // prettier-ignore
      return { rows, total: counted[0]!.total }
    },
  }
}

export type CallStore = ReturnType<typeof createCalls>

interface Row extends Waiting {
  answered_by: string | null
}

interface Finish {
  known: Known
  completed: Completed
  at: number
  runId: string
}

export interface Listing {
  contextId: string | null
  state: string | null
  since: number | null
  after: { updatedAt: number; id: string } | null
  size: number
}

/** The first who answers stays the one who answers. */
const OR_KNOWN = `ON CONFLICT (tenant, caller, call_id) DO UPDATE
  SET answered_by = COALESCE(calls.answered_by, EXCLUDED.answered_by) RETURNING answered_by, first_part`

const saidBy = ({ context, language }: Pick<Known, 'context' | 'language'>): (string | null)[] =>
  [context[CONTEXT_ID] ?? null, language].map((text) => (text === null ? null : storable(text)))

const endOf = ({ status, reason, title, summary }: Completed): Ended => ({ status, reason, title, summary })

const storably = (_key: string, value: unknown): unknown => (typeof value === 'string' ? storable(value) : value)

/** SQL: the bare name of a task's state. */
const STATE = `CASE WHEN ended IS NULL THEN CASE WHEN begun THEN 'WORKING' ELSE 'SUBMITTED' END
  WHEN ended->>'status' IN ('failed', 'cancelled') THEN 'FAILED' ELSE 'COMPLETED' END`

async function find(client: Pool | PoolClient, tenant: string, id: string, lock = ''): Promise<TaskRow | null> {
  const { rows } = await client.query<TaskRow>(
    `SELECT ${ROW}, report FROM postmortem.tasks WHERE tenant = $1 AND postmortem_id = $2 ${lock}`,
    [tenant, id],
  )
  return rows[0] ?? null
}

/** Calls outlive the longest wait; a task goes with the session it is about. */
export const forgetCalls = (pool: Pool): Forget[] => [
  forgetRows(
    pool,
    `DELETE FROM postmortem.calls WHERE ctid = ANY(ARRAY(SELECT ctid FROM postmortem.calls WHERE called_at < $1 LIMIT $2))`,
  ),
  forgetRows(
    pool,
    `DELETE FROM postmortem.tasks WHERE ctid = ANY(ARRAY(
       SELECT ctid FROM postmortem.tasks WHERE updated_at < extract(epoch FROM $1::timestamptz) * 1000 LIMIT $2))`,
  ),
]
