/** Limits on the approvals anyone can make the control-plane store. */
import { expect, test } from 'vitest'
import { prepareExecutor } from '../../agents/executor/executor.ts'
import { createSeal } from '../../agents/executor/statements.ts'
import { readDeadLetter } from '../../bus/dead-letter.ts'
import { droppedChannel } from '../../bus/dropped.ts'
import type { ApprovalRequested } from '../../schemas/events.generated.ts'
import { approvalRequested } from '../events/requests.ts'
import { until } from '../lab/until.ts'
import { closing } from './closing.ts'
import { createFakeServices, createSetting, startControlPlane } from './setting.ts'

test('open approvals are kept up to a limit; excess ones become dead letters, are counted, and can be redriven', async () => {
  const setting = await createSetting()
  const services = { lab: createFakeServices(), openBounds: { tenant: 3, all: 4 } }
  const bounded = await startControlPlane(setting, services)
  const dropped: unknown[] = []
  const count = (message: unknown) => void dropped.push(message)
  droppedChannel.subscribe(count)
  const ask = async (requests: readonly ApprovalRequested[]) => {
    const records = await Promise.all(requests.map((one) => setting.bus.encode('ApprovalRequested', one)))
    await setting.bus.publish(records.map((record) => ({ ...record, key: 'one partition' })))
  }
  const letters = async () => Array.fromAsync(setting.bus.browse('sre.approval.requested.v1.control-plane.dlq'), readDeadLetter) // prettier-ignore
  const open = async () => (await setting.pool.query(`SELECT FROM control_plane.approvals`)).rowCount

  const flood = Array.from({ length: 10 }, () => approvalRequested())
  await ask([...flood, flood[0]!, approvalRequested({ tenant: 'made-up' }), approvalRequested({ tenant: 'made-up' })])
  await until(async () => (await letters()).length === 8)
  expect(await letters()).toMatchObject(Array.from({ length: 8 }, () => ({ code: 'too_many', consumer: 'control-plane' }))) // prettier-ignore
  expect(await open()).toBe(4)
  expect(dropped).toContainEqual(expect.objectContaining({ what: 'open_approval' }))

  await prepareExecutor(setting.database.url)
  const closed = await setting.bus.encode('ApprovalClosed', closing(flood[0]!.approval_id))
  await setting.bus.publish([await createSeal(setting.pool)('ApprovalClosed', closed)])
  const isClosed = `SELECT FROM control_plane.approvals WHERE closed IS NOT NULL`
  await until(async () => (await setting.pool.query(isClosed)).rowCount === 1)
  await ask([flood[9]!])
  await until(async () => (await open()) === 5)
  droppedChannel.unsubscribe(count)
  await bounded.stop()
  await setting.close()
})
