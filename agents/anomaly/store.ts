/** What the anomaly agent keeps in PostgreSQL: who watches, what is known of each service, and what is to be published. */
import { channel } from 'node:diagnostics_channel'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Pool } from 'pg'
import type { OutlookState } from '../../analysis/filling/outlook.ts'
import type { ServiceState } from '../../analysis/watch/service-watch.ts'
import type { WatcherState } from '../../analysis/watch/watcher.ts'
import type { Bus, EncodedRecord } from '../../bus/bus.ts'
import { migrate } from '../../bus/postgres/migrate.ts'
import { type Database, transaction } from '../../bus/postgres/transaction.ts'
import { type Forget, forgetRows } from '../runtime/retention.ts'
import { type Deployed, loadDeployments } from './deployments.ts'
import { loadExceptions, widenExpected } from './follow-exceptions.ts'
import type { Covered, ToldException } from './kept-out.ts'
import { holdLeases, keepLease, type Leases, releaseLeases } from './leases.ts'
import type { Asked } from './policy.ts'
import type { Part } from './shards.ts'
import { loadOutlook, saveOutlook } from './store-outlook.ts'

export const prepareAnomalies = (databaseUrl: string): Promise<void> =>
  migrate(databaseUrl, 'anomaly', join(import.meta.dirname, 'migrations'))

/** As the runtime says of its runs where they are (`stepChannel`). `store`: the state and what was concluded from it; `publish`: a batch of that. */
const steps = channel('sre:step')
const reached = (step: 'store' | 'publish', phase: 'before' | 'done' | 'journaled'): void => steps.publish({ run: 'anomaly', step, phase }) // prettier-ignore

const BATCH = 100

export interface ToPublish {
  eventId: string
  record: EncodedRecord
}

/** What is known of the services of a part. */
export interface States {
  watcher: WatcherState
  outlook: OutlookState
}

export interface Request extends Asked {
  sessionId: string
}

export interface Concluding {
  /** ms since the epoch */
  since: number
  /** `asked`: the tenant's requests since then; no other process adds to them meanwhile */
  conclude(asked: readonly Request[]): Promise<{ records: readonly ToPublish[]; requests: readonly Request[] }>
}

export function createAnomalyStore(pool: Pool) {
  return {
    /** Renews the leases of a process for `ms`, takes those that are free, and gives up those beyond its fair share. */
    hold: (owner: string, ms: number): Promise<Leases> => holdLeases(pool, owner, ms),

    /** Gives the leases up, so that another process need not wait for their end. */
    release: (owner: string): Promise<void> => releaseLeases(pool, owner),

    /** The shard of each service that is known, by service. */
    async shards(tenant: string): Promise<ReadonlyMap<string, number>> {
      const { rows } = await pool.query<{ service: string; shard: number }>(
        `SELECT service, shard FROM anomaly.services WHERE tenant = $1`,
        [tenant],
      )
      return new Map(rows.map(({ service, shard }) => [service, shard]))
    },

    /** null: nothing is known. */
    async load({ tenant, shard }: Part): Promise<WatcherState | null> {
      const { rows } = await pool.query<{ step_ms: number; closed_until: string; open: WatcherState['open'] }>(
        `SELECT step_ms, closed_until, open FROM anomaly.watches WHERE tenant = $1 AND shard = $2`,
        [tenant, shard],
      )
      const [watch] = rows
      if (watch === undefined) return null
      const { rows: states } = await pool.query<{ state: Buffer }>(
        `SELECT state FROM anomaly.services WHERE tenant = $1 AND shard = $2`,
        [tenant, shard],
      )
      const services = states.map(({ state }) => JSON.parse(gunzipSync(state).toString('utf8')) as ServiceState)
      return { stepMs: watch.step_ms, closedUntil: Number(watch.closed_until), services, open: watch.open }
    },

    /** null: it never watched. */
    loadOutlook: (part: Part, stepMs: number): Promise<OutlookState | null> => loadOutlook(pool, part, stepMs),

    /** Those that end at `since` or later, ms since the epoch. */
    exceptions: (tenant: string, since: number): Promise<ToldException[]> => loadExceptions(pool, tenant, since),

    /** Those at `since` or later, ms since the epoch. */
    deployments: (tenant: string, since: number): Promise<Deployed[]> => loadDeployments(pool, tenant, since),

    /** Adds what an expected anomaly has become. */
    widen: (tenant: string, covered: Covered): Promise<void> => widenExpected(pool, tenant, covered),

    /**
     * Keeps the state and what is concluded from it, all or nothing; null: nothing is to be concluded. Throws `LeaseLostError` if another process watches the
     * shard now.
     */
    async save(owner: string, part: Part, { watcher, outlook }: States, concluding: Concluding | null): Promise<void> {
      reached('store', 'before')
      await transaction(pool, async (client) => {
        await keepLease(client, owner, part.shard)
        await saveState(client, part, watcher)
        await saveOutlook(client, part, outlook)
        if (concluding !== null) await saveConclusions(client, part, concluding)
        reached('store', 'done')
      })
      reached('store', 'journaled')
    },

    /** The requests since `since`, ms since the epoch. */
    asked: (tenant: string, since: number): Promise<Request[]> => loadRequests(pool, tenant, since),

    /** Publishes what is committed, in order, unless another process is doing so; a record may be published twice, with the same bytes. */
    async publish(bus: Pick<Bus, 'publish'>): Promise<void> {
      let published = 0
      await transaction(pool, async (client) => {
        const lock = await client.query<{ mine: boolean }>(`SELECT pg_try_advisory_xact_lock(hashtextextended('anomaly outbox', 0)) AS mine`) // prettier-ignore
        if (lock.rows[0]?.mine !== true) return
        for (;;) {
          const { rows } = await client.query<EncodedRecord & { id: string }>(
            `SELECT id, topic, key, value, headers FROM anomaly.outbox WHERE published_at IS NULL ORDER BY id LIMIT $1`,
            [BATCH],
          )
          if (rows.length === 0) return
          await bus.publish(rows.map(({ topic, key, value, headers }) => ({ topic, key, value, headers })))
          published += rows.length
          reached('publish', 'done')
          const ids = rows.map(({ id }) => id)
          await client.query(`UPDATE anomaly.outbox SET published_at = clock_timestamp() WHERE id = ANY($1)`, [ids])
        }
      })
      if (published > 0) reached('publish', 'journaled')
    },
  }
}

