/** People say whether a diagnosis was right. */
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fold } from '../../gateway/views/fold.ts'
import { findFeedback, foldFeedback } from '../../gateway/views/feedback.ts'
import { completed, requested } from './records.ts'
import { type Platform, startPlatform } from './platform.ts'

let platform: Platform
const [session, running] = [uuid(), uuid()]
beforeAll(async () => {
  platform = await startPlatform({ limits: { read: 1000, write: 1000, diagnose: 1000 } })
  await fold([requested(session), completed(session), requested(running)], { pool: platform.pool, readDecision: async () => null }) // prettier-ignore
}, 180_000)
afterAll(() => platform?.close())

const give = (id: string, body: object, who = 'alice', headers: Record<string, string> = {}) =>
  platform.ask(who, 'POST', `/api/v1/diagnostics/${id}/feedback`, { body, headers })
const shown = async (id = session) => (await platform.ask('bob', 'GET', `/api/v1/diagnostics/${id}/status`)).body['feedback'] // prettier-ignore
const published = async () => (await platform.published('FeedbackRecorded')).map(({ value }) => value)

it('is an event, and shown with the session by the role of who gave it', async () => {
  expect(await shown()).toEqual([])
  const answer = await give(session, { verdict: 'wrong', root_cause: 'the disk was full', note: 'see\nthe graph' })
  const told = { verdict: 'wrong', root_cause: 'the disk was full', note: 'see\nthe graph', role: 'team_manager', revision: 1 } // prettier-ignore
  expect(answer).toMatchObject({ status: 201, body: { ...told, at: expect.any(String) } })
  expect(await shown()).toEqual([answer.body])
  expect(answer.text).not.toContain('alice')
  expect((await published()).at(-1)).toMatchObject({ session_id: session, tenant: 'default', verdict: 'wrong', recorded_by: expect.stringContaining('|') }) // prettier-ignore
})

it('counts once per key, and the latest of each person', async () => {
  const before = (await published()).length
  const keyed = { 'idempotency-key': uuid() }
  const [one, again] = [await give(session, { verdict: 'partly' }, 'alice', keyed), await give(session, { verdict: 'partly' }, 'alice', keyed)] // prettier-ignore
  expect(again.body).toEqual(one.body)
  expect(await published()).toHaveLength(before + 1)
  expect(await give(session, { verdict: 'right' }, 'alice', keyed)).toMatchObject({ status: 409 })
  await give(session, { verdict: 'right' }, 'root')
  expect(await shown()).toMatchObject([{ verdict: 'right' }, { verdict: 'partly', root_cause: null }])
})

it('does not depend on the order of events, and is read by its own tenant', async () => {
  const [old, late] = await Promise.all([1, 2].map(async (at) => ({ ...(await published())[0]!, event_id: uuid(), session_id: uuid(), occurred_at: at }))) // prettier-ignore
  const about = { session_id: running, recorded_by: 'x|y' }
  const [first, second] = [
    { ...old!, ...about, verdict: 'wrong' },
    { ...late!, ...about, verdict: 'right' },
  ]
  const foreign = { ...second, event_id: uuid(), tenant: 'other', occurred_at: 3, verdict: 'partly' }
  for (const told of [[second], [first, second], [first], [foreign]]) await foldFeedback(platform.pool, told)
  expect((await findFeedback(platform.pool, 'default', running)).map(({ verdict }) => verdict)).toEqual(['right'])
})

it.each([
  ['no verdict', {}, 422],
  ['another verdict', { verdict: 'maybe' }, 422],
  ['an empty cause', { verdict: 'wrong', root_cause: '' }, 422],
  ['a note that is too long', { verdict: 'wrong', note: 'x'.repeat(2001) }, 422],
  ['control characters', { verdict: 'wrong', note: 'a\u0000b' }, 422],
  ['an unknown field', { verdict: 'wrong', comment: 'x' }, 422],
])('with %s is refused', async (_what, body, status) => {
  expect(await give(session, body)).toMatchObject({ status, body: { error: 'VALIDATION_ERROR' } })
})

it('needs a result, a session of the tenant, and a person who may ask for diagnoses', async () => {
  expect(await give(running, { verdict: 'right' })).toMatchObject({ status: 409, body: { message: 'the diagnosis has no result yet' } }) // prettier-ignore
  expect(await give(uuid(), { verdict: 'right' })).toMatchObject({ status: 404 })
  expect(await give(session, { verdict: 'right' }, 'control-plane')).toMatchObject({ status: 403, body: { message: 'only people judge a diagnosis' } }) // prettier-ignore
  expect(await give(session, { verdict: 'right' }, 'bob')).toMatchObject({ status: 403 })
})
