/** Cancellations of unknown sessions, and idempotency keys of one caller: kept up to a limit, counted beyond it. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Pool } from 'pg'
import { prepareRuntime } from '../../agents/runtime/runtime.ts'
import { createRunStore } from '../../agents/runtime/runs.ts'
import { droppedChannel, type Dropped } from '../../bus/dropped.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { migrateKeys, purgeKeys } from '../../gateway/idempotency/keys.ts'
import { createDatabase, type Database } from '../servers/postgres.ts'

let database: Database
let pool: Pool
const dropped: Dropped[] = []
const count = (message: unknown) => void dropped.push(message as Dropped)
beforeAll(async () => {
  database = await createDatabase('dropped')
  await prepareRuntime(database.url)
  await migrateKeys(database.url)
  pool = openPool({ connectionString: database.url, max: 2 })
  droppedChannel.subscribe(count)
})
afterAll(async () => {
  droppedChannel.unsubscribe(count)
  await pool?.end()
  await database?.drop()
})

it('cancellations of sessions without a run are held up to a limit; one of a running session always counts', async () => {
  const runs = createRunStore(pool)
  for (let n = 0; n < 50; n++) await runs.cancel('assistant', 'default', `unknown-${n}`, 10)
  await pool.query(
    `INSERT INTO runtime.runs (run_id, agent, once_key, attempt, tenant, session_id, event, topic, partition, "offset", published_at, record, headers)
     VALUES ('r', 'assistant', 'k', 0, 'default', 'known', 'DiagnosisRequested', 't', 0, '0', now(), '', '{}')`,
  )
  await runs.cancel('assistant', 'default', 'known', 10)
  expect((await pool.query('SELECT FROM runtime.cancellations')).rowCount).toBe(11)
  expect(await runs.isCancelled({ agent: 'assistant', tenant: 'default', sessionId: 'known' })).toBe(true)
  expect(dropped.filter(({ what }) => what === 'cancellation')).toHaveLength(40)
  // the session has no run under another tenant
  for (let n = 0; n < 5; n++) await runs.cancel('assistant', `made-up-${n}`, 'known', 10)
  expect((await pool.query('SELECT FROM runtime.cancellations')).rowCount).toBe(11)
})

it("of one caller's idempotency keys the newest are kept, and other callers' are not affected", async () => {
  const add = (caller: string, many: number) =>
    pool.query(
      `INSERT INTO gateway_requests.keys (caller, key, request_hash, prepared, published)
       SELECT $1, n::text, 'h', '{}', true FROM generate_series(1, $2::int) AS n`,
      [caller, many],
    )
  await add('busy', 50)
  await add('quiet', 3)
  await purgeKeys(pool, 10)
  const { rows } = await pool.query(
    'SELECT caller, count(*)::int AS n FROM gateway_requests.keys GROUP BY 1 ORDER BY 1',
  )
  expect(rows).toEqual([{ caller: 'busy', n: 10 }, { caller: 'quiet', n: 3 }]) // prettier-ignore
  expect(dropped.at(-1)).toEqual({ what: 'idempotency_key', count: 40 })
})
