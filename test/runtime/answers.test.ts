/** How answers are stored: compressed, once per tenant, and for as long as evidence refers to them. */
import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createEvidenceStore, type EvidenceOwner } from '../../agents/runtime/evidence.ts'
import { forgetAnswers, forgetEvidence, sweep } from '../../agents/runtime/retention.ts'
import { prepareRuntime } from '../../agents/runtime/runtime.ts'
import type { ToolResult } from '../../agents/runtime/tool-result.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { findEvidence } from '../../gateway/views/evidence.ts'
import { createDatabase, type Database } from '../servers/postgres.ts'

let database: Database
let pool: Pool
beforeAll(async () => {
  database = await createDatabase('answers')
  await prepareRuntime(database.url)
  pool = openPool({ connectionString: database.url, max: 4 })
})
afterAll(async () => {
  await pool?.end()
  await database?.drop()
})
beforeEach(() => pool.query('TRUNCATE evidence.items, evidence.answers'))

const DAY_MS = 86_400_000
const owner = (tenant = 'default'): EvidenceOwner => ({ runId: `assistant/${randomUUID()}`, sessionId: randomUUID(), tenant, agent: 'assistant' }) // prettier-ignore
const answer = (about: string, durationMs = 1): ToolResult<unknown> => ({
  ...{ tool: 'prometheus', operation: 'golden-signals', query: `rate(${about})`, link: 'http://prometheus/graph' },
  ...{ range: { start: 1_764_000_000_000, end: 1_764_000_600_000 }, warnings: ['truncated'], incomplete: true },
  ...{ durationMs, status: 'ok', summary: '1 series' },
  data: { about, times: Array.from({ length: 500 }, (_, index) => 1_764_000_000_000 + index * 1200) },
})
const answers = async () =>
  (await pool.query<{ tenant: string; bytes: number }>('SELECT tenant, length(packed) AS bytes FROM evidence.answers'))
    .rows
const age = (days: number, where = 'true') =>
  pool.query(`WITH items AS (UPDATE evidence.items SET created_at = created_at - $1 * interval '1 day' WHERE ${where})
    UPDATE evidence.answers SET kept_at = kept_at - $1 * interval '1 day'`, [days]) // prettier-ignore
const forget = (keepMs = 30 * DAY_MS) => sweep({ pool, forget: [forgetEvidence(pool), forgetAnswers(pool)], keepMs })

it('keeps the same answer of many sessions once, compressed, and each reads it in full', async () => {
  const [one, other] = [createEvidenceStore(pool), createEvidenceStore(pool)]
  const kept = [
    ...(await one.keep(owner(), 'gather', [answer('cart', 1), answer('cart', 2)])),
    ...(await one.keep(owner(), 'gather', [answer('cart', 3)])),
    ...(await other.keep(owner(), 'gather', [answer('cart', 4)])),
  ]
  const told = await answers()
  expect(told).toHaveLength(1)
  expect(told[0]!.bytes * 5).toBeLessThan(JSON.stringify(answer('cart')).length)
  const loaded = await createEvidenceStore(pool).load(kept.map(({ id }) => id))
  expect(loaded).toEqual([1, 2, 3, 4].map((ms, at) => ({ ...answer('cart', ms), error: null, id: kept[at]!.id, hash: kept[0]!.hash!, redactions: 0 }))) // prettier-ignore
})

it('shares no answer between tenants', async () => {
  const store = createEvidenceStore(pool)
  const [mine, theirs] = [owner('mine'), owner('theirs')]
  await store.keep(mine, 'gather', [answer('cart')])
  const [kept] = await store.keep(theirs, 'gather', [answer('cart')])
  expect((await answers()).map(({ tenant }) => tenant).sort()).toEqual(['mine', 'theirs'])
  await pool.query(`DELETE FROM evidence.items WHERE tenant = 'mine'`)
  await age(31, 'false')
  await forget()
  expect((await answers()).map(({ tenant }) => tenant)).toEqual(['theirs'])
  const key = { session_id: theirs.sessionId, evidence_id: kept!.id }
  expect(await findEvidence(pool, { ...key, tenant: 'theirs' })).toMatchObject({ data: answer('cart').data })
})

