/** An approval that joined another session's: its session was ended by that action too. */
import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sessionsOf } from '../../agents/postmortem/facts.ts'
import { fold, preparePostmortems } from '../../agents/postmortem/fold.ts'
import { find, load } from '../../agents/postmortem/store.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { createDatabase, type Database } from '../servers/postgres.ts'
import { diagnosisRequested } from '../events/requests.ts'
import { approved } from './facts.ts'

let database: Database
let pool: Pool
beforeAll(async () => {
  database = await createDatabase('postmortem_joined')
  await preparePostmortems(database.url)
  pool = openPool({ connectionString: database.url })
}, 180_000)
afterAll(async () => {
  await pool?.end()
  await database?.drop()
})

const [first, second] = [randomUUID(), randomUUID()]
/** an approval of this session, as `approved` closes and runs it */
function approvalOf(session_id: string) {
  const approval_id = randomUUID()
  const { requested, closed, acted } = approved()
  return {
    requested: { ...requested, session_id, approval_id },
    closed: { ...closed!, session_id, approval_id },
    acted: { ...acted!, session_id, approval_id },
  }
}
const done = approvalOf(first)
const joining = approvalOf(second)
const joined = { ...joining.closed, outcome: 'joined', code: 'joined', decided_by: null, approved_by: [], joined_approval: done.requested.approval_id } // prettier-ignore

describe('a session whose approval joined that of another session', () => {
  beforeAll(() =>
    fold(pool, [
      { event: 'DiagnosisRequested', value: diagnosisRequested({ session_id: first, incident_ids: ['INC-1'] }) },
      { event: 'DiagnosisRequested', value: diagnosisRequested({ session_id: second, incident_ids: ['INC-2'] }) },
      { event: 'ApprovalRequested', value: done.requested },
      { event: 'ApprovalRequested', value: joining.requested },
      { event: 'ApprovalClosed', value: done.closed },
      { event: 'ApprovalClosed', value: joined },
      { event: 'ActionCompleted', value: done.acted },
      // of another tenant, with the same id
      { event: 'ActionCompleted', value: { ...done.acted, event_id: randomUUID(), tenant: 'other', effect: 'worse' } },
    ]),
  )
  const reported = async (incidents: string[]) => {
    const { sessionIds } = await find(pool, 'default', { session_ids: [], incident_ids: incidents })
    return sessionsOf((await load(pool, 'default', sessionIds)).events)
  }

  it('ends with that one, though its report does not cover the other session', async () => {
    const [one, ...others] = await reported(['INC-2'])
    expect(others).toEqual([])
    expect(one?.approvals).toMatchObject([
      {
        requested: { approval_id: joining.requested.approval_id },
        closed: { event_id: done.closed.event_id, outcome: 'approved' },
        acted: { event_id: done.acted.event_id, effect: 'helped' },
      },
    ])
  })

  it('does not tell of one action twice in a report of both', async () => {
    const sessions = await reported(['INC-1', 'INC-2'])
    const approvals = sessions.flatMap((one) => one.approvals)
    expect(approvals.map(({ closed, acted }) => [closed?.outcome, acted?.effect]).toSorted()).toEqual([['approved', 'helped'], ['joined', undefined]]) // prettier-ignore
  })
})
