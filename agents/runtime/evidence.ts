/** The evidence store: tool results, redacted and stored in full. Events carry a shortened copy. */
import type { Pool } from 'pg'
import { joined } from '../../bus/postgres/joined.ts'
import type { Events } from '../../schemas/events.generated.ts'
import type { Outgoing, Stamped } from './agent.ts'
import { emit } from './agent.ts'
import { redactValue } from './redaction.ts'
import { eventId } from './run.ts'
import type { ToolResult } from './tool-result.ts'

export type Evidence = ToolResult<unknown> & { id: string; redactions: number }

export interface EvidenceOwner {
  runId: string
  sessionId: string
  tenant: string
  agent: string
}

/** Largest data of an event, bytes of JSON; larger data is downsampled. */
const EVENT_DATA_BYTES = 64 * 1024

/** Limits on foreign text in an event: characters of a text, number of warnings, characters of a warning. The store has the full text. */
const EVENT_TEXT = 16 * 1024
const EVENT_WARNINGS = 32
const EVENT_WARNING = 512

/** The same answer of the same step always gets the same id. */
export const evidenceId = (runId: string, step: string, index: number): string =>
  eventId(runId, `evidence:${step}:${index}`)

export function createEvidenceStore(pool: Pool) {
  return {
    /**
     * Redacts and stores the results of one step in one statement; a repeat of the step replaces them. It does not wait for the disk: the step's
     * journal entry is written to the same WAL afterwards and does wait, and without it the step is repeated.
     */
    async keep(owner: EvidenceOwner, step: string, results: readonly ToolResult<unknown>[]): Promise<Evidence[]> {
      const kept = results.map((result, index): Evidence => {
        const { value, redactions } = redactValue(result)
        return { ...value, id: evidenceId(owner.runId, step, index), redactions }
      })
      const answers = joined(kept.map(({ data }) => (data === null ? null : written(data))))
      await pool.query(
        `WITH unhurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
         INSERT INTO evidence.items (evidence_id, tenant, session_id, run_id, tool, operation, status, query, range_start, range_end, link,
           summary, error, warnings, incomplete, data, redactions, duration_ms)
         SELECT evidence_id, $2, $3, $4, tool, operation, status, query, to_timestamp(range_start / 1000), to_timestamp(range_end / 1000),
           link, summary, error, warnings, incomplete, convert_from(substr($5::bytea, start, length), 'UTF8')::json, redactions, duration_ms
         FROM ROWS FROM (
           json_to_recordset($1::json) AS (evidence_id uuid, tool text, operation text, status text, query text,
             range_start double precision, range_end double precision, link text, summary text, error text, warnings jsonb,
             incomplete boolean, redactions integer, duration_ms double precision),
           unnest($6::int[], $7::int[])
         ) AS r(evidence_id, tool, operation, status, query, range_start, range_end, link, summary, error, warnings, incomplete,
           redactions, duration_ms, start, length) CROSS JOIN unhurried
         ON CONFLICT (evidence_id) DO UPDATE SET status = excluded.status, query = excluded.query, summary = excluded.summary,
           error = excluded.error, warnings = excluded.warnings, incomplete = excluded.incomplete, data = excluded.data, redactions = excluded.redactions,
           duration_ms = excluded.duration_ms, range_start = excluded.range_start, range_end = excluded.range_end`,
        [
          JSON.stringify(kept.map(toRow)),
          owner.tenant,
          owner.sessionId,
          owner.runId,
          answers.bytes,
          answers.starts,
          answers.lengths,
        ],
      )
      return kept
    },

    /** The evidence with these ids, in the given order. */
    async load(ids: readonly string[]): Promise<Evidence[]> {
      const { rows } = await pool.query(
        `SELECT *, extract(epoch FROM range_start) * 1000 AS start_ms, extract(epoch FROM range_end) * 1000 AS end_ms
         FROM evidence.items WHERE evidence_id = ANY($1::uuid[])`,
        [ids],
      )
      const byId = new Map(rows.map((row) => [row.evidence_id as string, fromRow(row)]))
      return ids.map((id) => {
        const evidence = byId.get(id)
        if (evidence === undefined) throw new Error(`evidence ${id} is not in the store`)
        return evidence
      })
    },
  }
}

export type EvidenceStore = ReturnType<typeof createEvidenceStore>

