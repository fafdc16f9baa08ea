/**
 * The whole loop on real servers: Prometheus scrapes the shop, its logs and spans go through the Collector to Loki and Zipkin, Alertmanager tells the
 * control-plane of an alert, and Kafka's ACLs, Keycloak's tokens and people carry it from there to a verified rollback.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { reportSchema } from '../../postmortem/report.ts'
import { until } from '../lab/until.ts'
import { startCluster, WINDOW } from './cluster.ts'

/** Ends only a wait for something that never comes. */
const LIMIT_MS = 600_000
/** The gateway answers 100 requests a minute. */
const EVERY_MS = 2_000
let cluster: Awaited<ReturnType<typeof startCluster>>

async function prepareBus() {
  for (const command of [
    ['topics', 'apply', '--replicas', '1', '--acls'],
    ['schemas', 'register'],
  ]) {
    const ran = await cluster.administer(...command)
    expect(ran, ran.err).toMatchObject({ code: 0 })
  }
}
async function addPeople() {
  await cluster.addPerson('dana', 'super_admin')
  await cluster.addPerson('alice', 'team_manager')
}

beforeAll(async () => {
  cluster = await startCluster()
  await Promise.all([cluster.start('lab'), prepareBus(), addPeople(), cluster.administer('migrate')])
  await Promise.all((['gateway', 'control-plane', 'assistant', 'postmortem'] as const).map(cluster.start))
  await cluster.start('executor')
}, 900_000)
afterAll(() => cluster?.stop(), 300_000)

const rateOf = (matchers: string, window: string) =>
  `sum by (service) (rate(http_requests_total{namespace="shop"${matchers}}[${window}]))`
/** Each service of the shop has been measured for a minute and a whole rate window before it, and next to no request failed. */
const CALM = `count(
  count_over_time((${rateOf('', WINDOW)} > 0)[75s:2s]) >= 37
    unless ${rateOf(',status_code=~"5.."', '75s')} / ${rateOf('', '75s')} > 0.02
) == 5`

const written = z.looseObject({ status: z.string(), report: reportSchema })
const page = z.object({ items: z.array(z.looseObject({ session_id: z.string(), status: z.string() })) })
const sessionNow = z.looseObject({ status: z.string(), approvals: z.array(z.string()) })
const approvalNow = z.looseObject({ outcome: z.looseObject({}).nullable() })
/** Commands take a second of the processor each: they are for the ends, not for waiting. */
async function show(id: string): Promise<unknown> {
  const ran = await cluster.sre('show', id, '--json')
  expect(ran, ran.err).toMatchObject({ code: 0 })
  return JSON.parse(ran.out)
}

