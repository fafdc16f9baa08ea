/** What the anomaly agent announced, as the gateway keeps and shows it. */
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findAnomaly, foldAnomalies, listAnomalies } from '../../gateway/views/anomalies.ts'
import { foldExpectations } from '../../gateway/views/expectations.ts'
import { fold } from '../../gateway/views/fold.ts'
import { purgeViews } from '../../gateway/views/purge.ts'
import { deadLetterTopicName } from '../../schemas/contract.ts'
import type { AnomalyDetected } from '../../schemas/events.generated.ts'
import { type Platform, startPlatform } from './platform.ts'
import { anomalous, detected, requested } from './records.ts'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform()
}, 180_000)
afterAll(() => platform?.close())
beforeEach(async () => void (await platform.pool.query('TRUNCATE gateway.anomalies')))

const told = (...phases: AnomalyDetected[]) => foldAnomalies(platform.pool, phases)
const phase = (...given: Parameters<typeof detected>) => detected(...given).value
const shown = async (id: string) => (await platform.ask('bob', 'GET', `/api/v1/anomalies/${id}`)).body
const listed = async (query = '') => {
  const { body } = await platform.ask('bob', 'GET', `/api/v1/anomalies${query}`)
  return (body['items'] as { anomaly_id: string }[]).map(({ anomaly_id }) => anomaly_id)
}
const at = (minute: number): number => Date.parse('2026-03-01T10:00:00Z') + minute * 60_000
const time = (minute: number): string => encodeURIComponent(new Date(at(minute)).toISOString())

