import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEvidenceStore } from '../../agents/runtime/evidence.ts'
import { evidenceEvents } from '../../agents/runtime/evidence-events.ts'
import { prepareRuntime } from '../../agents/runtime/runtime.ts'
import { headline, type ToolResult } from '../../agents/runtime/tool-result.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { fold, type ViewEvent } from '../../gateway/views/fold.ts'
import { migrateViews } from '../../gateway/views/views.ts'
import { createDatabase, type Database } from '../servers/postgres.ts'

let database: Database
let pool: Pool
beforeAll(async () => {
  database = await createDatabase('evidence')
  await prepareRuntime(database.url)
  await migrateViews(database.url)
  pool = openPool({ connectionString: database.url, max: 2 })
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

const call = { tool: 'loki', operation: 'logs', query: '{app="cart"}', range: null, link: null, warnings: [], incomplete: false, durationMs: 1 } // prettier-ignore

describe('evidence with characters a database cannot store', () => {
  const owner = { runId: `assistant/${randomUUID()}`, sessionId: randomUUID(), tenant: 'default', agent: 'assistant' }
  const nul = 'upstream closed\u0000 while reading'
  const results: ToolResult<unknown>[] = [
    {
      ...call,
      status: 'ok',
      summary: nul,
      warnings: ['\u0000'],
      data: { lines: [{ message: nul }, { message: 'a\ud83d' }], labels: { 'k\u0000': 'v' } },
    },
    { ...call, status: 'failed', summary: headline(`${'x'.repeat(199)}😀`), error: nul, data: null },
  ]

  it('is stored, and reads the same without those characters', async () => {
    const store = createEvidenceStore(pool)
    const kept = await store.keep(owner, 'logs', results)
    expect(await store.load(kept.map(({ id }) => id))).toMatchObject([
      {
        summary: 'upstream closed\ufffd while reading',
        warnings: ['\ufffd'],
        data: {
          lines: [{ message: 'upstream closed\ufffd while reading' }, { message: 'a\ufffd' }],
          labels: { 'k\ufffd': 'v' },
        },
      },
      { summary: `${'x'.repeat(199)}\ufffd`, error: 'upstream closed\ufffd while reading' },
    ])
  })

  it('leaves no connection with asynchronous commit behind', async () => {
    const alone = openPool({ connectionString: database.url, max: 1 })
    await createEvidenceStore(alone).keep(owner, 'logs', results)
    expect((await alone.query('SHOW synchronous_commit')).rows).toEqual([{ synchronous_commit: 'on' }])
    await alone.end()
  })

  it('is published in events that the views accept', async () => {
    const kept = await createEvidenceStore(pool).keep(owner, 'logs', results)
    const stamped = { event_id: randomUUID(), sequence: 0, tenant: 'default', occurred_at: 1 }
    const [told] = evidenceEvents(owner, kept)
    if (told?.event !== 'EvidenceRecorded') throw new Error('the first event tells the evidence')
    const event: ViewEvent = { event: told.event, value: { ...told.value, ...stamped } }
    await fold([event], { pool, readDecision: () => Promise.resolve(null) })
    const { rows } = await pool.query(`SELECT body->>'summary' AS summary FROM gateway.session_events`)
    expect(rows).toEqual([{ summary: 'upstream closed\ufffd while reading' }])
  })
})

describe('evidence with far too much foreign text', () => {
  const owner = { runId: `assistant/${randomUUID()}`, sessionId: randomUUID(), tenant: 'default', agent: 'assistant' }
  const much = '錯'.repeat(2_000_000)
  const warnings = Array.from({ length: 5_000 }, (_, index) => `${index} ${'x'.repeat(2_000)}`)
  const failed: ToolResult<unknown> = {
    ...call,
    query: much,
    warnings,
    status: 'failed',
    summary: 'failed',
    error: much,
    data: null,
  }

  it('is stored in full, and published in an event that fits and says what was left out', async () => {
    const store = createEvidenceStore(pool)
    const [kept] = await store.keep(owner, 'logs', [failed])
    expect(await store.load([kept!.id])).toMatchObject([{ query: much, error: much, warnings }])
    const [told] = evidenceEvents(owner, [kept!])
    expect(Buffer.byteLength(JSON.stringify(told?.value))).toBeLessThan(256 * 1024)
    expect(told?.value).toMatchObject({
      error: expect.stringMatching(/^錯+… \(1983616 more characters in the store\)$/),
      warnings: expect.arrayContaining(['4968 more warnings in the store']),
    })
  })
})
