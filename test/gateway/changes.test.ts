/** Streams of what is unusual and of what will be full, as they change. */
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { Client } from 'pg'
import { fold, type ViewEvent } from '../../gateway/views/fold.ts'
import { type Belongings, createTenants } from '../../tenants/tenants.ts'
import { TWO_TEAMS } from '../identity/people.ts'
import { type Frame, framesOf } from './frames.ts'
import { type Platform, startPlatform } from './platform.ts'
import { detected, foretold } from './records.ts'

let platform: Platform
let url: string
const opened: AbortController[] = []

beforeAll(async () => {
  const tenants = createTenants(
    new Map<string, Belongings>([
      ['shop', { services: ['cart', 'cart-*'] }],
      ['billing', { services: ['invoices'] }],
    ]),
  )
  platform = await startPlatform({ tenants, heartbeatMs: 500, limits: { read: 1000 } }, { people: TWO_TEAMS })
  url = await platform.app.listen({ host: '127.0.0.1', port: 0 })
})
beforeEach(async () => void (await platform.pool.query('TRUNCATE gateway.anomalies, gateway.forecasts')))
afterAll(async () => {
  for (const one of opened) one.abort()
  await platform?.close()
})

const told = (...events: ViewEvent[]) => fold(events, { pool: platform.pool, readDecision: async () => null })
const shop = { tenant: 'shop' }
const anomaly = (id: string, sequence = 0, over = {}) => detected(id, sequence, { ...shop, ...over })
const closed = (id: string, sequence: number) => anomaly(id, sequence, { phase: 'closed', ending: 'recovered' })

/** The next frames, one at a time. */
async function follow(path: string, who = 'ann', lastId?: string) {
  const leaving = new AbortController()
  opened.push(leaving)
  const authorization = `Bearer ${await platform.tokenOf(who)}`
  const headers = { authorization, ...(lastId === undefined ? {} : { 'last-event-id': lastId }) }
  const response = await fetch(`${url}/api/v1/${path}`, { headers, signal: leaving.signal })
  expect(response.status).toBe(200)
  const frames = framesOf(response)
  const next = async (count: number): Promise<Frame[]> => {
    const read: Frame[] = []
    while (read.length < count) read.push((await frames.next()).value as Frame)
    return read
  }
  return { next, leave: () => leaving.abort() }
}
const saying = ({ event, data }: Frame) => `${event} ${String(data['anomaly_id'] ?? data['forecast_id'])} ${String(data['state'])}` // prettier-ignore

it('tells what is open, and then what opens, changes and closes', async () => {
  const [before, over, later] = [uuid(), uuid(), uuid()]
  await told(anomaly(before), closed(over, 1))
  const stream = await follow('anomalies/events')
  expect((await stream.next(1)).map(saying)).toEqual([`anomaly ${before} open`])
  await told(anomaly(later))
  await told(closed(before, 1))
  expect((await stream.next(2)).map(saying)).toEqual([`anomaly ${later} open`, `anomaly ${before} closed`])
  stream.leave()
})

it('goes on after the last event seen: nothing is missed or told twice', async () => {
  const ids = Array.from({ length: 5 }, () => uuid())
  await told(...ids.map((id) => anomaly(id)))
  const first = await follow('anomalies/events')
  const [one, two] = await first.next(2)
  first.leave()
  await told(closed(ids[0]!, 1))
  const second = await follow('anomalies/events', 'ann', two!.id)
  const rest = await second.next(4)
  second.leave()
  expect([one, two].map((frame) => frame!.data['anomaly_id'])).toEqual(ids.slice(0, 2))
  expect(rest.map(saying)).toEqual([...ids.slice(2).map((id) => `anomaly ${id} open`), `anomaly ${ids[0]} closed`])
})

it('does not tell what had closed before it began, also when it goes on', async () => {
  const [long, over, later] = [uuid(), uuid(), uuid()]
  await told(anomaly(long))
  await told(closed(over, 1))
  const first = await follow('anomalies/events')
  const [seen] = await first.next(1)
  first.leave()
  await told(anomaly(later))
  const second = await follow('anomalies/events', 'ann', seen!.id)
  expect((await second.next(1)).map(saying)).toEqual([`anomaly ${later} open`])
  second.leave()
})

