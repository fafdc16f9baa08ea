import { afterAll, beforeAll, expect, it } from 'vitest'
import { createBus, preparePostgresBus } from '../../bus/create.ts'
import { deleteExpired } from '../../bus/postgres/log.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { loadContract } from '../../schemas/contract.ts'
import { settled } from './settled.ts'
import { createDatabase, type Database } from '../servers/postgres.ts'

let database: Database
beforeAll(async () => void (database = await createDatabase('retention_bytes')))
afterAll(() => database?.drop())

it('keeps the newest records within retention.bytes, which every dead-letter topic sets', async () => {
  const contract = loadContract()
  const [letters, other] = contract.deadLetterTopics
  expect(contract.deadLetterTopics.every(({ config }) => Number(config['retention.bytes']) > 0)).toBe(true)
  await preparePostgresBus(database.url, contract)
  const bus = await createBus({ kind: 'postgres', databaseUrl: database.url, contract })
  const pool = openPool({ connectionString: database.url, max: 1 })
  const record = (topic: string, n: number) => ({ topic, key: 'k', value: Buffer.alloc(1000, n), headers: {} })
  for (let n = 0; n < 20; n++) await bus.publish([record(letters!.name, n), record(other!.name, n)])
  await settled(pool)
  const bounded = { ...letters!, config: { ...letters!.config, 'retention.bytes': '5000' } }
  await deleteExpired(pool, { ...contract, deadLetterTopics: [bounded, other!] })
  const kept = async (topic: string) => {
    const found: number[] = []
    for await (const { value } of bus.browse(topic)) found.push(value![0]!)
    return found
  }
  expect(await kept(letters!.name)).toEqual([15, 16, 17, 18, 19])
  expect(await kept(other!.name)).toHaveLength(20)
  await pool.end()
  await bus.close()
})
