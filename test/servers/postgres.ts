import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { ask, askPrivate } from './client.ts'
import type { PrivateServer } from './client.ts'

/** Superuser URL of the test run's shared PostgreSQL, started on first use. */
export const postgresUrl = async (): Promise<string> => (await ask<{ url: string }>('shared/postgres')).url

export type Database = { url: string; drop(): Promise<void> }

async function onServer<T>(serverUrl: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: serverUrl })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** A closed connection may linger, and one that is terminated raises an error in its process. */
const LEAVING_MS = 20_000

async function drop(client: Client, name: string): Promise<void> {
  const connected = async () =>
    (await client.query(`SELECT FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'`, [name]))
      .rowCount ?? 0
  const deadline = Date.now() + LEAVING_MS
  while ((await connected()) > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50))
  await client.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)
}

/** A new empty database on the shared server. `drop` also closes remaining connections. */
export async function createDatabase(prefix = 'test'): Promise<Database> {
  const server = await postgresUrl()
  const name = `${prefix}_${randomBytes(6).toString('hex')}`
  await onServer(server, (client) => client.query(`CREATE DATABASE "${name}"`))
  const url = new URL(server)
  url.pathname = name
  return { url: url.href, drop: () => onServer(server, (client) => drop(client, name)) }
}

/** A private PostgreSQL that can be stopped (`stop`, `kill`) and restarted (`start`) at the same URL. */
export const startPrivatePostgres = (): Promise<PrivateServer<{ url: string }>> => askPrivate('postgres')
