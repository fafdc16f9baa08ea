/**
 * Brings into the memory what was learned of sessions and reports. What has changed is noted in PostgreSQL with the events themselves, so nothing is lost while
 * Chroma is away; what an entry should be is computed from all events each time, so that repeats, other orders and retractions need no care.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Pool, PoolClient } from 'pg'
import type { Logger } from 'pino'
import { uuidKey } from '../../../bus/uuid-key.ts'
import type { CollectionName } from '../../../memory/entry.ts'
import type { Place } from '../../../memory/recall.ts'
import { EmbeddingError } from '../../../memory/embedding.ts'
import { MemoryError, openStore } from '../../../memory/store.ts'
import type { EvidenceRecorded, PostmortemCompleted, PostmortemRevised } from '../../../schemas/events.generated.ts'
import { sessionsOf } from '../facts.ts'
import { load } from '../store.ts'
import { type Left, leftByReport, leftBySession } from './past.ts'

const EVERY_MS = 2000
/** After a failure: the next try, and at most so long until the one after that. */
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [2000, 60_000]
const AT_ONCE = 20
const MOST_EVIDENCE = 500
/** When an entry is tried again: the others come first, as Chroma may refuse this one only; and what cannot even be made is not tried often. */
const POSTPONED = { refused: '1 minute', unmade: '1 hour' }

export interface RememberOptions {
  pool: Pool
  place: Place
  log: Logger
  everyMs?: number
}

interface Due {
  tenant: string
  kind: 'session' | 'report'
  id: string
  told: number
}

/** Until it is stopped. One process at a time. */
export function startRemembering({ pool, place, log, everyMs = EVERY_MS }: RememberOptions): { stop(): Promise<void> } {
  const stopped = new AbortController()
  const remember = async () => {
    let waitMs = everyMs
    while (!stopped.signal.aborted) {
      try {
        const done = await rememberDue(pool, place, log, stopped.signal)
        if (waitMs > everyMs) log.info('the memory takes notes again')
        waitMs = done === AT_ONCE ? 0 : everyMs
      } catch (error) {
        if (stopped.signal.aborted) return
        if (waitMs <= everyMs) log.warn({ error: String(error) }, 'the memory takes no notes: they wait until it does')
        waitMs = Math.min(LONGEST_WAIT_MS, Math.max(FIRST_WAIT_MS, everyMs + 1, waitMs * 2))
      }
      await delay(waitMs, undefined, { signal: stopped.signal }).catch(() => undefined)
    }
  }
  const running = remember()
  return {
    async stop() {
      stopped.abort(new Error('stopped'))
      await running
    },
  }
}

/** Number of sessions and reports that were looked at. Throws if Chroma or the embedding model is away; what was not done stays due. */
export async function rememberDue(pool: Pool, place: Place, log: Logger, signal: AbortSignal): Promise<number> {
  const client = await pool.connect()
  const lock = `hashtextextended('sre memory', 0)`
  try {
    const { rows } = await client.query<{ mine: boolean }>(`SELECT pg_try_advisory_lock(${lock}) AS mine`)
    if (rows[0]?.mine !== true) return 0
    try {
      return await each(client, pool, place, log, signal)
    } finally {
      await client.query(`SELECT pg_advisory_unlock(${lock})`)
    }
  } finally {
    client.release()
  }
}

async function each(client: PoolClient, pool: Pool, place: Place, log: Logger, signal: AbortSignal): Promise<number> {
  const { rows } = await client.query<Due>(
    `SELECT tenant, kind, id, told FROM postmortem.to_remember WHERE due_at <= clock_timestamp() ORDER BY due_at, id LIMIT $1`,
    [AT_ONCE],
  )
  for (const due of rows) {
    const key = [due.tenant, due.kind, due.id]
    try {
      await write(place, due, due.kind === 'session' ? await ofSession(pool, due) : await ofReport(pool, due), signal)
    } catch (error) {
      const isRefused = error instanceof MemoryError || error instanceof EmbeddingError
      const later = POSTPONED[isRefused ? 'refused' : 'unmade']
      await client.query(`UPDATE postmortem.to_remember SET due_at = clock_timestamp() + $4::interval WHERE (tenant, kind, id) = ($1, $2, $3)`, [...key, later]) // prettier-ignore
      if (isRefused) throw error
      log.error({ error: String(error), ...due }, 'this cannot be remembered yet')
      continue
    }
    await client.query(`DELETE FROM postmortem.to_remember WHERE (tenant, kind, id, told) = ($1, $2, $3, $4)`, [...key, due.told]) // prettier-ignore
  }
  return rows.length
}

const COLLECTION = { session: 'incident_history', report: 'postmortem_archive' } as const satisfies Record<Due['kind'], CollectionName> // prettier-ignore

/** undefined: too little is known any more to say anything. */
async function write({ url, embedder }: Place, due: Due, left: Left | undefined, signal: AbortSignal): Promise<void> {
  if (left === undefined) return
  const store = await openStore(url, due.tenant, COLLECTION[due.kind], embedder, signal)
  if (left === null) await store.forget([due.id])
  else await store.add([left])
}

async function ofSession(pool: Pool, { tenant, id }: Due): Promise<Left | undefined> {
  const { events } = await load(pool, tenant, [id])
  const [session] = sessionsOf(events)
  const isWrong = events.some(({ event, value }) => event === 'FeedbackRecorded' && value.verdict === 'wrong')
  // the session itself is no longer kept
  if (session === undefined || session.result === null) return isWrong ? null : undefined
  const { rows } = await pool.query<{ body: EvidenceRecorded }>(
    `SELECT body FROM postmortem.events WHERE tenant = $1 AND session_id = $2 AND event = 'EvidenceRecorded'
       AND body->>'operation' IN ('logs', 'audit-logs') ORDER BY occurred_at, event_id LIMIT $3`,
    [tenant, id, MOST_EVIDENCE],
  )
  return leftBySession(id, session, rows.map(({ body }) => body)) // prettier-ignore
}

async function ofReport(pool: Pool, { tenant, id }: Due): Promise<Left | undefined> {
  const { rows } = await pool.query<{ completed: PostmortemCompleted | null; revised: PostmortemRevised | null }>(
    `SELECT completed, revised FROM postmortem.reports WHERE (tenant, postmortem_id) = ($1, $2)`,
    [tenant, id],
  )
  const [report] = rows
  if (report === undefined) return undefined
  const { rows: sessions } = await pool.query<{ is_recorded: boolean }>(
    `SELECT body->'context'->'recording' IS NOT NULL AS is_recorded FROM postmortem.events
     WHERE tenant = $1 AND session_id = ANY($2::uuid[]) AND event = 'DiagnosisRequested'`,
    [tenant, (report.completed?.session_ids ?? []).flatMap((one) => uuidKey(one) ?? [])],
  )
  return leftByReport(id, { ...report, isRecorded: sessions.length > 0 && sessions.every((one) => one.is_recorded) })
}