it('redacts before it stores', async () => {
  const [kept] = await createEvidenceStore(pool).keep(owner(), 'gather', [{ ...answer('cart'), data: { log: 'password=hunter2hunter2' } } as never]) // prettier-ignore
  const { rows } = await pool.query(`SELECT encode(packed, 'escape') AS packed FROM evidence.answers`)
  expect(JSON.stringify(rows)).not.toContain('hunter2')
  expect(await createEvidenceStore(pool).load([kept!.id])).toMatchObject([{ data: { log: 'password=[REDACTED]' }, redactions: 1 }]) // prettier-ignore
})

it('deletes an answer with the last evidence that refers to it, but not within a day', async () => {
  const store = createEvidenceStore(pool)
  const [old, recent] = [owner(), owner()]
  await store.keep(old, 'gather', [answer('cart'), answer('checkout')])
  await age(31)
  await createEvidenceStore(pool).keep(recent, 'gather', [answer('cart')])
  await forget()
  const { rows } = await pool.query('SELECT session_id FROM evidence.items')
  expect(rows).toEqual([{ session_id: recent.sessionId }])
  expect(await answers()).toHaveLength(1)
  await pool.query('DELETE FROM evidence.items')
  await forget(0)
  expect(await answers()).toHaveLength(1)
  await age(2)
  await forget(0)
  expect(await answers()).toEqual([])
})

it('keeps the answers of unfinished runs, however old', async () => {
  const open = owner()
  await createEvidenceStore(pool).keep(open, 'gather', [answer('cart')])
  await pool.query(
    `INSERT INTO runtime.runs (run_id, agent, once_key, attempt, tenant, event, topic, partition, "offset", published_at, record, headers, status)
     VALUES ($1, 'assistant', $1, 0, 'default', 'DiagnosisRequested', 't', 0, '0', now(), '', '{}', 'started')`,
    [open.runId],
  )
  await age(31)
  await forget()
  expect(await answers()).toHaveLength(1)
})

it('stores an answer again that the database has lost', async () => {
  const store = createEvidenceStore(pool)
  await store.keep(owner(), 'gather', [answer('cart'), answer('checkout')])
  await pool.query('TRUNCATE evidence.items, evidence.answers')
  const kept = await store.keep(owner(), 'gather', [answer('cart'), answer('payment')])
  expect(await store.load(kept.map(({ id }) => id))).toMatchObject([answer('cart'), answer('payment')])
})

it('stores overlapping answers of many processes at once', { timeout: 120_000 }, async () => {
  const about = Array.from({ length: 20 }, (_, index) => `service-${index}`)
  const stores = Array.from({ length: 4 }, () => createEvidenceStore(pool))
  for (let round = 0; round < 10; round++)
    await Promise.all(
      stores.map((store, at) => {
        const asked = at % 2 === 0 ? about : about.toReversed()
        return store.keep(owner(), 'gather', asked.map((one) => answer(`${one} ${round}`))) // prettier-ignore
      }),
    )
  expect(await answers()).toHaveLength(200)
})

it('reads rows from before answers had their own table', async () => {
  const [id, session] = [randomUUID(), randomUUID()]
  const { data, query, link, summary, warnings, range } = answer('cart')
  await pool.query(
    `INSERT INTO evidence.items (evidence_id, tenant, session_id, run_id, tool, operation, status, query, range_start, range_end, link, summary,
       warnings, incomplete, data, redactions, duration_ms)
     VALUES ($1, 'default', $2, 'assistant/1', 'prometheus', 'golden-signals', 'ok', $3, to_timestamp($4 / 1000.0), to_timestamp($5 / 1000.0), $6, $7,
       $8, true, $9, 0, 1)`,
    [id, session, query, range!.start, range!.end, link, summary, JSON.stringify(warnings), JSON.stringify(data)],
  )
  expect(await createEvidenceStore(pool).load([id])).toEqual([{ ...answer('cart'), error: null, id, redactions: 0 }])
  expect(await findEvidence(pool, { tenant: 'default', session_id: session, evidence_id: id })).toMatchObject({
    ...{ query, link, summary, warnings, data, downsampled: false },
    time_range: { start: new Date(range!.start).toISOString(), end: new Date(range!.end).toISOString() },
  })
})
