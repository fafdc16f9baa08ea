/** Approval ids are not secret: records of another tenant under the same id must not affect an approval. */
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { prepareExecutor } from '../../agents/executor/executor.ts'
import { createSeal } from '../../agents/executor/statements.ts'
import { approvalRequested } from '../events/requests.ts'
import { until } from '../lab/until.ts'
import { closing } from './closing.ts'
import { client, createFakeServices, createSetting, personToken, startControlPlane } from './setting.ts'

test.each([
  ['theirs first', ['other', 'default']],
  ['mine first', ['default', 'other']],
])('an approval belongs to its own tenant: %s', async (_order, tenants) => {
  const setting = await createSetting()
  await prepareExecutor(setting.database.url)
  const controlPlane = await startControlPlane(setting, { lab: createFakeServices() })
  const rows = async (where: string) =>
    (await setting.pool.query(`SELECT FROM control_plane.approvals WHERE request IS NOT NULL AND ${where}`)).rowCount
  const approval_id = randomUUID()
  for (const tenant of tenants) {
    const request = approvalRequested({ approval_id, tenant, title: { en: `of ${tenant}` } })
    await setting.bus.publish([await setting.bus.encode('ApprovalRequested', request)])
    await until(async () => (await rows(`request->>'tenant' = '${tenant}'`)) === 1)
    if (tenant === 'default') continue
    const closed = await setting.bus.encode('ApprovalClosed', { ...closing(approval_id), tenant })
    await setting.bus.publish([await createSeal(setting.pool)('ApprovalClosed', closed)])
    await until(async () => (await rows('closed IS NOT NULL')) === 1)
  }
  const alice = client(controlPlane.url, await personToken(setting, 'alice'))
  expect(await alice('GET', `/approvals/${approval_id}`)).toMatchObject({
    body: { status: 'pending', closed: null, title: { en: 'of default' } },
  })
  await controlPlane.stop()
  await setting.close()
})
