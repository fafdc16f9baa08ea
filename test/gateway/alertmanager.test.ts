/** Alertmanager's webhook at the gateway: a real Alertmanager with the configuration of the guide, and bodies it would not send. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Belongings, createTenants } from '../../tenants/tenants.ts'
import { readPage } from '../docs/markdown.ts'
import { TWO_TEAMS } from '../identity/people.ts'
import { startAlertmanager } from '../servers/alertmanager.ts'
import { type Answer, inject, type Platform, startPlatform } from './platform.ts'

const WAIT = { timeout: 120_000, interval: 50 }
const WEBHOOK = '/api/v1/webhooks/alertmanager'
const alertsToken = 'the token of alerts'
const folder = mkdtempSync(join(tmpdir(), 'sre-webhook-'))
const tenants = createTenants(
  new Map<string, Belongings>([
    ['shop', { services: ['cart', 'cart-*'] }],
    ['billing', { services: ['invoices'], namespaces: ['money'] }],
  ]),
)
let platform: Platform
beforeAll(async () => {
  platform = await startPlatform({ alertsToken, tenants, limits: { write: 1, diagnose: 1 } }, { people: TWO_TEAMS })
})
afterAll(async () => {
  await platform?.close()
  rmSync(folder, { recursive: true })
})

let minute = 0
/** a time at which no other alert of this file starts */
const another = () => new Date(Date.now() - 600_000 - ++minute).toISOString()
const alert = (labels: Record<string, string>, over: object = {}) => ({
  ...{
    status: 'firing',
    labels: { alertname: 'Slow', service: 'cart', ...labels },
    annotations: {},
    startsAt: another(),
  },
  ...{ endsAt: '0001-01-01T00:00:00Z', generatorURL: 'http://prometheus.test/graph', fingerprint: '1f2e3d4c5b6a7988' },
  ...over,
})
const notification = (...alerts: unknown[]) => ({
  ...{ version: '4', groupKey: '{}:{}', truncatedAlerts: 0, status: 'firing', receiver: 'sre', groupLabels: {} },
  ...{ commonLabels: {}, commonAnnotations: {}, externalURL: 'http://alertmanager.test', alerts },
})
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const post = (body: unknown, headers: Record<string, string> = {}) =>
  platform.ask(null, 'POST', WEBHOOK, { body, headers: { ...bearer(alertsToken), ...headers } })
const requests = async () => (await platform.published('DiagnosisRequested')).map(({ value }) => value)
const sessionsOf = ({ body }: { body: Record<string, unknown> }) =>
  (body['sessions'] as { session_id: string }[]).map(({ session_id }) => session_id)

test('Alertmanager, as the guide configures it, starts a diagnosis per service, and sends again what it could not deliver', async () => {
  const url = await platform.app.listen({ host: '127.0.0.1', port: 0 })
  const file = join(folder, 'sre-token')
  writeFileSync(file, alertsToken)
  const guide = readPage('docs/guides/connect-your-systems.md').blocks.find(({ text }) => text.includes(WEBHOOK))
  const config = [
    ['https://gateway.example.com', url],
    ['/etc/alertmanager/sre-token', file],
    ['group_wait: 30s', 'group_wait: 1s\n      group_interval: 1s'],
  ].reduce((all, [from, to]) => {
    expect(all).toContain(from)
    return all.replace(from!, to!)
  }, guide?.text ?? '')
  const alertmanager = await startAlertmanager(config)
  const fire = async (...labels: Record<string, string>[]) => {
    const alerts = labels.map((one) => ({ labels: { alertname: 'Slow', ...one }, annotations: { summary: `${one['service']} is slow` } })) // prettier-ignore
    const told = await fetch(`${alertmanager.url}/api/v2/alerts`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(alerts) },
    })
    expect(told.status).toBe(200)
  }
  try {
    await fire(
      { service: 'cart', severity: 'warning' },
      { service: 'cart', severity: 'critical', alertname: 'Failing' },
      { service: 'invoices', namespace: 'money' },
      { service: 'nobodys' },
    )
    await expect.poll(async () => (await requests()).length, WAIT).toBe(2)
    expect((await requests()).toSorted((one, other) => (one.tenant < other.tenant ? 1 : -1))).toMatchObject([
      {
        ...{
          tenant: 'shop',
          kind: 'alert',
          service: 'cart',
          namespace: null,
          severity: 'P1',
          affected_services: ['cart'],
        },
        ...{ requested_by: 'alertmanager', context: { alert: 'Failing, Slow', summary: 'cart is slow; cart is slow' } },
      },
      { tenant: 'billing', service: 'invoices', namespace: 'money', severity: 'P3' },
    ])
    platform.takeBusAway(true)
    await fire({ service: 'cart-db' })
    const failed = async () => {
      const text = await (await fetch(`${alertmanager.url}/metrics`)).text()
      return Number(/^alertmanager_notification_requests_failed_total\{.*webhook.*\} (\d+)/m.exec(text)?.[1] ?? 0)
    }
    await expect.poll(failed, WAIT).toBeGreaterThan(0)
    expect(await requests()).toHaveLength(2)
    platform.takeBusAway(false)
    const services = async () => (await requests()).map(({ service }) => service)
    await expect.poll(services, WAIT).toContain('cart-db')
    expect(await requests()).toHaveLength(3)
  } finally {
    platform.takeBusAway(false)
    await alertmanager.stop()
  }
}, 300_000)

