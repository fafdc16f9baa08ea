/** PostgreSQL: does it answer, and how far are its schemas migrated? */
import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Pool } from 'pg'
import { openPool } from '../../bus/postgres/pool.ts'
import { type Check, type Finding, notConfigured, ok } from './check.ts'
import { doctor as texts } from './texts.ts'

const CONNECT_MS = 8000
const MOST_SKEW_MS = 5000

/** Folder of each schema's migrations; the durable engine migrates its own schema. */
export const MIGRATIONS: Readonly<Record<string, string>> = {
  bus: 'bus/postgres/migrations',
  runtime: 'agents/runtime/migrations',
  evidence: 'agents/runtime/evidence-migrations',
  executor: 'agents/executor/migrations',
  changes: 'agents/tools/changes/migrations',
  postmortem: 'agents/postmortem/migrations',
  anomaly: 'agents/anomaly/migrations',
  gateway: 'gateway/views/migrations',
  gateway_requests: 'gateway/idempotency/migrations',
  control_plane: 'embedded/control-plane/migrations',
}

export function postgresChecks(databaseUrl: string | undefined): Check[] {
  if (databaseUrl === undefined)
    return ['postgres', 'migrations', 'postgres_clock'].map((id) => ({
      id,
      look: async () => notConfigured('DATABASE_URL'),
    }))
  const using = async (work: (pool: Pool) => Promise<Finding>) => {
    const pool = openPool({ connectionString: databaseUrl, max: 1, connectionTimeoutMillis: CONNECT_MS })
    try {
      return await work(pool)
    } finally {
      await pool.end()
    }
  }
  return [
    { id: 'postgres', look: () => using(version) },
    { id: 'migrations', look: () => using(migrations) },
    { id: 'postgres_clock', look: () => using(clock).catch(() => texts.notChecked('postgres')) },
  ]
}

async function version(pool: Pool): Promise<Finding> {
  const { rows } = await pool.query<{ server_version: string }>('SHOW server_version')
  return ok(texts.postgres(rows[0]?.server_version ?? '?'))
}

/** Leases, expiries and heartbeats compare both clocks. */
async function clock(pool: Pool): Promise<Finding> {
  // the first query also connects
  await pool.query('SELECT')
  const before = Date.now()
  const { rows } = await pool.query<{ ms: string }>('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms')
  const after = Date.now()
  const ms = Number(rows[0]?.ms)
  const skewMs = ms < before ? ms - before : ms > after ? ms - after : 0
  if (Math.abs(skewMs) <= MOST_SKEW_MS) return ok(texts.clockAgrees)
  return { state: 'warning', says: texts.clocksDiffer([`PostgreSQL ${(skewMs / 1000).toFixed(0)} s`]), todo: texts.syncClocks } // prettier-ignore
}

async function migrations(pool: Pool): Promise<Finding> {
  const behind: string[] = []
  const ahead: string[] = []
  let made = 0
  for (const [schema, dir] of Object.entries(MIGRATIONS)) {
    const applied = await appliedIn(pool, schema)
    // a component that never ran here has no schema yet
    if (applied === null) continue
    made += 1
    const own = globSync('*.sql', { cwd: join(import.meta.dirname, '../..', dir) }).map((file) => basename(file, '.sql')) // prettier-ignore
    if (own.some((name) => !applied.includes(name))) behind.push(schema)
    if (applied.some((name) => !own.includes(name))) ahead.push(schema)
  }
  if (ahead.length > 0) return { state: 'failed', says: texts.ahead(ahead), todo: texts.upgrade }
  if (made > 0 && behind.length === 0) return ok(texts.migrated)
  const { rows } = await pool.query<{ may: boolean }>(`SELECT has_database_privilege(current_database(), 'CREATE') AS may`) // prettier-ignore
  if (rows[0]?.may !== true) return { state: 'failed', says: texts.mayNotMigrate, todo: texts.grantCreate }
  return { state: 'warning', says: made === 0 ? texts.notMigrated : texts.behind(behind), todo: texts.migrate }
}

async function appliedIn(pool: Pool, schema: string): Promise<string[] | null> {
  const { rows } = await pool.query<{ known: boolean }>('SELECT to_regclass($1) IS NOT NULL AS known', [
    `${schema}.migrations`,
  ])
  if (rows[0]?.known !== true) return null
  // the name is one of ours
  const { rows: applied } = await pool.query<{ name: string }>(`SELECT name FROM ${schema}.migrations`)
  return applied.map(({ name }) => name)
}
