/** How emissions are stored until they are published. */
import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createRunStore } from '../../agents/runtime/runs.ts'
import { prepareRuntime } from '../../agents/runtime/runtime.ts'
import type { EncodedRecord } from '../../bus/bus.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { createDatabase, type Database } from '../servers/postgres.ts'

let database: Database
let pool: Pool
beforeAll(async () => {
  database = await createDatabase('emissions')
  await prepareRuntime(database.url)
  pool = openPool({ connectionString: database.url, max: 2 })
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

const records: EncodedRecord[] = [
  { topic: 'one', key: 'clé', value: Buffer.from([0, 1, 255]), headers: { ce_id: '1', note: 'ü "quoted"' } },
  { topic: 'two', key: '', value: Buffer.alloc(0), headers: {} },
  { topic: 'one', key: 'k', value: Buffer.alloc(500_000, 'evidence '), headers: {} },
]

async function started(): Promise<{ runId: string; owner: string }> {
  const [runId, owner] = [`assistant/${randomUUID()}`, randomUUID()]
  const store = createRunStore(pool)
  const origin = { topic: 't', partition: 0, offset: '0', timestamp: 0 }
  const run = { agent: 'assistant', onceKey: runId, attempt: 0, tenant: 'default', sessionId: null, event: 'DiagnosisRequested', dueAt: null } // prettier-ignore
  expect(await store.accept([{ ...run, runId, origin, key: null, record: Buffer.alloc(1), headers: {} } as never])).toEqual(new Set([runId])) // prettier-ignore
  await pool.query(`UPDATE runtime.runs SET status = 'started', owner = $2 WHERE run_id = $1`, [runId, owner])
  return { runId, owner }
}

it('a repeat gets the records that were stored first, byte for byte, until they are published', async () => {
  const place = { ...(await started()), number: 0 }
  const store = createRunStore(pool)
  expect(await store.record(place, records)).toMatchObject({ repeat: false, published: false })
  const repeat = await store.record(place, [records[1]!])
  expect(repeat).toEqual({ topics: ['one', 'two', 'one'], records, repeat: true, published: false })
  await store.published(place)
  expect(await store.record(place, records)).toMatchObject({ records: [], repeat: true, published: true })
  const { rows } = await pool.query<{ bytes: number }>('SELECT length(packed) AS bytes FROM runtime.emissions WHERE run_id = $1', [place.runId]) // prettier-ignore
  expect(rows[0]!.bytes).toBeLessThan(5_000)
})

it('records stored by an earlier version, which did not compress them, are published all the same', async () => {
  const place = { ...(await started()), number: 0 }
  await pool.query(
    'INSERT INTO runtime.emissions (run_id, number, topics, keys, headers, bodies) VALUES ($1, 0, $2, $3, $4, $5)',
    [
      place.runId,
      records.map(({ topic }) => topic),
      records.map(({ key }) => key),
      records.map(({ headers }) => JSON.stringify(headers)),
      records.map(({ value }) => value),
    ],
  )
  expect(await createRunStore(pool).emitted(place.runId, place.owner)).toEqual([
    { topics: ['one', 'two', 'one'], records, repeat: true, published: false },
  ])
})