describe('an anomaly', () => {
  it('is read from the topic, with what was expected of each series', async () => {
    const { event, value } = detected(uuid(), 0, { since: at(0), occurred_at: at(1), series: [anomalous({ since: at(0) })] }) // prettier-ignore
    await platform.bus.publish([await platform.bus.encode(event, value)])
    await expect.poll(() => listed(), { timeout: 60_000, interval: 50 }).toEqual([value.anomaly_id])
    expect(await shown(value.anomaly_id)).toEqual({
      ...{ anomaly_id: value.anomaly_id, state: 'open', phase: 'opened', service: 'cart', namespace: 'shop' },
      ...{ services: ['cart', 'front'], severity: 'critical', score: 4.5, since: '2026-03-01T10:00:00.000Z' },
      ...{
        updated_at: '2026-03-01T10:01:00.000Z',
        closed_at: null,
        ending: null,
        joined_to: null,
        session_id: null,
        expectation: null,
      },
      series: [
        {
          ...{ service: 'cart', indicator: 'latency_p95', unit: 'ms', direction: 'above', value: 900 },
          ...{ expected: 100, lower: 80, upper: 120, since: '2026-03-01T10:00:00.000Z', surprise: 4.5, felt: true },
          recent: [100, null, 104, 900],
        },
      ],
      step: 10,
    })
  })

  it('is as its latest phase left it, whatever the order in which the phases arrive, and however often', async () => {
    const id = uuid()
    const opened = phase(id, 0, { occurred_at: at(1), severity: 'warning' })
    const updated = phase(id, 1, { occurred_at: at(2), services: ['cart', 'front', 'mail'] })
    const closed = phase(id, 2, { occurred_at: at(3), phase: 'closed', ending: 'recovered' })
    const orders = [
      [[opened], [updated], [closed]],
      [[closed], [updated], [opened]],
      [[updated], [closed], [opened]],
      [[closed, opened], [updated]],
      [[updated, opened, closed, updated]],
    ]
    const results = []
    for (const batches of orders) {
      await platform.pool.query('TRUNCATE gateway.anomalies')
      for (const batch of [...batches, ...batches]) await told(...batch)
      results.push(await shown(id))
    }
    expect(results[0]).toMatchObject({ state: 'closed', phase: 'closed', ending: 'recovered', severity: 'critical', closed_at: '2026-03-01T10:03:00.000Z' }) // prettier-ignore
    for (const result of results) expect(result).toEqual(results[0])
    await platform.pool.query('TRUNCATE gateway.anomalies')
    await told(updated)
    await told(opened)
    expect(await shown(id)).toMatchObject({ state: 'open', phase: 'updated', services: ['cart', 'front', 'mail'] })
  })

  it('stays closed, even if a later phase were published', async () => {
    const id = uuid()
    await told(phase(id, 1, { phase: 'closed', ending: 'settled' }))
    await told(phase(id, 2))
    expect(await shown(id)).toMatchObject({ state: 'closed', ending: 'settled' })
  })

  it('is open in a phase that this release does not know', async () => {
    const id = uuid()
    await told(phase(id, 1, { phase: 'acknowledged', severity: 'catastrophic' }))
    expect(await shown(id)).toMatchObject({ state: 'open', phase: 'acknowledged', severity: 'catastrophic' })
  })

  it('names the diagnosis that was asked for because of it', async () => {
    const id = uuid()
    await told(phase(id))
    const ask = (tenant: string) =>
      fold([requested(id, { tenant })], { pool: platform.pool, readDecision: async () => null })
    await ask('other')
    expect(await shown(id)).toMatchObject({ session_id: null })
    await ask('default')
    expect(await shown(id)).toMatchObject({ session_id: id })
  })

  it('is of one tenant: the same id in another is another anomaly', async () => {
    const id = uuid()
    await told(phase(id), phase(id, 5, { tenant: 'other', phase: 'closed', service: 'theirs' }))
    expect(await shown(id)).toMatchObject({ state: 'open', service: 'cart' })
    expect((await findAnomaly(platform.pool, 'other', id))?.body).toMatchObject({ service: 'theirs' })
    expect((await listAnomalies(platform.pool, 'other', { page: 1, page_size: 10 })).total).toBe(1)
    await platform.pool.query(`DELETE FROM gateway.anomalies WHERE tenant = 'default'`)
    expect(await platform.ask('bob', 'GET', `/api/v1/anomalies/${id}`)).toMatchObject({ status: 404, body: { message: 'no such anomaly' } }) // prettier-ignore
  })

  it('is kept from its last phase on as long as other views', async () => {
    const [old, updated] = [uuid(), uuid()]
    await told(phase(old, 0, { occurred_at: 1000 }), phase(updated, 0, { occurred_at: 1000 }))
    // both arrived long ago
    await platform.pool.query('UPDATE gateway.anomalies SET folded_at = 1000')
    await told(phase(updated, 1, { occurred_at: 3000 }))
    await purgeViews(platform.pool, 1000)
    expect(await listed()).toHaveLength(2)
    await purgeViews(platform.pool, 2000)
    expect(await listed()).toEqual([updated])
  })

  it('is cut to what the agent may publish: anyone can write to the topic', async () => {
    const id = uuid()
    const long = 'x'.repeat(100_000)
    const series = Array.from({ length: 50 }, () => anomalous({ indicator: long, recent: Array.from({ length: 5000 }, () => 1) })) // prettier-ignore
    await told(phase(id, 0, { service: long, services: Array.from({ length: 5000 }, () => 'cart'), series }))
    expect(JSON.stringify(await shown(id)).length).toBeLessThan(20_000)
  })

  it('leaves out a series whose numbers are infinite, and keeps a missing sample missing', async () => {
    const id = uuid()
    await told(phase(id, 0, { series: [anomalous({ upper: Infinity }), anomalous({ indicator: 'errors', recent: [NaN, null, 0] })] })) // prettier-ignore
    expect(await shown(id)).toMatchObject({ series: [{ indicator: 'errors', recent: [null, null, 0] }] })
  })

  it.each([
    ['no UUID', { anomaly_id: 'cart@1' }],
    ['a score that is no number', { score: NaN }],
  ])('with %s is a dead letter, and the others are read', async (_what, over) => {
    const before = await letters()
    const [odd, sound] = [detected(uuid(), 0, over), detected(uuid())]
    await platform.bus.publish(await Promise.all([odd, sound].map(({ event, value }) => platform.bus.encode(event, value)))) // prettier-ignore
    await expect.poll(() => listed(), { timeout: 60_000, interval: 50 }).toEqual([sound.value.anomaly_id])
    await expect.poll(letters, { timeout: 60_000, interval: 50 }).toBe(before + 1)
  })

  async function letters(): Promise<number> {
    const topic = deadLetterTopicName(platform.options.contract.topicOf('AnomalyDetected').name, 'gateway')
    let count = 0
    for await (const { headers } of platform.bus.browse(topic))
      if (Object.values(headers).includes('cannot_be_folded')) count += 1
    return count
  }
})

describe('the list', () => {
  const [early, late, over, ongoing] = [uuid(), uuid(), uuid(), uuid()]
  beforeEach(() =>
    told(
      phase(early, 0, { since: at(0), occurred_at: at(1) }),
      phase(late, 0, { since: at(30), occurred_at: at(31), severity: 'info', service: 'mail', services: ['mail'] }),
      phase(over, 1, { since: at(40), occurred_at: at(45), phase: 'closed', ending: 'recovered' }),
      phase(ongoing, 1, { since: at(-60), occurred_at: at(-30), phase: 'closed', ending: 'no_data' }),
    ),
  )

  it('has open anomalies first, then the newest', async () => {
    expect(await listed()).toEqual([late, early, over, ongoing])
  })

  it.each<[string, string[]]>([
    ['?state=open', [late, early]],
    ['?state=closed', [over, ongoing]],
    ['?severity=info', [late]],
    ['?service=front', [early, over, ongoing]],
    ['?service=mail&state=closed', []],
    [`?start_time=${time(-29)}`, [late, early, over]],
    [`?start_time=${time(-30)}&end_time=${time(30)}`, [early, ongoing]],
    [`?end_time=${time(-60)}`, []],
    ['?page=2&page_size=3', [ongoing]],
  ])('%s', async (query, ids) => {
    expect(await listed(query)).toEqual(ids)
  })

  it('says how many there are', async () => {
    const { body } = await platform.ask('bob', 'GET', '/api/v1/anomalies?page_size=3&state=open')
    expect(body['pagination']).toEqual({ page: 1, page_size: 3, total: 2, total_pages: 1 })
  })

  it.each([
    ['state=ajar', 'querystring.state'],
    ['start_time=yesterday', 'querystring.start_time'],
    ['severity=', 'querystring.severity'],
    ['from=2026-03-01T10:00:00Z', 'querystring.from'],
  ])('refuses %s by name', async (query, field) => {
    const { status, body } = await platform.ask('bob', 'GET', `/api/v1/anomalies?${query}`)
    expect(status).toBe(400)
    expect(body['details']).toContainEqual(expect.objectContaining({ field }))
  })
})

