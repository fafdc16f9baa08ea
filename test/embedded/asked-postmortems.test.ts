/** The control-plane requests the postmortem of an incident by itself, once it is resolved and nothing of it goes on. */
import { setTimeout as delay } from 'node:timers/promises'
import { v4 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { prepareExecutor } from '../../agents/executor/executor.ts'
import { createSeal } from '../../agents/executor/statements.ts'
import type { ControlPlaneOptions } from '../../embedded/control-plane/control-plane.ts'
import type { ApprovalClosed, DiagnosisRequested, EventName, Events } from '../../schemas/events.generated.ts'
import { actionCompleted, completed } from '../gateway/records.ts'
import { approvalRequested } from '../events/requests.ts'
import { until } from '../lab/until.ts'
import { closing } from './closing.ts'
import { createFakeServices, createSetting, published, startControlPlane, type Setting } from './setting.ts'

const lab = createFakeServices()
let setting: Setting
let controlPlane: Awaited<ReturnType<typeof startControlPlane>>
const start = async (options: Partial<ControlPlaneOptions> = {}) => {
  controlPlane = await startControlPlane(setting, { lab, judgeAfterMs: 0, ...options })
}
beforeAll(async () => {
  setting = await createSetting()
  await prepareExecutor(setting.database.url)
  await start()
})
afterAll(async () => {
  await controlPlane.stop()
  await setting.close()
})

let now = Date.now() - 600_000
/** The indicator of cart over ten seconds: long enough for a rule to fire, or to resolve. */
function measure(value: number, indicator = 'error_ratio') {
  for (const end = now + 10_000; now <= end; now += 1_000) lab.measure([{ service: 'cart', indicator, value }], now)
}
async function say<E extends EventName>({ event, value }: { event: E; value: Events[E] }) {
  const record = await setting.bus.encode(event, value)
  await setting.bus.publish([await createSeal(setting.pool)(event, record)])
}
const asked = () => published(setting, 'PostmortemRequested')
const incidents = async () =>
  (
    await setting.pool.query<{ id: string; status: string; session_id: string; resolved_at: Date | null }>(
      `SELECT * FROM control_plane.incidents ORDER BY started_at`,
    )
  ).rows
const newest = async () => (await incidents()).at(-1)!
const requestOf = async (count: number): Promise<DiagnosisRequested> =>
  until(async () => (await published(setting, 'DiagnosisRequested'))[count - 1])
const resolved = async (count: number) =>
  until(async () => (await incidents()).filter(({ status }) => status === 'resolved').length === count)
/** A few rounds of the control-plane. */
const rounds = () => delay(2_500)

async function approve(session_id: string, over: Partial<ApprovalClosed> = {}) {
  const value = approvalRequested({ session_id })
  await say({ event: 'ApprovalRequested', value })
  const closed = { ...closing(value.approval_id), session_id, outcome: 'approved', code: 'decided', ...over }
  await say({ event: 'ApprovalClosed', value: closed })
  await until(async () => (await setting.pool.query(`SELECT FROM control_plane.approvals WHERE approval_id = $1 AND closed IS NOT NULL AND request IS NOT NULL`, [value.approval_id])).rowCount === 1) // prettier-ignore
  return value.approval_id
}

test('after its alert ended, its diagnosis came and its action was checked, it is requested once', async () => {
  measure(0.5)
  const { session_id, incident_ids } = await requestOf(1)
  const approval = await approve(session_id)
  measure(0)
  await resolved(1)
  await rounds()
  await say(completed(session_id))
  await rounds()
  expect(await asked(), 'while the action is not checked').toEqual([])
  await say(actionCompleted(session_id, approval))
  const [request] = await until(async () => (await asked()).length > 0 && asked())
  expect(request).toMatchObject({ incident_ids, session_ids: [], tenant: 'default', requested_by: `${setting.issuer.url}|control-plane` }) // prettier-ignore

  // a control-plane that died before it noted that it had asked gives the same event again
  await controlPlane.stop()
  await setting.pool.query(`UPDATE control_plane.incidents SET postmortem_due = true`)
  await start()
  const again = await until(async () => (await asked()).length === 2 && asked())
  expect(new Set(again.map(({ event_id, postmortem_id }) => `${event_id} ${postmortem_id}`)).size).toBe(1)
})

test('without an alert, an incident is over when its action helped, also one that the action of another session covers', async () => {
  const service = 'cart'
  await setting.pool.query(
    `INSERT INTO control_plane.incidents (id, title, service_name, severity, started_at, session_id) VALUES ($1, 'worse', $2, 'P2', now(), $3)`,
    ['suspected', service, uuid()],
  )
  const { session_id } = await newest()
  await say(completed(session_id))
  const acted = actionCompleted(session_id, await approve(session_id))
  await say({ ...acted, value: { ...acted.value, effect: 'no_change' } })
  await rounds()
  expect((await newest()).status).toBe('new')
  const other = uuid()
  const approval = await approve(other)
  await approve(session_id, { outcome: 'joined', code: 'joined', joined_approval: approval })
  const { value } = actionCompleted(other, approval)
  await say({ event: 'ActionCompleted', value })
  await resolved(2)
  expect((await newest()).resolved_at?.getTime()).toBe(value.finished_at)
  await until(async () => (await asked()).some(({ incident_ids }) => incident_ids[0] === 'suspected'))
})

test('below the configured severity, and when it is off, nothing is requested', async () => {
  const before = (await asked()).length
  for (const [place, postmortemsFrom] of (['P1', null] as const).entries()) {
    await controlPlane.stop()
    await start({ postmortemsFrom })
    measure(postmortemsFrom === null ? 0.5 : 900, postmortemsFrom === null ? 'error_ratio' : 'latency_p95')
    const { session_id } = await requestOf(place + 2)
    await say(completed(session_id))
    measure(0, postmortemsFrom === null ? 'error_ratio' : 'latency_p95')
    await resolved(place + 3)
  }
  await controlPlane.stop()
  await start()
  await rounds()
  expect(await asked()).toHaveLength(before)
})