it('misses nothing of a transaction that was open while a later one was done', async () => {
  const [slow, quick] = [uuid(), uuid()]
  const client = new Client({ connectionString: platform.databaseUrl })
  await client.connect()
  const stream = await follow('anomalies/events')
  try {
    await told(anomaly(slow, 0), anomaly(quick, 0))
    await stream.next(2)
    await client.query('BEGIN')
    await client.query('UPDATE gateway.anomalies SET changed = pg_current_xact_id() WHERE anomaly_id = $1', [slow])
    await told(anomaly(quick, 1, { phase: 'updated' }))
    await client.query('COMMIT')
  } finally {
    await client.end()
  }
  expect((await stream.next(2)).map(({ data }) => data['anomaly_id'])).toEqual([slow, quick])
  stream.leave()
})

it('starts anew for an id that it did not give, or that is of another database', async () => {
  const id = uuid()
  await told(anomaly(id))
  for (const last of ['yesterday', `9223372036854775806/${uuid()}`]) {
    const stream = await follow('anomalies/events', 'ann', last)
    expect((await stream.next(1)).map(saying), last).toEqual([`anomaly ${id} open`])
    stream.leave()
  }
})

it('tells only what the filter asks for, and nothing of another tenant', async () => {
  const [other, cart, minor, theirs] = [uuid(), uuid(), uuid(), uuid()]
  const mail = { service: 'cart-mail', services: ['cart-mail'] }
  await told(anomaly(other, 0, mail), anomaly(minor, 0, { severity: 'info' }), anomaly(cart))
  const stream = await follow('anomalies/events?service=cart&severity=critical')
  expect((await stream.next(1)).map(saying)).toEqual([`anomaly ${cart} open`])
  stream.leave()
  const billing = await follow('anomalies/events', 'ben')
  await told(detected(theirs, 0, { tenant: 'billing', service: 'invoices', services: ['invoices'] }))
  expect((await billing.next(1)).map(saying)).toEqual([`anomaly ${theirs} open`])
  billing.leave()
})

it('follows forecasts in the same way', async () => {
  const [one, two] = [uuid(), uuid()]
  await told(foretold(one, 0, shop))
  const stream = await follow('forecasts/events?resource=memory')
  const resource = { ...shop, resource: 'memory' }
  await told(foretold(two, 0, resource), foretold(one, 1, resource))
  expect((await stream.next(2)).map(saying).toSorted()).toEqual([`forecast ${one} open`, `forecast ${two} open`].toSorted()) // prettier-ignore
  await told(foretold(two, 1, { ...resource, phase: 'closed', ending: 'receded' }))
  expect((await stream.next(1)).map(saying)).toEqual([`forecast ${two} closed`])
  stream.leave()
})

it('refuses a filter that is no name, and a caller who is nobody', async () => {
  expect(await platform.ask('ann', 'GET', '/api/v1/anomalies/events?service=')).toMatchObject({ status: 400, body: { details: [{ field: 'querystring.service' }] } }) // prettier-ignore
  expect(await platform.ask('ann', 'GET', '/api/v1/forecasts/events?resource=')).toMatchObject({ status: 400, body: { details: [{ field: 'querystring.resource' }] } }) // prettier-ignore
  expect((await platform.ask(null, 'GET', '/api/v1/anomalies/events')).status).toBe(401)
})

it('frees its place when the client leaves', async () => {
  const stream = await follow('anomalies/events')
  const taken = async () => /^sre_gateway_event_streams (\d+)$/m.exec((await platform.app.inject('/api/v1/metrics')).payload)?.[1] // prettier-ignore
  expect(Number(await taken())).toBeGreaterThan(0)
  for (const one of opened) one.abort()
  stream.leave()
  await expect.poll(taken, { timeout: 60_000 }).toBe('0')
})
