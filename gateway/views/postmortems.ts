/** Postmortems: each request, and the latest revision of its report. */
import type { Pool } from 'pg'
import type { Events } from '../../schemas/events.generated.ts'
import { type Edits, findEdits } from './postmortem-edits.ts'
import type { Page } from './sessions.ts'

type Requested = Events['PostmortemRequested']
type Completed = Events['PostmortemCompleted']

/** The edits are by people. */
export interface PostmortemRow extends Edits {
  postmortem_id: string
  requested: Requested
  /** null: it is being written */
  result: Completed | null
}

/** A row of a list: reports of up to a megabyte each stay in the database. */
export interface PostmortemListed {
  postmortem_id: string
  requested: Requested
  result: ListedResult | null
  /** as people left it; null: nobody changed it */
  state: string | null
}

type ListedResult = Pick<
  Completed,
  'status' | 'reason' | 'incident_ids' | 'session_ids' | 'title' | 'summary' | 'occurred_at'
> & { has_report: boolean }

/** Reports without a request, which anyone can publish: more than this push out the oldest. */
const MOST_UNASKED = 1000

/** Safe to repeat, in any order: the first request counts, and the highest revision. */
export async function foldPostmortems(
  pool: Pool,
  requests: readonly Requested[],
  results: readonly Completed[],
): Promise<void> {
  if (requests.length > 0)
    await pool.query(
      `INSERT INTO gateway.postmortems AS p (postmortem_id, tenant, requested, requested_at)
       SELECT DISTINCT ON (postmortem_id, tenant) postmortem_id, tenant, requested, occurred_at FROM json_to_recordset($1)
         AS n (postmortem_id uuid, tenant text, requested json, occurred_at bigint) ORDER BY postmortem_id, tenant, occurred_at
       ON CONFLICT (postmortem_id, tenant) DO UPDATE SET requested = excluded.requested, requested_at = excluded.requested_at
       WHERE p.requested IS NULL`,
      [
        JSON.stringify(
          requests.map((requested) => ({ ...keyOf(requested), requested, occurred_at: requested.occurred_at })),
        ),
      ],
    )
  if (results.length === 0) return
  await pool.query(
    `INSERT INTO gateway.postmortems AS p (postmortem_id, tenant, result, revision, result_at)
     SELECT DISTINCT ON (postmortem_id, tenant) postmortem_id, tenant, result, revision, occurred_at FROM json_to_recordset($1)
       AS n (postmortem_id uuid, tenant text, result json, revision integer, occurred_at bigint)
     ORDER BY postmortem_id, tenant, revision DESC, occurred_at DESC
     ON CONFLICT (postmortem_id, tenant) DO UPDATE SET result = excluded.result, revision = excluded.revision, result_at = excluded.result_at
     WHERE p.revision IS NULL OR (excluded.revision, excluded.result_at) > (p.revision, p.result_at)`,
    [
      JSON.stringify(
        results.map((result) => ({
          ...keyOf(result),
          result,
          revision: result.revision,
          occurred_at: result.occurred_at,
        })),
      ),
    ],
  )
  await pool.query(
    `DELETE FROM gateway.postmortems WHERE ctid = ANY(ARRAY(
       SELECT ctid FROM gateway.postmortems WHERE requested IS NULL ORDER BY folded_at DESC OFFSET $1))`,
    [MOST_UNASKED],
  )
}

const keyOf = ({ postmortem_id, tenant }: Requested | Completed) => ({ postmortem_id, tenant })

/** The incidents that sessions name. */
export async function foldIncidents(pool: Pool, requests: readonly Events['DiagnosisRequested'][]): Promise<void> {
  const named = requests.flatMap(({ incident_ids, tenant, session_id }) =>
    incident_ids.map((incident_id) => ({ incident_id, tenant, session_id })),
  )
  if (named.length === 0) return
  await pool.query(
    `INSERT INTO gateway.incidents (incident_id, tenant, session_id)
     SELECT incident_id, tenant, session_id FROM json_to_recordset($1) AS n (incident_id text, tenant text, session_id uuid)
     ON CONFLICT DO NOTHING`,
    [JSON.stringify(named)],
  )
}

/** The given ids that none of the tenant's sessions names. */
export async function unknownIn(
  pool: Pool,
  tenant: string,
  { incidents, sessions }: { incidents: readonly string[]; sessions: readonly string[] },
): Promise<{ incidents: string[]; sessions: string[] }> {
  const { rows } = await pool.query<{ id: string; known_incident: boolean; known_session: boolean }>(
    `SELECT id, EXISTS (SELECT FROM gateway.incidents i WHERE i.incident_id = id AND i.tenant = $1) AS known_incident,
       EXISTS (SELECT FROM gateway.sessions s WHERE s.session_id::text = id AND s.tenant = $1 AND s.requested_at IS NOT NULL
         AND s.session_id = ANY($3::uuid[])) AS known_session
     FROM unnest($2::text[]) AS asked (id)`,
    [tenant, [...incidents, ...sessions], sessions],
  )
  const known = new Map(rows.map((row) => [row.id, row]))
  return {
    incidents: incidents.filter((id) => known.get(id)?.known_incident !== true),
    sessions: sessions.filter((id) => known.get(id)?.known_session !== true),
  }
}

const columns = 'postmortem_id, requested, result'

/** One postmortem of this tenant; null: none, or another tenant's. */
export async function findPostmortem(pool: Pool, tenant: string, id: string): Promise<PostmortemRow | null> {
  const { rows } = await pool.query<Omit<PostmortemRow, keyof Edits>>(
    `SELECT ${columns} FROM gateway.postmortems WHERE postmortem_id = $1 AND tenant = $2 AND requested IS NOT NULL`,
    [id, tenant],
  )
  return rows[0] === undefined ? null : { ...rows[0], ...(await findEdits(pool, tenant, id)) }
}

const LISTED = ['status', 'reason', 'incident_ids', 'session_ids', 'title', 'summary', 'occurred_at'] as const satisfies readonly (keyof ListedResult)[] // prettier-ignore
const listedResult = `CASE WHEN result IS NOT NULL THEN json_build_object('has_report', json_typeof(result->'report') = 'string',
  ${LISTED.map((field) => `'${field}', result->'${field}'`).join(', ')}) END AS result`

const latestState = `(SELECT state FROM gateway.postmortem_edits e WHERE e.postmortem_id = p.postmortem_id AND e.tenant = p.tenant
  ORDER BY edit DESC, occurred_at, event_id LIMIT 1) AS state`

/** One page of this tenant's postmortems, newest first, and the total. */
export async function listPostmortems(
  pool: Pool,
  tenant: string,
  { page, page_size }: Page,
): Promise<{ rows: PostmortemListed[]; total: number }> {
  const where = 'tenant = $1 AND requested IS NOT NULL'
  const [rows, count] = await Promise.all([
    pool.query<PostmortemListed>(
      `SELECT postmortem_id, requested, ${listedResult}, ${latestState} FROM gateway.postmortems p WHERE ${where} ORDER BY requested_at DESC, postmortem_id DESC LIMIT $2 OFFSET $3`,
      [tenant, page_size, (page - 1) * page_size],
    ),
    pool.query<{ total: string }>(`SELECT count(*) AS total FROM gateway.postmortems WHERE ${where}`, [tenant]),
  ])
  return { rows: rows.rows, total: Number(count.rows[0]?.total ?? 0) }
}
