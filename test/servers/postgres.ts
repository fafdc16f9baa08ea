import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { ask, askPrivate } from './client.ts'
import type { PrivateServer } from './client.ts'

/** The superuser's URL of the PostgreSQL that all tests of a run share; started by the first that asks. */
export const postgresUrl = async (): Promise<string> => (await ask<{ url: string }>('shared/postgres')).url

export type Database = { url: string; drop(): Promise<void> }

async function onServer(serverUrl: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** An empty database of the caller's own on the shared server. `drop` also ends the connections that are left. */
export async function createDatabase(prefix = 'test'): Promise<Database> {
  const server = await postgresUrl()
  const name = `${prefix}_${randomBytes(6).toString('hex')}`
  await onServer(server, `CREATE DATABASE "${name}"`)
  const url = new URL(server)
  url.pathname = name
  return { url: url.href, drop: () => onServer(server, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`) }
}

/** A PostgreSQL of the caller's own, to take away (`stop`, `kill`) and give back (`start`) at the same URL. */
export const startPrivatePostgres = (): Promise<PrivateServer<{ url: string }>> => askPrivate('postgres')