/** The events that report one tool call: the evidence, and its usage. */
export function evidenceEvents(owner: EvidenceOwner, evidence: Evidence): Outgoing[] {
  const { data, downsampled } = shorten(evidence.data)
  const recorded: Omit<Events['EvidenceRecorded'], Stamped> = {
    session_id: owner.sessionId,
    evidence_id: evidence.id,
    run_id: owner.runId,
    tool: evidence.tool,
    operation: evidence.operation,
    status: evidence.status,
    query: cut(evidence.query),
    range_start: wholeMs(evidence.range?.start),
    range_end: wholeMs(evidence.range?.end),
    link: evidence.link,
    summary: cut(evidence.summary),
    error: evidence.status === 'failed' ? cut(evidence.error) : null,
    warnings: fewOf(evidence.warnings),
    data,
    downsampled,
    redactions: evidence.redactions,
    duration_ms: Math.round(evidence.durationMs),
  }
  const usage: Omit<Events['AgentUsage'], Stamped> = {
    session_id: owner.sessionId,
    agent: owner.agent,
    run_id: owner.runId,
    kind: 'tool',
    name: evidence.tool,
    operation: evidence.operation,
    outcome: evidence.status,
    latency_ms: Math.round(evidence.durationMs),
    input_tokens: null,
    output_tokens: null,
    cost_usd: null,
  }
  return [emit('EvidenceRecorded', recorded), emit('AgentUsage', usage)]
}

const cut = (text: string, most = EVENT_TEXT): string =>
  text.length <= most
    ? text
    : `${text.slice(0, most).toWellFormed()}… (${text.length - most} more characters in the store)`

function fewOf(warnings: readonly string[]): string[] {
  const told = warnings.slice(0, EVENT_WARNINGS).map((one) => cut(one, EVENT_WARNING))
  const more = warnings.length - told.length
  return more > 0 ? [...told, `${more} more warnings in the store`] : told
}

const wholeMs = (instant: number | undefined): number | null => (instant === undefined ? null : Math.round(instant))

/** Serialized for the store and reused for the event shortly after. */
const writings = new WeakMap<object, string>()

function written(data: unknown): string {
  const known = typeof data === 'object' && data !== null ? writings.get(data) : undefined
  if (known !== undefined) return known
  const text = JSON.stringify(data)
  // large ones are not cached: their events are downsampled anyway
  if (typeof data === 'object' && data !== null && text.length <= EVENT_DATA_BYTES) writings.set(data, text)
  return text
}

/** JSON within the limit: long arrays are thinned evenly, ends kept, until it fits. */
function shorten(data: unknown): { data: string | null; downsampled: boolean } {
  if (data === null) return { data: null, downsampled: false }
  const whole = written(data)
  if (Buffer.byteLength(whole) <= EVENT_DATA_BYTES) return { data: whole, downsampled: false }
  for (let keep = 512; keep > 1; keep = Math.floor(keep / 2)) {
    const json = JSON.stringify(data, (_key, value: unknown) => (Array.isArray(value) ? thin(value, keep) : value))
    if (Buffer.byteLength(json) <= EVENT_DATA_BYTES) return { data: json, downsampled: true }
  }
  return { data: null, downsampled: true }
}

const thin = (values: readonly unknown[], keep: number): readonly unknown[] => {
  if (values.length <= keep) return values
  const step = (values.length - 1) / (keep - 1)
  return Array.from({ length: keep }, (_, index) => values[Math.round(index * step)])
}

const toRow = (evidence: Evidence) => ({
  evidence_id: evidence.id,
  tool: evidence.tool,
  operation: evidence.operation,
  status: evidence.status,
  query: evidence.query,
  range_start: evidence.range?.start ?? null,
  range_end: evidence.range?.end ?? null,
  link: evidence.link,
  summary: evidence.summary,
  error: evidence.status === 'failed' ? evidence.error : null,
  warnings: evidence.warnings,
  incomplete: evidence.incomplete,
  redactions: evidence.redactions,
  duration_ms: Math.round(evidence.durationMs),
})

const fromRow = (row: Record<string, never>): Evidence => ({
  id: row['evidence_id']!,
  tool: row['tool']!,
  operation: row['operation']!,
  status: row['status']!,
  query: row['query']!,
  range: row['start_ms'] === null ? null : { start: Number(row['start_ms']), end: Number(row['end_ms']) },
  link: row['link'] ?? null,
  summary: row['summary']!,
  error: row['error']!,
  warnings: row['warnings']!,
  incomplete: row['incomplete']!,
  data: row['data']!,
  redactions: row['redactions']!,
  durationMs: row['duration_ms']!,
})
