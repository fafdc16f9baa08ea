/** What the anomaly agent keeps of forecasts in PostgreSQL, beside what it keeps of anomalies. */
import { gunzipSync, gzipSync } from 'node:zlib'
import type { OutlookState } from '../../analysis/filling/outlook.ts'
import type { Database } from '../../bus/postgres/transaction.ts'
import type { Part } from './shards.ts'

/** Nothing is known of other steps; the open forecasts are. null: it never watched. */
export async function loadOutlook(
  database: Database,
  { tenant, shard }: Part,
  stepMs: number,
): Promise<OutlookState | null> {
  const { rows: open } = await database.query<Pick<OutlookState, 'open'>>(
    `SELECT open FROM anomaly.forecasts WHERE tenant = $1 AND shard = $2`,
    [tenant, shard],
  )
  if (open[0] === undefined) return null
  const { rows } = await database.query<{ state: Buffer }>(
    `SELECT state FROM anomaly.outlooks WHERE tenant = $1 AND shard = $2 AND step_ms = $3`,
    [tenant, shard, stepMs],
  )
  const series = rows.flatMap(({ state }) => JSON.parse(gunzipSync(state).toString('utf8')) as OutlookState['series'])
  return { stepMs, series, open: open[0].open }
}

export async function saveOutlook(
  database: Database,
  { tenant, shard }: Part,
  { stepMs, series, open }: OutlookState,
): Promise<void> {
  const services = [...Map.groupBy(series, ({ identity }) => identity.service)]
  const names = services.map(([service]) => service)
  await database.query(
    `INSERT INTO anomaly.forecasts (tenant, shard, open) VALUES ($1, $2, $3)
     ON CONFLICT (tenant, shard) DO UPDATE SET open = excluded.open`,
    [tenant, shard, JSON.stringify(open)],
  )
  await database.query(
    `INSERT INTO anomaly.outlooks AS kept (tenant, shard, step_ms, service, state) SELECT $1, $2, $3, * FROM unnest($4::text[], $5::bytea[])
     ON CONFLICT (tenant, service) DO UPDATE SET step_ms = excluded.step_ms, state = excluded.state WHERE kept.shard = excluded.shard`,
    [tenant, shard, stepMs, names, services.map(([, all]) => gzipSync(JSON.stringify(all), { level: 1 }))],
  )
  await database.query(`DELETE FROM anomaly.outlooks WHERE tenant = $1 AND shard = $2 AND service <> ALL ($3)`, [
    tenant,
    shard,
    names,
  ])
}