describe('an alert', () => {
  test('starts one diagnosis, however often and however many times at once it is delivered', async () => {
    const first = alert({ alertname: 'Slow' })
    const both = await Promise.all([post(notification(first)), post(notification(first))])
    const [session] = sessionsOf(both[0])
    expect(both.map(sessionsOf)).toEqual([[session], [session]])
    const again = await post(notification({ ...first, annotations: { summary: 'still slow' } }))
    expect(again).toMatchObject({ status: 202, body: { started: 0, repeated: 1, refused: [] } })
    expect(sessionsOf(again)).toEqual([session])
    const started = (await requests()).filter(({ session_id }) => session_id === session)
    expect(new Set(started.map(({ event_id }) => event_id)).size).toBe(1)
    expect((await platform.ask('ann', 'GET', `/api/v1/diagnostics/${session}/status`)).status).toBe(200)
    expect((await platform.ask('ben', 'GET', `/api/v1/diagnostics/${session}/status`)).status).toBe(404)
    // what is new beside it starts another one, and so does the same alert when it fires anew
    const more = await post(notification(first, alert({ alertname: 'Failing' })))
    expect(more.body).toMatchObject({ started: 1, repeated: 1, sessions: [{}, {}] })
    expect((await post(notification({ ...first, startsAt: another() }))).body).toMatchObject({ started: 1 })
  })

  test('that is resolved, about no service or one that nobody owns starts nothing', async () => {
    const before = (await requests()).length
    const body = notification(
      alert({}, { status: 'resolved' }),
      alert({ service: '' }),
      alert({ service: 'nobodys' }),
      alert({ service: 'invoices' }),
      alert({ service: 'invoices', namespace: 'elsewhere' }),
    )
    expect(await post(body)).toMatchObject({ status: 202, body: { sessions: [], started: 0, resolved: 1, ignored: 4 } })
    expect(await requests()).toHaveLength(before)
  })

  test('that comes late is diagnosed in the time around its start', async () => {
    const start = Date.now() - 3_600_000
    const answer = await post(notification(alert({}, { startsAt: new Date(start).toISOString() })))
    const asked = (await requests()).find(({ session_id }) => session_id === sessionsOf(answer)[0])
    expect(asked).toMatchObject({ window_start: start - 900_000, window_end: start + 1_800_000 })
  })

  test('that is invalid is refused alone, and the answer names its fields', async () => {
    const { status, body } = await post(
      notification(
        alert({}, { startsAt: 'yesterday' }),
        alert({ service: 'cart\u202e' }),
        { status: 'pending', labels: { severity: 1 } },
        alert({}, { annotations: { summary: 'nul \0' } }),
        alert({}),
      ),
    )
    expect({ status, started: body['started'] }).toEqual({ status: 202, started: 1 })
    const fields = (body['refused'] as { field: string }[]).map(({ field }) => field)
    expect(fields).toEqual([
      'body.alerts.0.startsAt',
      'body.alerts.1.labels.service',
      ...['body.alerts.2.status', 'body.alerts.2.labels.severity', 'body.alerts.2.startsAt'],
      'body.alerts.3.annotations.summary',
    ])
    const chinese = await post(notification({}, alert({ service: '\n' })), { 'accept-language': 'zh-TW' })
    expect(JSON.stringify(chinese.body['refused'])).toMatch(/可見字元/)
    const many = await post(notification(...Array.from({ length: 30 }, () => ({}))))
    expect(many.body['refused']).toHaveLength(21)
  })
})

