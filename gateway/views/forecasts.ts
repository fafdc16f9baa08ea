/** What will be full: of each forecast, its latest phase. */
import type { Pool } from 'pg'
import type { ForecastProduced } from '../../schemas/events.generated.ts'
import type { Changed, Part } from './changed.ts'
import type { Page } from './sessions.ts'

/** Anyone can write to a topic without ACLs: longer texts and lists are cut. The agent's are shorter. */
const MOST_POINTS = 100
const LONGEST = 255

export interface ForecastRow {
  forecast_id: string
  /** the latest phase */
  body: ForecastProduced
  /** ms since the epoch, as text; null: it is open */
  closed_at: string | null
  /** whether a diagnosis was asked for: its session has the id of the forecast */
  is_diagnosed: boolean
}

/** Safe to repeat, in any order: the phase with the highest number counts, and nothing comes after the closing. */
export async function foldForecasts(pool: Pool, phases: readonly ForecastProduced[]): Promise<void> {
  if (phases.length === 0) return
  const rows = phases.map(bounded).map((body) => ({
    ...body,
    closed_at: body.phase === 'closed' ? body.occurred_at : null,
    body,
  }))
  await pool.query(
    `INSERT INTO gateway.forecasts AS f (forecast_id, tenant, service, resource, severity, full_at, closed_at, sequence, occurred_at, event_id, body)
     SELECT DISTINCT ON (forecast_id, tenant) forecast_id, tenant, service, resource, severity, full_at, closed_at, sequence, occurred_at, event_id, body
     FROM json_to_recordset($1) AS n (forecast_id uuid, tenant text, service text, resource text, severity text, full_at bigint, closed_at bigint,
       sequence integer, occurred_at bigint, event_id uuid, body json)
     ORDER BY forecast_id, tenant, closed_at IS NOT NULL DESC, sequence DESC, occurred_at DESC, event_id DESC
     ON CONFLICT (forecast_id, tenant) DO UPDATE
     SET service = excluded.service, resource = excluded.resource, severity = excluded.severity, full_at = excluded.full_at,
       closed_at = excluded.closed_at, sequence = excluded.sequence, occurred_at = excluded.occurred_at, event_id = excluded.event_id,
       body = excluded.body, folded_at = excluded.folded_at, changed = excluded.changed
     WHERE (excluded.closed_at IS NOT NULL, excluded.sequence, excluded.occurred_at, excluded.event_id)
       > (f.closed_at IS NOT NULL, f.sequence, f.occurred_at, f.event_id)`,
    [JSON.stringify(rows)],
  )
}

/** JSON has no infinite numbers: a point with one is left out. */
const isFinite = ({ value, lower, upper }: ForecastProduced['path'][number]): boolean =>
  [value, lower, upper].every(Number.isFinite)

function bounded(phase: ForecastProduced): ForecastProduced {
  const cut = (text: string): string => text.slice(0, LONGEST)
  const cutOrNull = (text: string | null): string | null => (text === null ? null : cut(text))
  const { service, namespace, resource, indicator, unit, instance, severity, ending } = phase
  return {
    ...phase,
    ...{ phase: cut(phase.phase), service: cut(service), namespace: cutOrNull(namespace), resource: cut(resource) },
    ...{ indicator: cut(indicator), unit: cutOrNull(unit), instance: cutOrNull(instance), severity: cut(severity) },
    ending: cutOrNull(ending),
    path: phase.path.filter(isFinite).slice(0, MOST_POINTS),
    recent: phase.recent.slice(-MOST_POINTS),
  }
}

const columns = `f.forecast_id, f.body, f.closed_at, EXISTS (SELECT FROM gateway.sessions s
  WHERE s.session_id = f.forecast_id AND s.tenant = f.tenant AND s.requested_at IS NOT NULL) AS is_diagnosed`

/** One forecast of this tenant; null: none, or another tenant's. */
export async function findForecast(pool: Pool, tenant: string, id: string): Promise<ForecastRow | null> {
  const { rows } = await pool.query<ForecastRow>(
    `SELECT ${columns} FROM gateway.forecasts f WHERE f.forecast_id = $1 AND f.tenant = $2`,
    [id, tenant],
  )
  return rows[0] ?? null
}

export interface ForecastFilter extends Page {
  /** ms since the epoch: those that were open at or after it */
  start?: number
  /** ms since the epoch: those whose resource is full before it */
  end?: number
  service?: string
  resource?: string
  severity?: string
  state?: 'open' | 'closed'
}

/** One page of this tenant's forecasts, and the total: open ones first, the soonest full before the others; then those that ended last. */
export async function listForecasts(
  pool: Pool,
  tenant: string,
  { start, end, service, resource, severity, state, page, page_size }: ForecastFilter,
): Promise<{ rows: ForecastRow[]; total: number }> {
  const where = `f.tenant = $1 AND ($2::bigint IS NULL OR f.closed_at IS NULL OR f.closed_at >= $2) AND ($3::bigint IS NULL OR f.full_at < $3)
    AND ($4::text IS NULL OR f.service = $4) AND ($5::text IS NULL OR f.resource = $5) AND ($6::text IS NULL OR f.severity = $6)
    AND ($7::text IS NULL OR (f.closed_at IS NULL) = ($7 = 'open'))`
  const values = [tenant, start, end, service, resource, severity, state]
  const [rows, count] = await Promise.all([
    pool.query<ForecastRow>(
      `SELECT ${columns} FROM gateway.forecasts f WHERE ${where}
       ORDER BY f.closed_at IS NOT NULL, CASE WHEN f.closed_at IS NULL THEN f.full_at ELSE -f.closed_at END, f.forecast_id LIMIT $8 OFFSET $9`,
      [...values, page_size, (page - 1) * page_size],
    ),
    pool.query<{ total: string }>(`SELECT count(*) AS total FROM gateway.forecasts f WHERE ${where}`, values),
  ])
  return { rows: rows.rows, total: Number(count.rows[0]?.total ?? 0) }
}

/** Those that last changed after `after` and before `before`, in that order; of those before `openBefore` only what is open. At most `limit`. */
export async function changedForecasts(
  pool: Pool,
  tenant: string,
  { service, resource, severity }: Pick<ForecastFilter, 'service' | 'resource' | 'severity'>,
  { after, openBefore, before, limit }: Part,
): Promise<(ForecastRow & Changed)[]> {
  const { rows } = await pool.query<ForecastRow & Changed>(
    `SELECT ${columns}, f.changed::text AS changed FROM gateway.forecasts f
     WHERE f.tenant = $1 AND ($2::text IS NULL OR f.service = $2) AND ($3::text IS NULL OR f.resource = $3)
       AND ($4::text IS NULL OR f.severity = $4) AND f.changed < $5::xid8
       AND (f.changed, f.forecast_id) > ($6::xid8, $7::uuid) AND (f.closed_at IS NULL OR f.changed >= $9::xid8)
     ORDER BY f.changed, f.forecast_id LIMIT $8`,
    [tenant, service, resource, severity, before, after.changed, after.id, limit, openBefore],
  )
  return rows
}
