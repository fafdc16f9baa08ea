/** What is or was unusual: of each anomaly, its latest phase. */
import type { Pool } from 'pg'
import type { AnomalyDetected, AnomalyExpected } from '../../schemas/events.generated.ts'
import type { Changed, Part } from './changed.ts'
import type { Page } from './sessions.ts'

/** Anyone can write to a topic without ACLs: longer texts and lists are cut. The agent's are shorter. */
const MOST_SERVICES = 100
const MOST_SERIES = 10
const MOST_RECENT = 100
const LONGEST = 255

export interface AnomalyRow {
  anomaly_id: string
  /** the latest phase */
  body: AnomalyDetected
  /** ms since the epoch, as text; null: it is open */
  closed_at: string | null
  /** whether a diagnosis was asked for: its session has the id of the anomaly */
  is_diagnosed: boolean
  /** what a person last said; null: nobody did */
  expected: AnomalyExpected | null
}

/** Safe to repeat, in any order: the phase with the highest number counts, and nothing comes after the closing. */
export async function foldAnomalies(pool: Pool, phases: readonly AnomalyDetected[]): Promise<void> {
  if (phases.length === 0) return
  const rows = phases.map(bounded).map((body) => ({
    ...body,
    closed_at: body.phase === 'closed' ? body.occurred_at : null,
    body,
  }))
  await pool.query(
    `INSERT INTO gateway.anomalies AS a (anomaly_id, tenant, services, severity, since, closed_at, sequence, occurred_at, event_id, body)
     SELECT DISTINCT ON (anomaly_id, tenant) anomaly_id, tenant, services, severity, since, closed_at, sequence, occurred_at, event_id, body
     FROM json_to_recordset($1) AS n (anomaly_id uuid, tenant text, services text[], severity text, since bigint, closed_at bigint,
       sequence integer, occurred_at bigint, event_id uuid, body json)
     ORDER BY anomaly_id, tenant, closed_at IS NOT NULL DESC, sequence DESC, occurred_at DESC, event_id DESC
     ON CONFLICT (anomaly_id, tenant) DO UPDATE
     SET services = excluded.services, severity = excluded.severity, since = excluded.since, closed_at = excluded.closed_at,
       sequence = excluded.sequence, occurred_at = excluded.occurred_at, event_id = excluded.event_id, body = excluded.body,
       folded_at = excluded.folded_at, changed = excluded.changed
     WHERE (excluded.closed_at IS NOT NULL, excluded.sequence, excluded.occurred_at, excluded.event_id)
       > (a.closed_at IS NOT NULL, a.sequence, a.occurred_at, a.event_id)`,
    [JSON.stringify(rows)],
  )
}

/** JSON has no infinite numbers: a series with one is left out. */
const isFinite = ({ value, expected, lower, upper, surprise }: AnomalyDetected['series'][number]): boolean =>
  [value, expected, lower, upper, surprise].every(Number.isFinite)

function bounded(phase: AnomalyDetected): AnomalyDetected {
  const cut = (text: string): string => text.slice(0, LONGEST)
  const cutOrNull = (text: string | null): string | null => (text === null ? null : cut(text))
  const { service, namespace, ending, joined_to } = phase
  return {
    ...phase,
    ...{ service: cut(service), namespace: cutOrNull(namespace), severity: cut(phase.severity) },
    ...{ phase: cut(phase.phase), ending: cutOrNull(ending), joined_to: cutOrNull(joined_to) },
    services: phase.services.slice(0, MOST_SERVICES).map(cut),
    series: phase.series
      .filter(isFinite)
      .slice(0, MOST_SERIES)
      .map((one) => ({
        ...one,
        ...{ service: cut(one.service), indicator: cut(one.indicator), unit: cutOrNull(one.unit) },
        direction: cut(one.direction),
        recent: one.recent.slice(-MOST_RECENT),
      })),
  }
}

const columns = `a.anomaly_id, a.body, a.closed_at, EXISTS (SELECT FROM gateway.sessions s
  WHERE s.session_id = a.anomaly_id AND s.tenant = a.tenant AND s.requested_at IS NOT NULL) AS is_diagnosed,
  (SELECT body FROM gateway.expectations e WHERE e.anomaly_id = a.anomaly_id AND e.tenant = a.tenant) AS expected`

/** One anomaly of this tenant; null: none, or another tenant's. */
export async function findAnomaly(pool: Pool, tenant: string, id: string): Promise<AnomalyRow | null> {
  const { rows } = await pool.query<AnomalyRow>(
    `SELECT ${columns} FROM gateway.anomalies a WHERE a.anomaly_id = $1 AND a.tenant = $2`,
    [id, tenant],
  )
  return rows[0] ?? null
}

export interface AnomalyFilter extends Page {
  /** ms since the epoch: those that went on at or after it */
  start?: number
  /** ms since the epoch: those that began before it */
  end?: number
  /** among those affected */
  service?: string
  severity?: string
  state?: 'open' | 'closed'
}

/** One page of this tenant's anomalies, open ones first, then by when they began, newest first; and the total. */
export async function listAnomalies(
  pool: Pool,
  tenant: string,
  { start, end, service, severity, state, page, page_size }: AnomalyFilter,
): Promise<{ rows: AnomalyRow[]; total: number }> {
  const where = `a.tenant = $1 AND ($2::bigint IS NULL OR a.closed_at IS NULL OR a.closed_at >= $2) AND ($3::bigint IS NULL OR a.since < $3)
    AND ($4::text IS NULL OR $4 = ANY(a.services)) AND ($5::text IS NULL OR a.severity = $5)
    AND ($6::text IS NULL OR (a.closed_at IS NULL) = ($6 = 'open'))`
  const values = [tenant, start, end, service, severity, state]
  const [rows, count] = await Promise.all([
    pool.query<AnomalyRow>(
      `SELECT ${columns} FROM gateway.anomalies a WHERE ${where}
       ORDER BY a.closed_at IS NOT NULL, a.since DESC, a.anomaly_id DESC LIMIT $7 OFFSET $8`,
      [...values, page_size, (page - 1) * page_size],
    ),
    pool.query<{ total: string }>(`SELECT count(*) AS total FROM gateway.anomalies a WHERE ${where}`, values),
  ])
  return { rows: rows.rows, total: Number(count.rows[0]?.total ?? 0) }
}

/** Those that last changed after `after` and before `before`, in that order; of those before `openBefore` only what is open. At most `limit`. */
export async function changedAnomalies(
  pool: Pool,
  tenant: string,
  { service, severity }: Pick<AnomalyFilter, 'service' | 'severity'>,
  { after, openBefore, before, limit }: Part,
): Promise<(AnomalyRow & Changed)[]> {
  const { rows } = await pool.query<AnomalyRow & Changed>(
    `SELECT ${columns}, a.changed::text AS changed FROM gateway.anomalies a
     WHERE a.tenant = $1 AND ($2::text IS NULL OR $2 = ANY(a.services)) AND ($3::text IS NULL OR a.severity = $3) AND a.changed < $4::xid8
       AND (a.changed, a.anomaly_id) > ($5::xid8, $6::uuid) AND (a.closed_at IS NULL OR a.changed >= $8::xid8)
     ORDER BY a.changed, a.anomaly_id LIMIT $7`,
    [tenant, service, severity, before, after.changed, after.id, limit, openBefore],
  )
  return rows
}
