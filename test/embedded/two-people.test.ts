import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { prepareExecutor } from '../../agents/executor/executor.ts'
import { createSeal } from '../../agents/executor/statements.ts'
import type { ApprovalRequested } from '../../schemas/events.generated.ts'
import { approvalRequested } from '../events/requests.ts'
import { until } from '../lab/until.ts'
import { closing } from './closing.ts'
import { createBrowser, formOn } from './browser.ts'
import {
  client,
  createFakeServices,
  createSetting,
  passwordOf,
  personToken,
  published,
  startControlPlane,
  type Setting,
} from './setting.ts'

let setting: Setting
let controlPlane: Awaited<ReturnType<typeof startControlPlane>>

beforeAll(async () => {
  setting = await createSetting()
  controlPlane = await startControlPlane(setting, { lab: createFakeServices() })
})

afterAll(async () => {
  await controlPlane.stop()
  await setting.close()
})

/** Publishes a request and waits until the control-plane knows it. */
async function requested(over: Partial<ApprovalRequested> = {}): Promise<ApprovalRequested> {
  const request = approvalRequested({
    title: { en: 'Roll back <cart>' },
    reason: { en: 'slower & failing since the deployment' },
    requested_by: `${setting.issuer.url}|control-plane`,
    approver_roles: ['team_manager', 'super_admin'],
    evidence: ['evidence-1'],
    ...over,
  })
  await setting.bus.publish([await setting.bus.encode('ApprovalRequested', request)])
  const known = `SELECT FROM control_plane.approvals WHERE approval_id = $1 AND request IS NOT NULL`
  await until(async () => (await setting.pool.query(known, [request.approval_id])).rowCount === 1)
  return request
}

const decisionsAbout = async (approvalId: string) =>
  (await published(setting, 'ApprovalDecided')).filter((decided) => decided.approval_id === approvalId)

async function signedIn(username: string) {
  const browser = createBrowser()
  const { action: to } = formOn(await browser.go(`${controlPlane.url}/approvals`), 'interaction')
  const page = await browser.go(to, { username, password: passwordOf(setting, username) })
  return { browser, page }
}

const asPerson = async (username: string) => client(controlPlane.url, await personToken(setting, username))
const approve = ({ action_hash }: ApprovalRequested) => ({ decision: 'approved', reason: 'it helps', action_hash })

describe('a decision on an action of critical risk', () => {
  test('needs two people: the same one is refused, and one rejection ends it', async () => {
    const request = await requested({ risk: 'critical' })
    const path = `/approvals/${request.approval_id}/decision`
    const [alice, carol, root] = [await asPerson('alice'), await asPerson('carol'), await asPerson('root')]
    expect((await alice('POST', path, approve(request))).body).toMatchObject({ status: 'pending', approvals_needed: 2 })
    expect(await alice('POST', path, approve(request))).toMatchObject({ status: 409 })
    expect((await carol('POST', path, approve(request))).body).toMatchObject({
      status: 'decided',
      approvals: [{ approved_by: `${setting.issuer.url}|alice` }, { approved_by: `${setting.issuer.url}|carol` }],
    })
    expect(await root('POST', path, approve(request))).toMatchObject({ status: 409 })
    await until(async () => (await decisionsAbout(request.approval_id)).length === 2)
    const other = await requested({ risk: 'critical' })
    const decision = { ...approve(other), decision: 'rejected' }
    expect(await alice('POST', `/approvals/${other.approval_id}/decision`, decision)).toMatchObject({ status: 200 })
    expect(await carol('POST', `/approvals/${other.approval_id}/decision`, approve(other))).toMatchObject({
      status: 409,
    })
  })

  test('counted by the executor but made elsewhere is shown, and its person may not approve again here', async () => {
    await prepareExecutor(setting.database.url)
    const request = await requested({ risk: 'critical' })
    const { event_id: _event, ...rest } = closing(request.approval_id)
    const { session_id, sequence, tenant, occurred_at, action_hash } = rest
    const counted = {
      ...{ event_id: randomUUID(), session_id, sequence, tenant, occurred_at, approval_id: request.approval_id },
      ...{ action_hash, approved_by: `${setting.issuer.url}|alice`, decision_jti: randomUUID(), reason: 'from afar' },
    }
    const record = await setting.bus.encode('ApprovalCounted', counted)
    await setting.bus.publish([await createSeal(setting.pool)('ApprovalCounted', record)])
    const alice = await asPerson('alice')
    const path = `/approvals/${request.approval_id}`
    const given = async () => (await alice('GET', path)).body['approvals'] as unknown[]
    await until(async () => (await given()).length === 1)
    expect(await given()).toEqual([{ approved_by: `${setting.issuer.url}|alice`, reason: 'from afar' }])
    expect(await alice('POST', `${path}/decision`, approve(request))).toMatchObject({ status: 409 })
    expect((await signedIn('alice')).page.text).toContain('1 of 2 approvals')
  })
})