test('an alert on a bad release leads to a rollback that a person approves, and that helps', async () => {
  await until(async () => (await cluster.metrics(CALM)).length > 0, LIMIT_MS)
  const dana = await cluster.controlPlane('dana')
  const bad = { service_name: 'cart', image_tag: 'cart:1.5.0' }
  expect(await dana('POST', '/deployments', bad)).toMatchObject({ status: 202 })

  expect(await cluster.login('alice')).toMatchObject({ code: 0, out: 'signed in as alice (team_manager)\n' })
  const alice = await cluster.gateway('alice')
  const { session_id: id } = await until(
    async () => page.parse((await alice('GET', '/diagnostics/history')).body).items[0],
    LIMIT_MS,
    EVERY_MS,
  )
  const { approvals } = await until(
    async () => {
      const now = sessionNow.parse((await alice('GET', `/diagnostics/${id}/status`)).body)
      // the approval is requested after the result
      return now.status !== 'processing' && now.approvals.length > 0 && now
    },
    LIMIT_MS,
    EVERY_MS,
  )
  expect(await show(id)).toMatchObject({
    ...{ status: 'awaiting_approval', kind: 'alert' },
    result: {
      verdict: 'incident',
      tools_used: expect.arrayContaining(['control-plane', 'prometheus', 'loki', 'zipkin']),
      root_causes: expect.arrayContaining([
        expect.objectContaining({ rank: 1, service: 'cart', change_id: expect.stringMatching(/^change-/) }),
      ]),
      findings: expect.arrayContaining([
        expect.objectContaining({ source: 'metrics', service: 'cart' }),
        expect.objectContaining({ source: 'logs', service: 'cart', message: expect.stringContaining('no price') }),
        expect.objectContaining({ source: 'changes', service: 'cart' }),
      ]),
    },
    approvals: [
      {
        ...{ status: 'pending', approver_roles: ['team_manager', 'super_admin'] },
        requested_by: `${cluster.keycloak.issuer}|control-plane`,
        action: { type: 'rollback', service: 'cart', namespace: 'shop', parameters: { image_tag: 'cart:1.4.2' }, target_state: { image_tag: 'cart:1.5.0' } }, // prettier-ignore
      },
    ],
  })
  const approved = await cluster.sre('approve', approvals[0] ?? '', '--reason', 'as proposed')
  expect(approved, approved.err).toMatchObject({ code: 0 })
  await until(async () => approvalNow.parse((await alice('GET', `/approvals/${approvals[0]}`)).body).outcome, LIMIT_MS, EVERY_MS) // prettier-ignore
  expect(await show(id)).toMatchObject({
    status: 'completed',
    approvals: [
      {
        status: 'approved',
        closed: { outcome: 'approved', code: 'decided', reason: 'as proposed' },
        outcome: { outcome: 'succeeded', effect: 'helped', output: 'cart runs cart:1.4.2 again, before cart:1.5.0' },
      },
    ],
  })
  expect((await cluster.sre('show', id)).out).toMatch(/mitigated by an action[^]*alice: as proposed\n {2}succeeded, helped/) // prettier-ignore
  await until(async () => {
    const { items } = page.parse((await dana('GET', '/incidents')).body)
    return items.length === 1 && items[0]?.session_id === id && items[0].status === 'resolved'
  }, LIMIT_MS)

  const asked = await cluster.sre('postmortem', id, '--watch', '--json')
  expect(asked, asked.err).toMatchObject({ code: 0 })
  const { status, report } = written.parse(JSON.parse(asked.out))
  expect(report.head).toMatchObject({ status: 'resolved', session_ids: [id] })
  // answers about many services are downsampled in their events
  const missing = report.missing.map(({ en }) => en).filter((text) => !text.includes('downsampled'))
  expect({ status, missing }).toMatchObject({ status: expect.stringMatching(/^(completed|partial)$/), missing: [] })
  const { began, detected, decided, mitigated, resolved } = report.head.times
  const order = [began, detected, decided, mitigated, resolved].map(({ at }) => at)
  expect(order, JSON.stringify(report.head.times)).toEqual(order.toSorted((one, other) => one! - other!))
  expect(report.cause.chain[0]).toMatchObject({ code: 'trigger' })
  expect(report.impact.services.find(({ service }) => service === report.impact.entry)?.requests).toBeGreaterThan(0)
  expect(report.went_well.map(({ code }) => code)).toContain('helped_at_once')
  expect((await cluster.sre('postmortem', id)).out).toContain('```mermaid\nflowchart TD\n')
}, 1_800_000)

test('every component and the Collector were scraped, and nothing was refused on the way', async () => {
  // at some time: on a busy machine a single scrape may time out
  const scraped = (job: string, count: number) => `count(max_over_time(up{job="${job}"}[1h]) == 1) == ${count}`
  await until(async () => (await cluster.metrics(scraped('sre', 6))).length === 1, LIMIT_MS)
  await until(async () => (await cluster.metrics(scraped('otelcol', 1))).length === 1, LIMIT_MS)
  for (const what of ['log_records', 'spans'])
    expect(await cluster.metrics(`{__name__=~"otelcol_exporter_sent_${what}.*"} > 0`), what).not.toEqual([])
  expect(await cluster.administer('dlq', 'list')).toMatchObject({ code: 0, out: '' })
  expect(await cluster.administer('topics', 'plan', '--replicas', '1', '--acls')).toMatchObject({ code: 0, out: '' })
}, 900_000)
