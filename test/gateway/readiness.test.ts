/** What the gateway reports about its consumer: readiness, metrics and log. */
import type { Pool } from 'pg'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPool } from '../../bus/postgres/pool.ts'
import { losableTables } from '../bus/lost-schemas.ts'
import { keptLog } from '../runtime/log-lines.ts'
import { startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'
import { progressed, requested } from './records.ts'

let platform: Platform
let pool: Pool
const { log, lines } = keptLog()
beforeAll(async () => {
  platform = await startPlatform({ log, limits: { read: 100_000 } })
  pool = openPool({ connectionString: platform.databaseUrl, max: 2 })
})
afterAll(async () => {
  await pool.end()
  await platform.close()
})

const ready = () => platform.ask(null, 'GET', '/api/v1/readyz')
const metric = async (name: string) => {
  const { text } = await platform.ask(null, 'GET', '/api/v1/metrics')
  return text.split('\n').find((line) => line.startsWith(name))?.slice(name.length + 1) // prettier-ignore
}
const counted = (topic: string, code: string) =>
  metric(`sre_dead_letters_total{consumer="gateway",topic="${topic}",code="${code}"}`)
const said = (message: string) => lines.filter(({ msg }) => String(msg).startsWith(message))
const poll = <T>(ask: () => T) => expect.poll(ask, { timeout: 60_000, interval: 50 })

/** A record in the topic's framing, with an unregistered schema id. */
async function ofUnknownSchema(session: string) {
  const { event, value } = progressed(session, 10)
  const record = await platform.bus.encode(event, value)
  record.value.writeUInt32BE(2_000_000_000, 1)
  return record
}

test('a record that cannot be processed is counted, and logged with its position', async () => {
  const session = uuid()
  await platform.tell(requested(session))
  const spoilt = { ...(await ofUnknownSchema(session)), value: Buffer.from('nonsense') }
  await platform.bus.publish([spoilt])
  await poll(() => counted(spoilt.topic, 'bad_magic')).toBe('1')
  expect(said('a record could not be processed')).toMatchObject([
    {
      ...{ level: 40, consumer: 'gateway', code: 'bad_magic', shortened: false },
      ...{ reason: expect.stringContaining('Confluent'), origin: { topic: spoilt.topic, offset: expect.any(String) } },
    },
  ])
  expect(await ready()).toMatchObject({ status: 200, body: { ready: true } })
  expect((await ready()).body).not.toHaveProperty('reasons')
  expect(await metric('sre_consumer_stopped')).toBe('0')
})

test('a gateway whose schemas are missing is not ready, says why, and recovers when they are back', async () => {
  const session = uuid()
  await platform.tell(requested(session))
  const schemas = losableTables(pool, { kind: 'postgres', databaseUrl: platform.databaseUrl })
  const spoilt = await ofUnknownSchema(session)
  await schemas.lose()
  await platform.bus.publish([spoilt])
  await poll(ready).toMatchObject({
    status: 503,
    body: {
      ...{ ready: false, checks: { postgres: true, bus: false } },
      reasons: {
        bus: expect.stringMatching(`^${spoilt.topic}, partition \\d+, has been stuck since .*: the schema store`),
      },
    },
  })
  expect(await metric('sre_consumer_stopped')).toBe('1')
  expect(said('a partition is stuck')).toMatchObject([
    { level: 50, topic: spoilt.topic, reason: expect.stringContaining('schema store') },
  ])
  expect(await counted(spoilt.topic, 'unknown_schema')).toBeUndefined()

  await schemas.giveBack()
  await poll(ready).toMatchObject({ status: 200, body: { ready: true } })
  expect((await ready()).body).not.toHaveProperty('reasons')
  expect(await metric('sre_consumer_stopped')).toBe('0')
  expect(said('a partition is being consumed again')).toMatchObject([{ topic: spoilt.topic }])
  expect(await counted(spoilt.topic, 'unknown_schema')).toBe('1')
})
