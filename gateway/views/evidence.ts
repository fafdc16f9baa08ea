/** One piece of evidence: in full from the agents' store, or from its event if the store no longer has it. */
import type { Pool } from 'pg'
import { unpack } from '../../bus/postgres/packed.ts'
import type { Evidence } from '../api.generated.ts'
import type { Events } from '../../schemas/events.generated.ts'
import { timeOf } from '../present/language.ts'
import { askElsewhere } from '../../bus/statements/keys.ts'

export interface EvidenceKey {
  tenant: string
  session_id: string
  evidence_id: string
}

export async function findEvidence(pool: Pool, key: EvidenceKey): Promise<Evidence | null> {
  return (await fromStore(pool, key)) ?? (await fromEvent(pool, key))
}

/** As the agents store it: `agents/runtime/evidence-migrations`. */
type Answer = Pick<Evidence, 'query' | 'link' | 'summary' | 'error' | 'warnings' | 'data'> & {
  range: { start: number; end: number } | null
}
type StoredRow = Omit<Evidence, keyof Answer | 'time_range' | 'downsampled'> & {
  packed: Buffer | null
  plain: Answer | null
}

async function fromStore(pool: Pool, { tenant, session_id, evidence_id }: EvidenceKey): Promise<Evidence | null> {
  const rows = await askElsewhere<StoredRow>(
    pool,
    `SELECT evidence_id, session_id, run_id, tool, operation, status, redactions, duration_ms, packed, plain
     FROM evidence.recorded WHERE evidence_id = $1 AND session_id = $2 AND tenant = $3`,
    [evidence_id, session_id, tenant],
  )
  const row = rows?.[0]
  if (row === undefined) return null
  const { packed, plain, ...rest } = row
  const answer = packed === null ? plain : (JSON.parse(await unpack(packed)) as Answer)
  if (answer === null) return null
  const { query, range, link, summary, error, warnings, data } = answer
  const time_range = rangeOf(range?.start, range?.end)
  return { ...rest, query, time_range, link, summary, error, warnings, data, downsampled: false }
}

/** Ids of evidence the store has in full, so that the views need not keep a copy. */
export async function inStore(pool: Pool, told: readonly EvidenceKey[]): Promise<ReadonlySet<string>> {
  if (told.length === 0) return new Set()
  const rows = await askElsewhere<Pick<EvidenceKey, 'evidence_id'>>(
    pool,
    `SELECT evidence_id FROM evidence.items
     JOIN unnest($1::uuid[], $2::text[], $3::text[]) AS told(evidence_id, session_id, tenant) USING (evidence_id, session_id, tenant)`,
    [told.map((one) => one.evidence_id), told.map((one) => one.session_id), told.map((one) => one.tenant)],
  )
  return new Set(rows?.map((row) => row.evidence_id))
}

export type EvidenceListed = Pick<
  Events['EvidenceRecorded'],
  'evidence_id' | 'tool' | 'operation' | 'status' | 'query' | 'summary' | 'error'
>

/** All evidence of a session, in the order it was recorded, without its data. */
export async function listEvidence(pool: Pool, tenant: string, sessionId: string): Promise<EvidenceListed[]> {
  const { rows } = await pool.query<EvidenceListed>(
    `SELECT evidence_id, body->>'tool' AS tool, body->>'operation' AS operation, body->>'status' AS status, body->>'query' AS query,
       body->>'summary' AS summary, body->>'error' AS error
     FROM gateway.session_events WHERE session_id = $1 AND tenant = $2 AND event = 'EvidenceRecorded' ORDER BY position`,
    [sessionId, tenant],
  )
  return rows
}

async function fromEvent(pool: Pool, { tenant, session_id, evidence_id }: EvidenceKey): Promise<Evidence | null> {
  const { rows } = await pool.query<{ body: Omit<Events['EvidenceRecorded'], 'data'>; data: string | null }>(
    `SELECT body, evidence_data AS data FROM gateway.session_events
     WHERE evidence_id = $1 AND session_id = $2 AND tenant = $3 ORDER BY position LIMIT 1`,
    [evidence_id, session_id, tenant],
  )
  const row = rows[0]
  if (row === undefined) return null
  const { run_id, tool, operation, status, query, link, summary, error, warnings, redactions, duration_ms } = row.body
  const { range_start, range_end, downsampled } = row.body
  const told = { run_id, tool, operation, status, query, link, summary, error, warnings, redactions, duration_ms }
  const data: unknown = row.data === null ? null : JSON.parse(row.data)
  const time_range = rangeOf(range_start ?? undefined, range_end ?? undefined)
  return { evidence_id, session_id, ...told, time_range, data: data as Evidence['data'], downsampled }
}

const rangeOf = (start: number | undefined, end: number | undefined) =>
  start === undefined || end === undefined ? null : { start: timeOf(start), end: timeOf(end) }
