import type { Pool } from 'pg'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openPool } from '../../bus/postgres/pool.ts'
import { fold } from '../../gateway/views/fold.ts'
import type { KnownDecision, ViewEvent } from '../../gateway/views/fold.ts'
import { findApproval } from '../../gateway/views/approvals.ts'
import { findEvidence } from '../../gateway/views/evidence.ts'
import { findSession, listSessions } from '../../gateway/views/sessions.ts'
import { purgeViews } from '../../gateway/views/purge.ts'
import { migrateViews } from '../../gateway/views/views.ts'
import { createDatabase } from '../servers/postgres.ts'
import type { Database } from '../servers/postgres.ts'
import {
  actionCompleted,
  approvalClosed,
  approvalRequested,
  closedLoop,
  completed,
  evidence,
  progressed,
  recommended,
  requested,
} from './records.ts'

let database: Database
let pool: Pool
let session: string
let approval: string

beforeAll(async () => {
  database = await createDatabase('views')
  await migrateViews(database.url)
  pool = openPool({ connectionString: database.url })
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})
beforeEach(() => {
  session = uuid()
  approval = uuid()
})

const noDecision = async () => null
const given = (...events: ViewEvent[]) => fold(events, { pool, readDecision: noDecision })
const state = () => findSession(pool, 'default', session)
const status = async () => (await state())?.status

/** Everything the views say about the session, in a fixed order. */
async function everything(sessionId: string, approvalId: string) {
  const { rows: events } = await pool.query(
    'SELECT event_id, event, body, evidence_data FROM gateway.session_events WHERE session_id = $1 ORDER BY event_id',
    [sessionId],
  )
  return {
    session: await findSession(pool, 'default', sessionId),
    approval: await findApproval(pool, 'default', approvalId),
    events,
  }
}

describe('a session', () => {
  test('is processing once it was requested', async () => {
    await given(requested(session))
    expect(await state()).toMatchObject({ status: 'processing', progress: 0, service: 'cart', kind: 'alert' })
  })
  test('is invisible before its request, and then includes earlier events', async () => {
    const seen = evidence(session)
    await given(progressed(session, 40), seen)
    expect(await state()).toBeNull()
    await given(requested(session))
    expect(await state()).toMatchObject({ progress: 40, step: 'gather' })
    const key = { tenant: 'default', session_id: session, evidence_id: seen.value.evidence_id }
    expect(await findEvidence(pool, key)).toMatchObject({ data: { series: [1, 2] }, downsampled: true })
  })
  test('belongs to its tenant only', async () => {
    await given(requested(session, { tenant: 'other' }))
    expect(await state()).toBeNull()
    expect(await findSession(pool, 'other', session)).toMatchObject({ status: 'processing' })
  })
  test('never goes back in progress or step', async () => {
    const early = progressed(session, 10, { step: 'gather' })
    await given(requested(session), progressed(session, 60, { step: 'analyse' }))
    await given(early)
    expect(await state()).toMatchObject({ progress: 60, step: 'analyse' })
  })
  test('keeps the highest revision of its result', async () => {
    await given(requested(session), completed(session, { revision: 2, verdict: 'nothing_wrong' }))
    await given(completed(session, { revision: 1 }))
    expect((await state())?.result).toMatchObject({ revision: 2, verdict: 'nothing_wrong' })
  })
  test('keeps the highest of several revisions in one batch', async () => {
    await given(requested(session), completed(session, { revision: 3 }), completed(session, { revision: 2 }))
    expect((await state())?.result?.revision).toBe(3)
  })
  test.each(['failed', 'cancelled', 'partial'])('that ended as %s has that status', async (end) => {
    await given(requested(session), completed(session, { status: end }))
    expect(await status()).toBe(end)
  })
})

