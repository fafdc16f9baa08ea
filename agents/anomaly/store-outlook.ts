/** What the anomaly agent keeps of forecasts in PostgreSQL, beside what it keeps of anomalies. */
import { gunzipSync, gzipSync } from 'node:zlib'
import type { OutlookState } from '../../analysis/filling/outlook.ts'
import type { Database } from '../../bus/postgres/transaction.ts'

/** Nothing is known of other steps; the open forecasts are. null: it never watched. */
export async function loadOutlook(database: Database, tenant: string, stepMs: number): Promise<OutlookState | null> {
  const { rows: open } = await database.query<Pick<OutlookState, 'open'>>(
    `SELECT open FROM anomaly.forecasts WHERE tenant = $1`,
    [tenant],
  )
  if (open[0] === undefined) return null
  const { rows } = await database.query<{ state: Buffer }>(
    `SELECT state FROM anomaly.outlooks WHERE tenant = $1 AND step_ms = $2`,
    [tenant, stepMs],
  )
  const series = rows.flatMap(({ state }) => JSON.parse(gunzipSync(state).toString('utf8')) as OutlookState['series'])
  return { stepMs, series, open: open[0].open }
}

export async function saveOutlook(database: Database, tenant: string, { stepMs, series, open }: OutlookState) {
  const services = [...Map.groupBy(series, ({ identity }) => identity.service)]
  const names = services.map(([service]) => service)
  await database.query(
    `INSERT INTO anomaly.forecasts (tenant, open) VALUES ($1, $2) ON CONFLICT (tenant) DO UPDATE SET open = excluded.open`,
    [tenant, JSON.stringify(open)],
  )
  await database.query(
    `INSERT INTO anomaly.outlooks (tenant, step_ms, service, state) SELECT $1, $2, * FROM unnest($3::text[], $4::bytea[])
     ON CONFLICT (tenant, service) DO UPDATE SET step_ms = excluded.step_ms, state = excluded.state`,
    [tenant, stepMs, names, services.map(([, all]) => gzipSync(JSON.stringify(all), { level: 1 }))],
  )
  await database.query(`DELETE FROM anomaly.outlooks WHERE tenant = $1 AND service <> ALL ($2)`, [tenant, names])
}
