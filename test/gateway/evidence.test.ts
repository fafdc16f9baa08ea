import { join } from 'node:path'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migrate } from '../../bus/postgres/migrate.ts'
import { evidence, requested } from './records.ts'
import { startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform.close())

const session = uuid()
const seen = evidence(session)
const { evidence_id } = seen.value
const read = (id = evidence_id) => platform.ask('bob', 'GET', `/api/v1/diagnostics/${session}/evidence/${id}`)

describe('evidence', () => {
  test('comes from its event if there is no store, marked as downsampled', async () => {
    await platform.tell(requested(session), seen)
    expect(await read()).toMatchObject({
      status: 200,
      body: {
        evidence_id,
        tool: 'prometheus',
        query: 'up',
        time_range: { start: '2025-10-09T08:53:20.000Z', end: '2025-10-09T09:03:20.000Z' },
        data: { series: [1, 2] },
        downsampled: true,
      },
    })
  })
  test("comes in full from the agents' store", async () => {
    await withStore(`INSERT INTO evidence.items VALUES ('${evidence_id}', 'default', '${session}', 'assistant/1', 'prometheus',
      'golden-signals', 'ok', 'up', NULL, NULL, 'http://prometheus/graph', '1 series', NULL, '["truncated"]',
      '{"series": [1, 1.5, 2, 2.5], "unit": null}', 1, 12.5)`)
    expect((await read()).body).toMatchObject({
      data: { series: [1, 1.5, 2, 2.5], unit: null },
      downsampled: false,
      warnings: ['truncated'],
      time_range: null,
      redactions: 1,
    })
  })
  test('of another tenant in the store looks unknown', async () => {
    const foreign = uuid()
    await withStore(`INSERT INTO evidence.items SELECT '${foreign}', 'other', session_id, run_id, tool, operation, status, query,
      range_start, range_end, link, summary, error, warnings, data, redactions, duration_ms FROM evidence.items`)
    expect((await read(foreign)).status).toBe(404)
  })
  test('that the store has in full is not copied to the views, and says so once the store has deleted it', async () => {
    const [stored, lost] = [uuid(), uuid()]
    for (const id of [stored, lost])
      await withStore(`INSERT INTO evidence.items SELECT '${id}', tenant, session_id, run_id, tool, operation, status, query, range_start,
        range_end, link, summary, error, warnings, data, redactions, duration_ms FROM evidence.items WHERE evidence_id = '${evidence_id}'`)
    const told = (id: string) => ({
      ...seen,
      value: { ...seen.value, event_id: uuid(), evidence_id: id, downsampled: false },
    })
    await platform.tell(told(stored), told(lost))
    await withStore(`DELETE FROM evidence.items WHERE evidence_id = '${lost}'`)
    expect((await read(stored)).body).toMatchObject({ data: { series: [1, 1.5, 2, 2.5] }, downsampled: false })
    expect((await read(lost)).body).toMatchObject({ query: 'up', data: null, downsampled: true })
  })
  test('that was never recorded is not found', async () => {
    expect((await read(uuid())).status).toBe(404)
  })
})

/** Creates the store as the agents do; the gateway only reads it. */
async function withStore(statement: string): Promise<void> {
  const migrations = join(import.meta.dirname, '../../agents/runtime/evidence-migrations')
  await migrate(platform.databaseUrl, 'evidence', migrations)
  await platform.pool.query(statement)
}