test('what is no notification of version 4 is refused with the name of its field', async () => {
  const refused = async (body: unknown) => {
    const answer = await post(body)
    expect(answer).toMatchObject({ status: 422, body: { error: 'VALIDATION_ERROR' } })
    return (answer.body['details'] as { field: string; message: string }[]).map(({ field, message }) => `${field} ${message}`) // prettier-ignore
  }
  expect(await refused({ ...notification(), version: '3' })).toEqual([expect.stringMatching(/^body\.version /)])
  expect(await refused({ version: '4' })).toEqual([expect.stringMatching(/alerts/)])
  expect(await refused({ version: '4', alerts: 'none' })).toEqual([expect.stringMatching(/^body\.alerts /)])
  expect(await refused({ version: '4', alerts: [1] })).toEqual([expect.stringMatching(/^body\.alerts\.0 /)])
  expect(await refused([])).toEqual([expect.stringMatching(/^body /)])
  const json = { 'content-type': 'application/json' }
  expect(await post('{', json)).toMatchObject({ status: 400, body: { error: 'INVALID_REQUEST' } })
  expect(await post('a', { 'content-type': 'text/plain' })).toMatchObject({ status: 415 })
  expect(await post(notification(alert({}, { annotations: { summary: 'x'.repeat(1_048_576) } })))).toMatchObject({ status: 413 }) // prettier-ignore
  const large = notification(
    ...Array.from({ length: 500 }, (_, n) => alert({ instance: `${n}`, note: 'x'.repeat(500) })),
  )
  expect(await post(large)).toMatchObject({ status: 202, body: { started: 500, sessions: [{}] } })
})

test('the token opens nothing else, and an access token counts for the services of its tenant', async () => {
  const one = notification(alert({}), alert({ service: 'invoices', namespace: 'money' }))
  expect((await platform.ask(null, 'POST', WEBHOOK, { body: one })).status).toBe(401)
  expect(await post(one, bearer('the token of nobody'))).toMatchObject({ status: 401, body: { error: 'AUTHENTICATION_FAILED' } }) // prettier-ignore
  const body = { affected_services: ['cart'] }
  const elsewhere = await platform.ask(null, 'POST', '/api/v1/diagnostics/alerts', {
    body,
    headers: bearer(alertsToken),
  })
  expect(elsewhere.status).toBe(401)
  const closed = await platform.another({ alertsToken: undefined } as object)
  const given = { method: 'POST' as const, url: WEBHOOK, payload: one }
  expect((await inject(closed, { ...given, headers: bearer(alertsToken) })).status).toBe(401)
  await closed.close()
  expect((await post(one, bearer(await platform.tokenOf('ben')))).body).toMatchObject({ started: 1, ignored: 1, sessions: [{ service: 'invoices' }] }) // prettier-ignore
  expect((await post(one, bearer(await platform.tokenOf('ben')))).body).toMatchObject({ started: 0, repeated: 1, ignored: 1 }) // prettier-ignore
})

test('a gateway with too many notifications at hand answers 503, and takes them when they are sent again', async () => {
  const { promise: stuck, resolve: goOn } = Promise.withResolvers<void>()
  const bus = { ...platform.bus, publish: async (records: Parameters<Platform['bus']['publish']>[0]) => stuck.then(() => platform.bus.publish(records)) } // prettier-ignore
  const slow = await platform.another({ bus })
  const send = (payload: object) =>
    inject(slow, { method: 'POST', url: WEBHOOK, headers: bearer(alertsToken), payload })
  const all = Array.from({ length: 60 }, () => notification(alert({})))
  const settled: Answer[] = []
  const answers = all.map((one) => send(one).then((answer) => settled.push(answer)))
  await expect.poll(() => settled.length, WAIT).toBe(10)
  for (const { status, body, headers } of settled)
    expect({ status, error: body['error'], retry: headers['retry-after'] }).toEqual({ status: 503, error: 'SYSTEM_OVERLOADED', retry: '5' }) // prettier-ignore
  goOn()
  await Promise.all(answers)
  expect(settled.slice(10).map(({ status }) => status)).toEqual(Array(50).fill(202))
  expect((await send(all[59]!)).status).toBe(202)
  await slow.close()
})

test('alerts are counted by outcome', async () => {
  const { text } = await platform.ask(null, 'GET', '/api/v1/metrics')
  for (const outcome of ['started', 'repeated', 'resolved', 'ignored', 'refused'])
    expect(text).toMatch(new RegExp(`^sre_gateway_alerts_total{outcome="${outcome}"} [1-9]`, 'm'))
})