describe('a session that proposes an action', () => {
  test('waits once its result announces an approval, acts once it is approved, and completes with the outcome', async () => {
    await given(requested(session), completed(session, { recommended_actions: recommended(approval) }))
    expect(await status()).toBe('awaiting_approval')
    await given(approvalRequested(session, approval))
    expect(await status()).toBe('awaiting_approval')
    await given(approvalClosed(session, approval))
    expect(await status()).toBe('acting')
    await given(actionCompleted(session, approval))
    expect(await status()).toBe('completed')
  })

  describe("with an approval that joined another session's", () => {
    const story = () => {
      const [mine, other, theirs] = [uuid(), uuid(), approval]
      const events = [
        ...[requested(other), completed(other, { recommended_actions: recommended(theirs) })],
        approvalRequested(other, theirs),
        ...[requested(mine), completed(mine, { recommended_actions: recommended(uuidOf(mine)) })],
        ...[approvalRequested(mine, uuidOf(mine)), approvalClosed(mine, uuidOf(mine), 'joined', theirs)],
      ]
      return { mine, other, theirs, events, statusOf: async () => (await findSession(pool, 'default', mine))?.status }
    }
    const uuidOf = (one: string) => `${one.slice(0, -4)}ffff`

    test('waits, acts and completes with that approval', async () => {
      const { other, theirs, events, statusOf } = story()
      await given(...events)
      expect(await statusOf()).toBe('awaiting_approval')
      await given(approvalClosed(other, theirs))
      expect(await statusOf()).toBe('acting')
      await given(actionCompleted(other, theirs))
      expect(await statusOf()).toBe('completed')
    })

    test.each(['rejected', 'expired', 'overtaken'])('ends when that approval is closed as %s', async (outcome) => {
      const { other, theirs, events, statusOf } = story()
      await given(approvalClosed(other, theirs, outcome), ...events.reverse())
      expect(await statusOf()).toBe('completed')
    })

    test('notifies its watchers about that approval', async () => {
      const { mine, other, theirs, events } = story()
      await given(...events)
      const client = await pool.connect()
      const told: string[] = []
      client.on('notification', ({ payload }) => told.push(...(payload ?? '').split(',')))
      await client.query('LISTEN gateway_sessions')
      await given(approvalClosed(other, theirs))
      await client.query('SELECT 1')
      await expect.poll(() => told).toContain(mine)
      client.release(true)
    })

    test("does not wait for another tenant's or an unknown approval", async () => {
      const { mine, events } = story()
      const stranger = uuid()
      const theirs = approvalRequested(uuid(), stranger, { tenant: 'other' })
      const joined = (to: string) =>
        given(...events.slice(-4, -1), theirs, approvalClosed(mine, uuidOf(mine), 'joined', to))
      await joined(stranger)
      expect((await findSession(pool, 'default', mine))?.status).toBe('completed')
    })
  })
  test.each(['rejected', 'expired', 'refused'])('completes when the approval is %s', async (outcome) => {
    await given(requested(session), completed(session, { recommended_actions: recommended(approval) }))
    await given(approvalRequested(session, approval), approvalClosed(session, approval, outcome))
    expect(await status()).toBe('completed')
  })
  test('shows no approval before its request', async () => {
    await given(requested(session), approvalClosed(session, approval))
    expect(await findApproval(pool, 'default', approval)).toBeNull()
    await given(approvalRequested(session, approval))
    expect(await findApproval(pool, 'default', approval)).toMatchObject({ status: 'approved' })
  })
})

