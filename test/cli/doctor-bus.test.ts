/** What `sre doctor` says about the bus: brokers that are down, and consumers that lag. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Bus } from '../../bus/bus.ts'
import { createBus, preparePostgresBus } from '../../bus/create.ts'
import { lagCheck } from '../../cli/doctor/lag.ts'
import { kafkaChecks } from '../../cli/doctor/kafka.ts'
import { loadContract } from '../../schemas/contract.ts'
import { diagnosisRequested } from '../events/requests.ts'
import { freePort } from '../servers/free-port.ts'
import { createDatabase, type Database } from '../servers/postgres.ts'

const contract = loadContract()
let database: Database
let bus: Bus
beforeAll(async () => {
  database = await createDatabase('doctor_bus')
  await preparePostgresBus(database.url, contract)
  bus = await createBus({ kind: 'postgres', databaseUrl: database.url, contract })
}, 180_000)
afterAll(async () => {
  await bus?.close()
  await database?.drop()
})

test('brokers that are down are listed, each with its reason in words', async () => {
  const away = `127.0.0.1:${await freePort()}`
  const registryUrl = `http://127.0.0.1:${await freePort()}`
  const options = { kind: 'kafka' as const, brokers: [away, 'no-such-host.invalid:9092'], registryUrl, contract }
  const found = await Promise.all(kafkaChecks(options).map(async ({ id, look }) => ({ id, ...(await look()) })))
  const said = found.find(({ id }) => id === 'kafka')
  expect(said?.state).toBe('failed')
  expect(said?.says.en).toMatch(/^no broker can be reached: 127\.0\.0\.1:\d+ \(nothing listens there\), no-such-host\.invalid:9092 \((?:unknown host name|the host name cannot be resolved)\)$/) // prettier-ignore
  expect(said?.says['zh-TW']).toContain('沒有程式在該連接埠接聽')
  expect(found.find(({ id }) => id === 'topics')?.state).toBe('not_checked')
  expect((await lagCheck(options).look()).state).toBe('not_checked')
}, 120_000)

test('a consumer that does not keep up is a warning with its group, topic and count', async () => {
  const check = lagCheck({ kind: 'postgres', databaseUrl: database.url, contract })
  expect(await check.look()).toMatchObject({ state: 'not_checked' })
  const { name } = contract.topicOf('DiagnosisRequested')
  const handled: string[] = []
  const read = () => bus.subscribe({ group: 'sre-assistant', consumer: 'assistant', topics: [name], handle: async (all) => (all.forEach(({ value }) => handled.push(value.event_id)), []) }) // prettier-ignore
  await (await read()).stop()
  expect(await check.look()).toMatchObject({ state: 'ok', says: { en: 'none' } })
  for (const service of ['cart', 'checkout'])
    await bus.publish([await bus.encode('DiagnosisRequested', diagnosisRequested({ kind: 'alert', service }))])
  const behind = await check.look()
  expect(behind).toMatchObject({ state: 'warning', details: [`sre-assistant, ${name}: 2`] })
  expect(behind.says.en).toBe('1 consumer does not keep up')
  const consumption = await read()
  await expect.poll(() => handled, { timeout: 60_000 }).toHaveLength(2)
  await consumption.stop()
  expect(await check.look()).toMatchObject({ state: 'ok' })
}, 180_000)
