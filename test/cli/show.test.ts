/** The event memory of a running platform's terminal, and missing recordings. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Bus, Received, Subscription } from '../../bus/bus.ts'
import { findRecordings } from '../../cli/start/recordings.ts'
import { watchBus } from '../../cli/start/show.ts'
import { inTurns } from '../../cli/start/turns.ts'
import type { EventName } from '../../schemas/events.generated.ts'
import { approvalRequested, diagnosisRequested } from '../events/requests.ts'

/** A bus that delivers the events of a test. */
async function watching() {
  let handle: Subscription['handle'] = async () => []
  const bus = {
    async subscribe(subscription: Subscription) {
      handle = subscription.handle
      return { stop: async () => undefined }
    },
  } as unknown as Bus
  const told: Received[] = []
  const watch = await watchBus(bus, (received) => void told.push(received))
  const hear = (event: EventName, ...values: readonly object[]) =>
    handle(values.map((value) => ({ event, value, headers: {} }) as unknown as Received))
  return { watch, told, hear }
}

test('a duplicate event is shown once', async () => {
  const { watch, told, hear } = await watching()
  const request = diagnosisRequested()
  await hear('DiagnosisRequested', request, request)
  await hear('DiagnosisRequested', request)
  await watch.stop()
  expect(told.map(({ value }) => value)).toEqual([request])
})

test('recent events can still be awaited, and old ones are dropped', async () => {
  const { watch, hear } = await watching()
  const [past, recent] = [approvalRequested(), approvalRequested()]
  const wait = ({ approval_id }: typeof past) =>
    watch.until('ApprovalRequested', (value) => value.approval_id === approval_id, 2000)
  await hear('ApprovalRequested', past)
  expect(await wait(past)).toEqual(past)
  await hear('DiagnosisRequested', ...Array.from({ length: 5000 }, () => diagnosisRequested()))
  await hear('ApprovalRequested', recent)
  expect(await wait(recent)).toEqual(recent)
  await expect(wait(past)).rejects.toThrow('no ApprovalRequested within')
  await watch.stop()
})

test('an event can be awaited once its line is on the screen', async () => {
  const { watch, told, hear } = await watching()
  const approval = approvalRequested()
  await hear('ApprovalRequested', approval)
  await watch.until('ApprovalRequested', () => true, 2000)
  expect(told.map(({ value }) => value)).toEqual([approval])
  await watch.stop()
})

test('while one session has the screen, the others wait', async () => {
  const told: string[] = []
  const turns = inTurns(({ value }) => void told.push('session_id' in value ? String(value.session_id) : ''))
  const hear = (session_id: string | null) => turns.hear({ event: 'DiagnosisRequested', value: { session_id }, headers: {} } as unknown as Received) // prettier-ignore
  hear('other 1')
  turns.only('recorded')
  for (const one of ['other 2', 'recorded', null, 'recorded']) hear(one)
  expect(told).toEqual(['other 1', 'recorded', 'recorded'])
  turns.all()
  hear('other 3')
  expect(told.slice(3)).toEqual(['other 2', 'null', 'other 3'])
})

test('a missing recording is an error', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'sre-recordings-'))
  await expect(findRecordings(empty)).rejects.toThrow(`${empty} holds no recorded public incident`)
  expect([...(await findRecordings()).keys()]).not.toEqual([])
})