describe('a decision', () => {
  const known: KnownDecision = {
    approval_id: '',
    tenant: 'default',
    decision: 'approved',
    decided_by: 'http://issuer|alice',
    reason: 'looks right',
    decided_at: 1_760_000_000_000,
    jti: 'one',
    signed_here: true,
  }
  const decision = (approvalId: string): ViewEvent => ({
    event: 'ApprovalDecided',
    value: {
      event_id: uuid(),
      session_id: null,
      sequence: 0,
      tenant: 'default',
      occurred_at: 0,
      approval_id: approvalId,
      decision_jws: 'x',
    },
  })
  test('with a valid signature shows before the executor has judged it, in any order', async () => {
    const readDecision = async () => ({ ...known, approval_id: approval })
    await fold([decision(approval)], { pool, readDecision })
    await given(approvalRequested(session, approval))
    expect(await findApproval(pool, 'default', approval)).toMatchObject({
      status: 'decided',
      decisions: [{ decided_by: 'http://issuer|alice' }],
    })
  })
  test('without a trusted signature changes nothing', async () => {
    await given(approvalRequested(session, approval), decision(approval))
    expect(await findApproval(pool, 'default', approval)).toMatchObject({ status: 'pending', decisions: [] })
  })
})

describe('the views', () => {
  test('are the same for any order and any repeats', async () => {
    const loop = closedLoop(session, approval)
    await given(...loop)
    const once = await everything(session, approval)
    for (const order of [loop.toReversed(), [...loop, ...loop], shuffled(loop, 7), shuffled(loop, 11)]) {
      await pool.query('TRUNCATE gateway.sessions, gateway.approvals, gateway.session_events')
      for (const event of order) await given(event)
      expect(await everything(session, approval)).toEqual(once)
    }
  })
  test('are the same when batches are folded concurrently', async () => {
    const sessions = Array.from({ length: 40 }, () => [uuid(), uuid()] as const)
    const records = shuffled(
      sessions.flatMap(([id, approvalId]) => closedLoop(id, approvalId)),
      3,
    )
    const batches = Array.from({ length: 8 }, (_, lane) => records.filter((_record, index) => index % 8 === lane))
    await Promise.all([...batches, ...batches].map((batch) => given(...batch)))
    for (const [id] of sessions) expect(await findSession(pool, 'default', id)).toMatchObject({ status: 'completed' })
    const { rows } = await pool.query(
      'SELECT count(*)::int AS n FROM gateway.session_events WHERE session_id = ANY($1)',
      [sessions.map(([id]) => id)],
    )
    expect(rows).toEqual([{ n: records.length }])
  })
  test('delete what is past its retention', async () => {
    const tenant = `old-${session}`
    await given(requested(session, { tenant, occurred_at: 1000 }), completed(session, { tenant, occurred_at: 2000 }))
    await given(approvalRequested(session, approval, { tenant, occurred_at: 1500 }))
    await purgeViews(pool, 1800)
    expect(await findSession(pool, tenant, session)).not.toBeNull()
    await purgeViews(pool, 3000)
    expect(await findSession(pool, tenant, session)).toBeNull()
    expect(await findApproval(pool, tenant, approval)).toBeNull()
  })
  test("list a tenant's sessions by page, newest first, filtered by service, status and time", async () => {
    const tenant = `t-${session}`
    const ids = [uuid(), uuid(), uuid()]
    for (const [index, id] of ids.entries())
      await given(requested(id, { tenant, service: index === 1 ? 'web' : 'cart', occurred_at: 1000 + index }))
    await given(completed(ids[0] ?? '', { tenant }))
    const list = async (filter: object) => {
      const { rows, total } = await listSessions(pool, { tenant, page: 1, page_size: 2, ...filter })
      return { ids: rows.map((row) => ids.indexOf(row.session_id)), total }
    }
    expect(await list({})).toEqual({ ids: [2, 1], total: 3 })
    expect(await list({ page: 2 })).toEqual({ ids: [0], total: 3 })
    expect(await list({ service: 'web' })).toEqual({ ids: [1], total: 1 })
    expect(await list({ status: 'completed' })).toEqual({ ids: [0], total: 1 })
    expect(await list({ start: 1001, end: 1002 })).toEqual({ ids: [1], total: 1 })
  })
})

/** A seeded permutation. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  return items
    .map((item, index) => ({ item, rank: ((index + 1) * seed * 7919) % 104_729 }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item)
}