export type AnomalyStore = ReturnType<typeof createAnomalyStore>

/** Services that were not measured for a week are no part of the state any more. */
async function saveState(
  client: Database,
  { tenant, shard }: Part,
  { stepMs, closedUntil, services, open }: WatcherState,
): Promise<void> {
  await client.query(
    `INSERT INTO anomaly.watches (tenant, shard, step_ms, closed_until, open) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (tenant, shard) DO UPDATE SET step_ms = $3, closed_until = $4, open = $5`,
    [tenant, shard, stepMs, closedUntil, JSON.stringify(open)],
  )
  const names = services.map(({ service }) => service)
  await client.query(
    `INSERT INTO anomaly.services AS kept (tenant, shard, service, state) SELECT $1, $2, * FROM unnest($3::text[], $4::bytea[])
     ON CONFLICT (tenant, service) DO UPDATE SET state = excluded.state WHERE kept.shard = excluded.shard`,
    [tenant, shard, names, services.map((one) => gzipSync(JSON.stringify(one), { level: 1 }))],
  )
  await client.query(`DELETE FROM anomaly.services WHERE tenant = $1 AND shard = $2 AND service <> ALL ($3)`, [
    tenant,
    shard,
    names,
  ])
}

async function loadRequests(database: Database, tenant: string, since: number): Promise<Request[]> {
  const { rows } = await database.query<Request>(
    `SELECT session_id AS "sessionId", service, (extract(epoch FROM asked_at) * 1000)::float8 AS at FROM anomaly.requests
     WHERE tenant = $1 AND asked_at >= to_timestamp($2)`,
    [tenant, since / 1000],
  )
  return rows
}

/** One process at a time concludes for a tenant: the policy limits what all of them ask for together. */
async function saveConclusions(client: Database, { tenant }: Part, { since, conclude }: Concluding): Promise<void> {
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('anomaly requests ' || $1, 0))`, [tenant])
  const { records, requests } = await conclude(await loadRequests(client, tenant, since))
  for (const { eventId, record } of records)
    await client.query(
      `INSERT INTO anomaly.outbox (event_id, topic, key, value, headers) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (event_id) DO NOTHING`,
      [eventId, record.topic, record.key, record.value, JSON.stringify(record.headers)],
    )
  for (const { sessionId, service, at } of requests)
    await client.query(
      `INSERT INTO anomaly.requests (session_id, tenant, service, asked_at) VALUES ($1, $2, $3, to_timestamp($4))
       ON CONFLICT DO NOTHING`,
      [sessionId, tenant, service, at / 1000],
    )
}

/** Published records, old requests and deployments, and exceptions that are over. */
export const forgetAnomalies = (pool: Pool): Forget[] => [
  forgetRows(
    pool,
    `DELETE FROM anomaly.deployments WHERE (tenant, change_id) IN (
       SELECT tenant, change_id FROM anomaly.deployments WHERE deployed_at < extract(epoch FROM $1::timestamptz) * 1000 LIMIT $2)`,
  ),
  forgetRows(
    pool,
    `DELETE FROM anomaly.outbox WHERE id = ANY(ARRAY(SELECT id FROM anomaly.outbox WHERE published_at < $1 LIMIT $2))`,
  ),
  forgetRows(
    pool,
    `DELETE FROM anomaly.requests WHERE session_id = ANY(ARRAY(
       SELECT session_id FROM anomaly.requests WHERE asked_at < least($1, clock_timestamp() - interval '1 day') LIMIT $2))`,
  ),
  forgetRows(
    pool,
    `DELETE FROM anomaly.exceptions WHERE (tenant, id) IN (
       SELECT tenant, id FROM anomaly.exceptions WHERE greatest(ends_at, told_at) < extract(epoch FROM $1::timestamptz) * 1000 LIMIT $2)`,
  ),
]
