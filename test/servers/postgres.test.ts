import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, startPrivatePostgres } from './postgres.ts'
import type { Database } from './postgres.ts'

const ask = async (url: string, statement: string): Promise<unknown[]> => {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows
  } finally {
    await client.end()
  }
}

let mine: Database
let other: Database
beforeAll(async () => {
  ;[mine, other] = await Promise.all([createDatabase('mine'), createDatabase()])
})
afterAll(() => Promise.all([mine.drop(), other.drop()]))

test('each test file has a database that no other sees', async () => {
  await ask(mine.url, 'CREATE TABLE kept (id int)')
  expect(await ask(mine.url, `SELECT to_regclass('kept')::text AS name`)).toEqual([{ name: 'kept' }])
  expect(await ask(other.url, `SELECT to_regclass('kept')::text AS name`)).toEqual([{ name: null }])
})

test('a private server that is stopped and then killed comes back at its address with its data', async () => {
  const server = await startPrivatePostgres()
  await ask(server.url, 'CREATE TABLE kept AS SELECT 1 AS id')
  for (const away of ['stop', 'kill'] as const) {
    await server[away]()
    await expect(ask(server.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await server.start()
    expect(await ask(server.url, 'SELECT id FROM kept')).toEqual([{ id: 1 }])
  }
  await server.stop()
})

test('a suspended private server does not answer until it is resumed', async () => {
  const server = await startPrivatePostgres()
  const client = new Client({ connectionString: server.url })
  await client.connect()
  await server.suspend()
  let answered = false
  const answer = client.query('SELECT 1').then(() => (answered = true))
  await expect(new Client({ connectionString: server.url, connectionTimeoutMillis: 1000 }).connect()).rejects.toThrow(
    'timeout',
  )
  expect(answered).toBe(false)
  await server.resume()
  await answer
  await client.end()
  await server.stop()
})
