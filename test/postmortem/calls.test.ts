/** Whoever sees the other first, the run of a call or the run that ends its task: one of them answers. */
import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Completed, createCalls, forgetCalls, type Opening } from '../../agents/postmortem/calls.ts'
import { preparePostmortems } from '../../agents/postmortem/fold.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import type { A2aRequested } from '../../schemas/events.generated.ts'
import { createDatabase, type Database } from '../servers/postgres.ts'

let database: Database
let pool: Pool
let calls: ReturnType<typeof createCalls>
beforeAll(async () => {
  database = await createDatabase('calls')
  await preparePostmortems(database.url)
  pool = openPool({ connectionString: database.url })
  calls = createCalls(pool)
})
afterAll(async () => {
  await pool?.end()
  await database?.drop()
})

const known = (context: Record<string, string> = {}) => ({ postmortem_id: randomUUID(), language: 'en', context })
const opening = (change: Partial<Opening> = {}): Opening => ({
  ...{ tenant: 'default', modes: [], runId: 'the call', at: 1000, isImmediate: false, streams: false },
  call: { caller: 'assistant', call_id: randomUUID(), method: 'SendMessage', session_id: null } as A2aRequested,
  ...change,
})
const completed = {
  ...{ status: 'completed', reason: null, report: '{"a":"\\u0000"}' },
  ...{ title: { en: 'bad \0 title' }, summary: { en: 'half \ud800 of a pair' } },
} as unknown as Completed
const finish = (one: ReturnType<typeof known>, runId = 'the task') => calls.finish('default', { known: one, completed, at: 2000, runId }) // prettier-ignore

test('a call that waits is answered by the end of its task, also if both are tried again', async () => {
  const one = known()
  await calls.know('default', one, 900, false)
  const call = opening()
  expect(await calls.open(call, one.postmortem_id)).toMatchObject({ now: 'nothing', task: { begun: false, ended: null } }) // prettier-ignore
  const ended = await finish(one)
  expect(ended?.waiting).toMatchObject([{ call_id: call.call.call_id, first_part: 0 }])
  expect(await finish(one)).toEqual(ended)
  expect(await calls.open(call, one.postmortem_id)).toMatchObject({ now: 'nothing' })
  expect(await calls.claim('default', call.call, 'the deadline')).toBeNull()
  expect(await finish(one, 'a redrive')).toBeNull()
})

test('a stream that waits is begun by its call, whoever ends it', async () => {
  const one = known()
  await calls.know('default', one, 900, false)
  const [told, late] = [opening({ streams: true }), opening({ streams: true })]
  for (const call of [told, late, told]) expect(await calls.open(call, one.postmortem_id)).toMatchObject({ now: 'begin' }) // prettier-ignore
  expect(await calls.claim('default', late.call, 'the deadline')).toBe(1)
  expect((await finish(one))?.waiting).toMatchObject([{ call_id: told.call.call_id, first_part: 1 }])
  for (const call of [told, late]) expect(await calls.open(call, one.postmortem_id)).toMatchObject({ now: 'begin' })
})

test('a call about a task that has ended, or one that does not wait, is answered by its own run', async () => {
  const one = known({ a2a_context_id: 'the \0 outage' })
  await calls.know('default', one, 900, false)
  const immediate = opening({ isImmediate: true })
  expect(await calls.open(immediate, one.postmortem_id)).toMatchObject({ now: 'answer', task: { ended: null } })
  expect(await finish(one)).toBeNull()
  for (const streams of [false, true]) {
    const call = opening({ streams })
    expect(await calls.open(call, one.postmortem_id)).toMatchObject({ now: 'answer', task: { ended: { status: 'completed' } } }) // prettier-ignore
    expect(await calls.open({ ...call, runId: 'another' }, one.postmortem_id)).toMatchObject({ now: 'nothing' })
  }
  expect(await calls.find('default', one.postmortem_id)).toMatchObject({
    ...{ context_id: 'the \uFFFD outage', report: completed.report },
    ended: { title: { en: 'bad \uFFFD title' }, summary: { en: 'half \uFFFD of a pair' } },
  })
  expect(await calls.open(opening({ tenant: 'other' }), one.postmortem_id)).toBeNull()
})

test('a call whose deadline came first is not answered by its own run any more', async () => {
  const one = known()
  await calls.know('default', one, 900, false)
  const call = opening({ streams: true })
  expect(await calls.claim('default', call.call, 'the deadline')).toBe(0)
  expect(await calls.open(call, one.postmortem_id)).toMatchObject({ now: 'nothing' })
  expect(await finish(one)).toBeNull()
})

test('lists by state, context and page, and forgets what is old', async () => {
  const all = { contextId: null, state: null, since: null, after: null, size: 100 }
  const context = `context ${randomUUID()}`
  const [waiting, working, done] = [known({ a2a_context_id: context }), known(), known({ a2a_context_id: context })]
  await calls.know('default', waiting, 5000, false)
  await calls.know('default', working, 5000, true)
  await finish(done)
  const idsOf = async (filter: Partial<typeof all> | object) => (await calls.list('default', { ...all, ...filter })).rows.map(({ postmortem_id }) => postmortem_id) // prettier-ignore
  expect(await idsOf({ contextId: context })).toEqual([waiting.postmortem_id, done.postmortem_id])
  expect(await idsOf({ contextId: working.postmortem_id })).toEqual([working.postmortem_id])
  expect(await idsOf({ state: 'WORKING' })).toEqual([working.postmortem_id])
  expect(await idsOf({ contextId: context, state: 'COMPLETED' })).toEqual([done.postmortem_id])
  expect((await idsOf({ since: 5000 })).toSorted()).toEqual([waiting.postmortem_id, working.postmortem_id].toSorted())
  const [first] = (await calls.list('default', { ...all, size: 1 })).rows
  const next = await idsOf({ after: { updatedAt: first!.updated_at, id: first!.postmortem_id }, size: 1 })
  expect(new Set([first!.postmortem_id, ...next])).toEqual(new Set([waiting.postmortem_id, working.postmortem_id]))
  const before = new Date(3000)
  for (const forget of forgetCalls(pool)) expect(await forget(before, 1000)).toBe(false)
  expect((await calls.list('default', all)).total).toBe(2)
})
