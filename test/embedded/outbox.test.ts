import type { Pool } from 'pg'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Bus, EncodedRecord } from '../../bus/bus.ts'
import { BusError } from '../../bus/bus.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { prepareControlPlane } from '../../embedded/control-plane/control-plane.ts'
import { transaction } from '../../bus/postgres/transaction.ts'
import { createOutbox } from '../../embedded/control-plane/outbox.ts'
import { until } from '../lab/until.ts'
import { createDatabase, type Database } from '../servers/postgres.ts'

let database: Database
let pool: Pool

beforeAll(async () => {
  database = await createDatabase('outbox')
  await prepareControlPlane(database.url)
  pool = openPool({ connectionString: database.url, max: 5 })
})

afterAll(async () => {
  await pool.end()
  await database.drop()
})

const record = (text: string): EncodedRecord => ({
  topic: 't',
  key: 'k',
  value: Buffer.from(text),
  headers: { a: text },
})

/** A bus that fails the first `failures` publications. */
function busAwayFor(failures: number) {
  const taken: string[] = []
  const publish: Bus['publish'] = async (records) => {
    if (failures-- > 0) throw new BusError('unavailable', 'away')
    taken.push(...records.map(({ value, headers }) => `${value.toString()} ${headers['a']}`))
  }
  return { bus: { publish } as Bus, taken }
}

test('publishes in order, once, when the bus is back', async () => {
  const { bus, taken } = busAwayFor(2)
  const outbox = createOutbox({ pool, bus, log: pino({ level: 'silent' }) })
  outbox.start()
  const texts = Array.from({ length: 250 }, (_, index) => `event-${index}`)
  for (const text of texts) await transaction(pool, (client) => outbox.add(client, [record(text)]))
  outbox.nudge()
  await until(() => taken.length >= texts.length)
  await outbox.stop()
  expect(taken).toEqual(texts.map((text) => `${text} ${text}`))
})

test('never publishes an event of a failed transaction', async () => {
  const { bus, taken } = busAwayFor(0)
  const outbox = createOutbox({ pool, bus, log: pino({ level: 'silent' }) })
  const failing = transaction(pool, async (client) => {
    await outbox.add(client, [record('lost')])
    throw new Error('rolled back')
  })
  await expect(failing).rejects.toThrow('rolled back')
  await transaction(pool, (client) => outbox.add(client, [record('kept')]))
  await outbox.stop()
  expect(taken).toEqual(['kept kept'])
})

test('publishes each event once with two publishers', async () => {
  const [one, other] = [busAwayFor(0), busAwayFor(0)]
  const outboxes = [one, other].map(({ bus }) => createOutbox({ pool, bus, log: pino({ level: 'silent' }) }))
  for (let index = 0; index < 20; index++)
    await transaction(pool, (client) => outboxes[0]!.add(client, [record(`shared-${index}`)]))
  for (const outbox of outboxes) outbox.nudge()
  await Promise.all(outboxes.map((outbox) => outbox.stop()))
  expect([...one.taken, ...other.taken]).toHaveLength(20)
})
