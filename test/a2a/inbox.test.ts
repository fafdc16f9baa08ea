import { expect, test } from 'vitest'
import { createInbox } from '../../agents/a2a/inbox.ts'
import type { A2aResponded } from '../../schemas/events.generated.ts'

const part = (number: number, change: Partial<A2aResponded> = {}): A2aResponded => ({
  ...{ event_id: `e${number}`, session_id: null, sequence: 0, tenant: 'default', occurred_at: 0, task_id: 't' },
  ...{ call_id: 'c', method: 'SendStreamingMessage', agent: 'postmortem', caller: 'assistant' },
  ...{ part: number, last: false, body: null, error_code: null, error: null },
  ...change,
})
const never = new AbortController().signal

test('hands out the parts of an answer in order, once each, whatever order they come in', async () => {
  const inbox = createInbox()
  const answers = inbox.open('c')
  inbox.take(part(1))
  inbox.take(part(7, { call_id: 'of nobody' }))
  const parts = answers.parts(never)
  const first = parts.next()
  inbox.take(part(0))
  inbox.take(part(0, { event_id: 'a repeat' }))
  expect((await first).value).toMatchObject({ event_id: 'e0' })
  expect((await parts.next()).value).toMatchObject({ event_id: 'e1' })
  const last = parts.next()
  inbox.take(part(1, { event_id: 'a repeat' }))
  inbox.take(part(2, { last: true }))
  expect((await last).value).toMatchObject({ event_id: 'e2' })
  expect(await parts.next()).toEqual({ done: true, value: undefined })
})

test('stops waiting once the signal aborts, and keeps nothing of a call that was closed', async () => {
  const inbox = createInbox()
  const answers = inbox.open('c')
  const stop = new AbortController()
  const waiting = answers.parts(stop.signal).next()
  stop.abort(new Error('late'))
  await expect(waiting).rejects.toThrow('late')
  answers.close()
  inbox.take(part(0, { last: true }))
  const again = inbox.open('c')
  const next = again.parts(AbortSignal.abort(new Error('nothing came'))).next()
  await expect(next).rejects.toThrow('nothing came')
})
