/** Limits on what anyone who writes to the bus can make the views store. */
import type { Pool } from 'pg'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readDeadLetter } from '../../bus/dead-letter.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import type { ViewEvent } from '../../gateway/views/fold.ts'
import { purgeViews } from '../../gateway/views/purge.ts'
import { startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'
import { approvalRequested, completed, progressed, requested } from './records.ts'

const viewBounds = { sessionEvents: 20, spare: 5, sessionApprovals: 3, heldSessions: 40 }
let platform: Platform
let pool: Pool
beforeAll(async () => {
  platform = await startPlatform({ viewBounds, limits: { read: 100_000 } })
  pool = openPool({ connectionString: platform.databaseUrl, max: 2 })
})
afterAll(async () => {
  await pool.end()
  await platform.close()
})

const publish = async (events: readonly ViewEvent[]) =>
  platform.bus.publish(await Promise.all(events.map(({ event, value }) => platform.bus.encode(event, value))))
const rowsOf = async (sql: string, values: unknown[] = []) => (await pool.query(sql, values)).rowCount ?? 0

/** Dead letters of these events, once all have been processed. */
async function putAside(events: readonly ViewEvent[], kept: number) {
  const ids = new Set(events.map(({ value }) => value.event_id))
  const topic = platform.options.contract.topicOf(events[0]!.event).name
  const letters = async () => {
    const found = []
    for await (const delivery of platform.bus.browse(`${topic}.gateway.dlq`)) {
      const letter = readDeadLetter(delivery)
      const { value } = await platform.bus.decode({ ...delivery, origin: letter.origin, value: letter.value })
      if (ids.has(value.event_id)) found.push(letter)
    }
    return found
  }
  await expect.poll(async () => (await letters()).length, { timeout: 60_000 }).toBe(events.length - kept)
  return letters()
}

test('events of one session are kept up to a limit, with extra room for its result', async () => {
  const session = uuid()
  await platform.tell(requested(session))
  const flood = Array.from({ length: 200 }, (_, sequence) => progressed(session, 10, { sequence }))
  await publish(flood)
  const letters = await putAside(flood, viewBounds.sessionEvents - 1)
  expect(letters[0]).toMatchObject({ code: 'too_many', reason: 'the session already has 20 events' })
  await platform.tell(completed(session))
  expect((await platform.ask('bob', 'GET', `/api/v1/diagnostics/${session}/status`)).body).toMatchObject({ status: 'completed' }) // prettier-ignore
  const { text } = await platform.ask(null, 'GET', '/api/v1/metrics')
  expect(text).toMatch(/sre_dropped_total\{what="session_event"\} 181/)
})

test('events of one session are counted together, however its id is spelt', async () => {
  const session = uuid()
  await platform.tell(requested(session))
  const spelt = [session.toUpperCase(), `{${session}}`, session.replaceAll('-', '')]
  const flood = Array.from({ length: 60 }, (_, sequence) => progressed(spelt[sequence % 3]!, 10, { sequence }))
  const records = await Promise.all(flood.map(({ event, value }) => platform.bus.encode(event, value)))
  // one key, so one partition; each batch is counted separately
  await platform.bus.publish(records.map((record) => ({ ...record, key: session })))
  await putAside(flood, viewBounds.sessionEvents - 1)
})

test('approvals of one session are kept up to a limit', async () => {
  const session = uuid()
  await platform.tell(requested(session))
  const flood = Array.from({ length: 30 }, () => approvalRequested(session, uuid()))
  await publish(flood)
  await putAside(flood, viewBounds.sessionApprovals)
  expect(await rowsOf('SELECT FROM gateway.approvals WHERE session_id = $1', [session])).toBe(3)
})

test('sessions without a request are held up to a limit; a later request still counts', async () => {
  const flood = Array.from({ length: 200 }, () => progressed(uuid(), 10))
  await publish(flood)
  const held = () => rowsOf('SELECT FROM gateway.sessions WHERE requested_at IS NULL')
  await expect.poll(held, { timeout: 60_000 }).toBe(viewBounds.heldSessions)
  await putAside(flood, viewBounds.heldSessions)
  await platform.tell(requested(uuid()))
})

test('a session without a request is deleted after a day, with its events', async () => {
  const session = uuid()
  await pool.query(`INSERT INTO gateway.sessions (session_id, tenant) VALUES ($1, 'default')`, [session])
  await pool.query(
    `INSERT INTO gateway.session_events (event_id, session_id, tenant, event, occurred_at, body) VALUES ($1, $2, 'default', 'x', 0, '{}')`,
    [uuid(), session],
  )
  await purgeViews(pool, 0, Date.now() + 3_600_000)
  expect(await rowsOf('SELECT FROM gateway.sessions WHERE session_id = $1', [session])).toBe(1)
  await purgeViews(pool, 0, Date.now() + 90_000_000)
  expect(await rowsOf('SELECT FROM gateway.sessions WHERE session_id = $1', [session])).toBe(0)
  expect(await rowsOf('SELECT FROM gateway.session_events WHERE session_id = $1', [session])).toBe(0)
})

test('an event dated centuries away expires by its arrival', async () => {
  const [session, approval, occurred_at] = [uuid(), uuid(), Date.UTC(3000, 0)]
  await platform.tell(requested(session, { occurred_at }))
  await platform.tell(progressed(session, 10, { occurred_at }))
  await platform.tell(approvalRequested(session, approval, { occurred_at }))
  await purgeViews(pool, Date.now() + 3_600_000)
  expect(await rowsOf('SELECT FROM gateway.sessions WHERE session_id = $1', [session])).toBe(0)
  expect(await rowsOf('SELECT FROM gateway.session_events WHERE session_id = $1', [session])).toBe(0)
  expect(await rowsOf('SELECT FROM gateway.approvals WHERE approval_id = $1', [approval])).toBe(0)
})

test('a tenant that cannot be stored becomes a dead letter, and does not block others', async () => {
  const session = uuid()
  const odd = [progressed(session, 10, { tenant: 'a\u0000' })]
  await publish(odd)
  expect(await putAside(odd, 0)).toMatchObject([{ code: 'cannot_be_folded' }])
  await platform.tell(requested(session))
})
