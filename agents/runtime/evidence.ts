/** The evidence store: tool results, redacted and in full. Events carry a shortened copy (`evidence-events.ts`). */
import { LRUCache } from 'lru-cache'
import type { Pool } from 'pg'
import { joined } from '../../bus/postgres/joined.ts'
import { unpack } from '../../bus/postgres/packed.ts'
import { prepared, type Prepared, type StoredAnswer } from './prepared.ts'
import { eventId } from './run.ts'
import type { ToolResult } from './tool-result.ts'

export type Evidence = ToolResult<unknown> & {
  id: string
  redactions: number
  /** of the stored answer; equal answers have equal hashes. Absent: stored before there were hashes */
  hash?: string
}

export interface EvidenceOwner {
  runId: string
  sessionId: string
  tenant: string
  agent: string
}

/** The same answer of the same step always gets the same id. */
export const evidenceId = (runId: string, step: string, index: number): string =>
  eventId(runId, `evidence:${step}:${index}`)

/** How long a stored answer is assumed to be still there. Far less than the day for which unused answers are kept (`retention.ts`). */
const REMEMBERED_MS = 10 * 60_000
const REMEMBERED = 10_000

export function createEvidenceStore(pool: Pool) {
  const stored = new LRUCache<string, true>({ max: REMEMBERED, ttl: REMEMBERED_MS })
  const keyOf = ({ tenant }: EvidenceOwner, hash: string) => `${hash} ${tenant}`

  /** Stores evidence, and answers that this process has not stored yet; forgets answers that turn out to be missing, and returns whether there are any. */
  async function write(owner: EvidenceOwner, ids: readonly string[], answers: readonly Prepared[]): Promise<boolean> {
    const distinct = [...new Map(answers.map((one) => [one.hash, one])).values()].sort(byHash)
    const [known, sent] = [distinct.filter(({ hash }) => stored.has(keyOf(owner, hash))), distinct.filter(({ hash }) => !stored.has(keyOf(owner, hash)))] // prettier-ignore
    const { bytes, starts, lengths } = joined(sent.map(({ packed }) => packed))
    const { rows: missing } = await pool.query<{ hash: string }>(KEEP, [
      JSON.stringify(answers.map((one, index) => toRow(ids[index]!, one))),
      ...[owner.tenant, owner.sessionId, owner.runId],
      ...[sent.map(({ hash }) => hash), bytes, starts, lengths],
      known.map(({ hash }) => hash),
    ])
    for (const { hash } of sent) stored.set(keyOf(owner, hash), true)
    for (const { hash } of missing) stored.delete(keyOf(owner, hash))
    return missing.length > 0
  }

  return {
    /**
     * Redacts and stores the results of one step in one statement; a repeat of the step replaces them. It does not wait for the disk: the step's
     * journal entry is written to the same WAL afterwards and does wait, and without it the step is repeated.
     */
    async keep(owner: EvidenceOwner, step: string, results: readonly ToolResult<unknown>[]): Promise<Evidence[]> {
      const answers = await Promise.all(results.map(prepared))
      const ids = answers.map((_, index) => evidenceId(owner.runId, step, index))
      // a database restored from a backup may lack what this process has stored
      if (await write(owner, ids, answers)) await write(owner, ids, answers)
      return answers.map(({ value, redactions, hash }, index): Evidence => ({
        ...value,
        id: ids[index]!,
        redactions,
        hash,
      }))
    },

    /** Ids of what a run has asked with these operations, oldest first; none if the run belongs to another session or tenant. */
    async idsOf(
      { tenant, sessionId, runId }: Pick<EvidenceOwner, 'tenant' | 'sessionId' | 'runId'>,
      operations: readonly string[],
    ): Promise<string[]> {
      const { rows } = await pool.query<{ evidence_id: string }>(
        `SELECT evidence_id FROM evidence.items WHERE session_id = $1 AND tenant = $2 AND run_id = $3 AND operation = ANY($4)
         ORDER BY created_at, evidence_id`,
        [sessionId, tenant, runId, operations],
      )
      return rows.map((row) => row.evidence_id)
    },

    /** The evidence with these ids, in the given order. */
    async load(ids: readonly string[]): Promise<Evidence[]> {
      const { rows } = await pool.query<StoredRow>(
        `SELECT evidence_id, tool, operation, status, redactions, duration_ms, encode(answer, 'hex') AS hash, packed, plain
         FROM evidence.recorded WHERE evidence_id = ANY($1::uuid[])`,
        [ids],
      )
      const byId = new Map(await Promise.all(rows.map(async (row) => [row.evidence_id, await fromRow(row)] as const)))
      return ids.map((id) => {
        const evidence = byId.get(id)
        if (evidence === undefined) throw new Error(`evidence ${id} is not in the store`)
        return evidence
      })
    },
  }
}

export type EvidenceStore = ReturnType<typeof createEvidenceStore>

/** Answers are sorted by hash, so that two processes cannot deadlock. Returns answers assumed to be stored that are not. */
const KEEP = `
  WITH unhurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)),
  answered AS (
    INSERT INTO evidence.answers AS known (tenant, hash, packed)
    SELECT $2::text, decode(hash, 'hex'), substr($6::bytea, start, length)
    FROM unnest($5::text[], $7::int[], $8::int[]) AS a(hash, start, length) CROSS JOIN unhurried
    ON CONFLICT (tenant, hash) DO UPDATE SET kept_at = excluded.kept_at WHERE known.kept_at < excluded.kept_at - interval '1 hour'
  ),
  kept AS (
    INSERT INTO evidence.items (evidence_id, tenant, session_id, run_id, tool, operation, status, answer, redactions, duration_ms)
    SELECT evidence_id, $2::text, $3, $4, tool, operation, status, decode(answer, 'hex'), redactions, duration_ms
    FROM json_to_recordset($1::json) AS r(evidence_id uuid, tool text, operation text, status text, answer text, redactions integer,
      duration_ms double precision) CROSS JOIN unhurried
    ON CONFLICT (evidence_id) DO UPDATE SET status = excluded.status, answer = excluded.answer, redactions = excluded.redactions,
      duration_ms = excluded.duration_ms
  )
  SELECT hash FROM unnest($9::text[]) AS taken(hash)
  WHERE NOT EXISTS (SELECT FROM evidence.answers known WHERE known.tenant = $2::text AND known.hash = decode(taken.hash, 'hex'))`

const byHash = (a: Prepared, b: Prepared): number => (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0)

const toRow = (id: string, { value, redactions, hash }: Prepared) => ({
  evidence_id: id,
  tool: value.tool,
  operation: value.operation,
  status: value.status,
  answer: hash,
  redactions,
  duration_ms: Math.round(value.durationMs),
})

interface StoredRow {
  evidence_id: string
  tool: string
  operation: string
  status: 'ok' | 'no_data' | 'failed'
  redactions: number
  duration_ms: number
  hash: string | null
  /** absent in rows from before answers were compressed, which have `plain` */
  packed: Buffer | null
  plain: StoredAnswer | null
}

async function fromRow({ packed, plain, hash, ...row }: StoredRow): Promise<Evidence> {
  const answer = packed === null ? plain : (JSON.parse(await unpack(packed)) as StoredAnswer)
  if (answer === null) throw new Error(`the answer of evidence ${row.evidence_id} is not in the store`)
  const { evidence_id: id, duration_ms: durationMs, ...told } = row
  return { ...answer, ...told, id, durationMs, ...(hash === null ? {} : { hash }) } as Evidence
}