it('needs the scope for reading', async () => {
  const authorization = `Bearer ${await platform.tokenOf('control-plane', 'sre-platform:diagnose')}`
  for (const path of ['', `/${uuid()}`])
    expect(await platform.ask(null, 'GET', `/api/v1/anomalies${path}`, { headers: { authorization } })).toMatchObject({ status: 403 }) // prettier-ignore
  expect(await platform.ask(null, 'GET', '/api/v1/anomalies')).toMatchObject({ status: 401 })
})

describe('an anomaly that people expect', () => {
  const expecting = (id: string, body: object, who = 'alice', headers: Record<string, string> = {}) =>
    platform.ask(who, 'POST', `/api/v1/anomalies/${id}/expectation`, { body, headers })

  it('says until when, why and by which role, and the agent hears of it', async () => {
    const id = uuid()
    await told(phase(id, 0, { series: [anomalous(), anomalous(), anomalous({ indicator: 'error_ratio' })] }))
    expect(await shown(id)).toMatchObject({ expectation: null })
    const keyed = { 'idempotency-key': uuid() }
    const answer = await expecting(id, { seconds: 7200, reason: 'load test' }, 'alice', keyed)
    const { at: said, until } = answer.body as { at: string; until: string }
    expect(answer).toMatchObject({ status: 200, body: { reason: 'load test', role: 'team_manager' } })
    expect(Date.parse(until) - Date.parse(said)).toBe(7_200_000)
    expect(answer.text).not.toContain('alice')
    expect((await expecting(id, { seconds: 7200, reason: 'load test' }, 'alice', keyed)).body).toEqual(answer.body)
    expect(await shown(id)).toMatchObject({ expectation: answer.body })
    const events = (await platform.published('AnomalyExpected')).map(({ value }) => value)
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({ anomaly_id: id, tenant: 'default', services: ['cart', 'front'], indicators: ['latency_p95', 'error_ratio'], expected_by: expect.stringContaining('|') }) // prettier-ignore
  })

  it('is not expected any more once somebody says so', async () => {
    const id = uuid()
    await told(phase(id))
    await expecting(id, { seconds: 7200 })
    const { body } = await expecting(id, { seconds: 0 }, 'root')
    expect(body['until']).toBe(body['at'])
    expect(await shown(id)).toMatchObject({ expectation: { role: 'super_admin', reason: null } })
  })

  it.each([
    ['no time', {}],
    ['a negative time', { seconds: -1 }],
    ['more than 30 days', { seconds: 2_592_001 }],
    ['control characters', { seconds: 60, reason: 'a\u0000b' }],
    ['an unknown field', { seconds: 60, until: 'noon' }],
  ])('with %s is refused', async (_what, body) => {
    const id = uuid()
    await told(phase(id))
    expect(await expecting(id, body)).toMatchObject({ status: 422, body: { error: 'VALIDATION_ERROR' } })
  })

  it('needs to exist, and a person who may ask for diagnoses', async () => {
    const id = uuid()
    await told(phase(id))
    expect(await expecting(uuid(), { seconds: 60 })).toMatchObject({ status: 404 })
    expect(await expecting(id, { seconds: 60 }, 'bob')).toMatchObject({ status: 403 })
    expect(await expecting(id, { seconds: 60 }, 'control-plane')).toMatchObject({ status: 403, body: { message: 'only people say what they expect' } }) // prettier-ignore
  })

  it('does not depend on the order in which it arrives', async () => {
    const id = uuid()
    await told(phase(id))
    await expecting(id, { seconds: 60 })
    const first = (await platform.published('AnomalyExpected')).find(({ value }) => value.anomaly_id === id)!.value
    const later = { ...first, event_id: uuid(), occurred_at: first.occurred_at + 1, reason: 'later' }
    for (const batch of [[later], [first], [later, first]]) await foldExpectations(platform.pool, batch)
    expect(await shown(id)).toMatchObject({ expectation: { reason: 'later' } })
  })
})
