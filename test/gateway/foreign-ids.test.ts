/** Ids are not secret, and anyone on the bus may use them: another tenant's events under the same ids must change nothing. */
import type { Pool } from 'pg'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openPool } from '../../bus/postgres/pool.ts'
import { findApproval, listApprovals } from '../../gateway/views/approvals.ts'
import { findEvidence } from '../../gateway/views/evidence.ts'
import { fold, type ViewEvent } from '../../gateway/views/fold.ts'
import { purgeViews } from '../../gateway/views/purge.ts'
import { findSession, listSessions } from '../../gateway/views/sessions.ts'
import { migrateViews } from '../../gateway/views/views.ts'
import { createDatabase, type Database } from '../servers/postgres.ts'
import { approvalRequested, closedLoop, completed, evidence, progressed, requested } from './records.ts'

let database: Database
let pool: Pool
beforeAll(async () => {
  database = await createDatabase('foreign_ids')
  await migrateViews(database.url)
  pool = openPool({ connectionString: database.url })
})
afterAll(async () => {
  await pool?.end()
  await database?.drop()
})
beforeEach(() => pool.query('TRUNCATE gateway.sessions, gateway.approvals, gateway.session_events'))

const [session, approval, item] = [uuid(), uuid(), uuid()]
const signed: ViewEvent = {
  event: 'ApprovalDecided',
  value: { event_id: uuid(), session_id: null, sequence: 0, tenant: 'default', occurred_at: 0, approval_id: approval, decision_jws: 'x' }, // prettier-ignore
}
const mine: ViewEvent[] = [
  ...closedLoop(session, approval),
  evidence(session, { evidence_id: item, summary: 'mine' }),
  signed,
]
/** The same ids, event ids included, with different content. */
const theirs = mine.map(({ event, value }) => {
  const told = {
    ...{
      tenant: 'other',
      progress: 100,
      step: 'theirs',
      revision: 99,
      status: 'failed',
      service: 'theirs',
      outcome: 'rejected',
    },
    ...{
      title: { en: 'theirs' },
      effect: 'worse',
      summary: event === 'EvidenceRecorded' ? 'theirs' : { en: 'theirs' },
    },
    occurred_at: value.occurred_at + 1,
  }
  const known = Object.entries(told).filter(([name]) => name in value)
  return { event, value: { ...value, ...Object.fromEntries(known) } } as ViewEvent
})

const readDecision = async ({ approval_id, tenant }: { approval_id: string; tenant: string }) => ({
  ...{ approval_id, tenant, decision: 'approved', decided_by: `http://issuer|${tenant}`, reason: 'r', decided_at: 1, jti: tenant, signed_here: true }, // prettier-ignore
})
const given = (events: readonly ViewEvent[]) => fold(events, { pool, readDecision })

/** Everything a tenant is shown, in a fixed order. */
async function shownTo(tenant: string) {
  const page = { tenant, page: 1, page_size: 10 }
  const { rows: events } = await pool.query(
    `SELECT event_id, event, body, evidence_data FROM gateway.session_events WHERE session_id = $1 AND body->>'tenant' = $2 ORDER BY event_id`,
    [session, tenant],
  )
  return {
    session: await findSession(pool, tenant, session),
    approval: await findApproval(pool, tenant, approval),
    evidence: await findEvidence(pool, { tenant, session_id: session, evidence_id: item }),
    lists: [await listSessions(pool, page), await listApprovals(pool, page)],
    events,
  }
}

async function alone(events: readonly ViewEvent[], tenant: string) {
  await given(events)
  const shown = await shownTo(tenant)
  await pool.query('TRUNCATE gateway.sessions, gateway.approvals, gateway.session_events')
  return shown
}

describe('two tenants under the same ids', () => {
  test.each<[string, readonly (readonly ViewEvent[])[]]>([
    ['theirs first', [theirs, mine]],
    ['mine first', [mine, theirs]],
    ['theirs before each of mine', mine.map((one, at) => [theirs[at]!, one])],
    ['mine before each of theirs', mine.map((one, at) => [one, theirs[at]!])],
    ['backwards, one by one', [...mine, ...theirs].reverse().map((one) => [one])],
    ['in one batch', [[...theirs, ...mine]]],
  ])('are each shown what they would be shown alone: %s', async (_order, batches) => {
    const expected = { mine: await alone(mine, 'default'), theirs: await alone(theirs, 'other') }
    expect(expected.mine.session).toMatchObject({ status: 'completed', service: 'cart', approvals: [approval] })
    expect(expected.mine.approval).toMatchObject({ status: 'approved', decisions: [{ decided_by: 'http://issuer|default' }] }) // prettier-ignore
    expect(expected.theirs.session).toMatchObject({ status: 'failed', service: 'theirs' })
    for (const batch of batches) await given(batch)
    expect({ mine: await shownTo('default'), theirs: await shownTo('other') }).toEqual(expected)
  })

  test('expire separately', async () => {
    await given([requested(session, { occurred_at: 1000 }), completed(session, { occurred_at: 1000 })])
    const recent = { tenant: 'other', occurred_at: Date.now() }
    await given([requested(session, recent), progressed(session, 10, recent)])
    await purgeViews(pool, 3000)
    expect(await findSession(pool, 'default', session)).toBeNull()
    expect((await shownTo('other')).events).toHaveLength(2)
  })
})

test('differently spelt ids are the same, even within one batch', async () => {
  const spellings = [session, session.toUpperCase(), `{${session}}`, session.replaceAll('-', '')]
  await given(spellings.map((one) => progressed(one, 10)))
  await given(spellings.map(() => approvalRequested(session, approval)))
  await given([approval.toUpperCase(), approval].map((one) => approvalRequested(session, one)))
  await given([requested(session)])
  expect(await findSession(pool, 'default', session)).toMatchObject({ progress: 10, approvals: [approval] })
})
