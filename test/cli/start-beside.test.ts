/** A start next to another platform, or with a taken port or folder; and a platform that loses its database. */
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lockDataDir } from '../../embedded/data-dir-lock.ts'
import { until } from '../lab/until.ts'
import { freePort } from '../servers/free-port.ts'
import { runHere, runSre, startSre } from './run-sre.ts'

const made: string[] = []
function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'sre-beside-'))
  made.push(dir)
  return dir
}

interface Running {
  dataDir: string
  url: string
  pid: number
  said(): string
  ended: Promise<unknown[]>
  kill(signal: NodeJS.Signals): void
}

async function startPlatform(dataDir: string): Promise<Running> {
  const platform = startSre(['start', '--no-show', '--port', '0'], { DATA_DIR: dataDir })
  let said = ''
  for (const stream of [platform.stdout, platform.stderr])
    stream.on('data', (text: Buffer) => (said += text.toString()))
  const ended = once(platform, 'exit')
  const url = await until(() => /Running: gateway ([^,]+),/.exec(said)?.[1], 150_000)
  return { dataDir, url, pid: platform.pid ?? 0, said: () => said, ended, kill: (signal) => platform.kill(signal) }
}

const isReady = async ({ url }: Running) => (await fetch(`${url}/api/v1/readyz`)).status === 200
const postmaster = (dataDir: string): number =>
  Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0])

/** It may have ended by itself: its file can outlive it, and it ends once its data is gone. */
function endAtOnce(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as { code?: string }).code !== 'ESRCH') throw error
  }
}

let first: Running
beforeAll(async () => {
  first = await startPlatform(folder())
}, 480_000)
afterAll(async () => {
  first.kill('SIGKILL')
  for (const dir of made) {
    if (existsSync(join(dir, 'postgres', 'postmaster.pid'))) endAtOnce(postmaster(dir))
    rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 })
  }
})

test('sre doctor recognises the platform running in the folder, and checks that one', async () => {
  const beside = async (set: Record<string, string> = {}) => {
    const { code, out, err } = await runHere(['doctor', '--json'], { DATA_DIR: first.dataDir, ...set })
    const lines = JSON.parse(out) as { check: string; state: string; message: string }[]
    return { code, err, found: new Map(lines.map((one) => [one.check, one])), lines }
  }
  const shop = await beside()
  expect(
    shop.lines.filter(({ state }) => state !== 'ok'),
    shop.err,
  ).toEqual([])
  expect(shop.found.get('configuration')?.message).toContain(`a platform runs in ${first.dataDir} (process ${first.pid}, since 20`) // prettier-ignore
  expect(shop.found.get('gateway')?.message).toBe(`ready at ${first.url}`)
  for (const check of ['postgres', 'migrations', 'postgres_clock', 'lag', 'disk', 'shop']) expect([...shop.found.keys()]).toContain(check) // prettier-ignore
  const own = await beside({ PROMETHEUS_URL: `http://127.0.0.1:${await freePort()}` })
  expect(own.code).toBe(1)
  expect(own.lines.filter(({ state }) => state === 'failed').map(({ check }) => check)).toEqual(['prometheus'])
  expect(own.found.get('loki')?.message).toBe('not configured (LOKI_URL): no logs')
  const separate = await beside({ OIDC_ISSUER: 'http://127.0.0.1:1', PROMETHEUS_URL: 'http://127.0.0.1:1' })
  expect(separate.found.get('configuration')?.message).toMatch(/^complete for gateway, assistant|errors? \(gateway, assistant\)/) // prettier-ignore
}, 480_000)

test('a second start in the same folder is refused and names the first, which keeps running', async () => {
  const before = Date.now()
  const { code, out, err } = await runSre(['start', '--port', '0'], { DATA_DIR: first.dataDir })
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain(`a platform is already running in ${first.dataDir}: process ${first.pid}, since 20`)
  expect(Date.parse(/since (\S+Z)/.exec(err)?.[1] ?? '')).toBeLessThan(before)
  expect(err).toContain(`Use that one (${first.url}), stop it (kill ${first.pid})`)
  expect(err).toContain('--data DIR --port N')
  expect(await isReady(first)).toBe(true)
  const chinese = await runSre(['start', '--data', first.dataDir, '--language', 'zh-TW'])
  expect(chinese).toMatchObject({ code: 1, err: expect.stringContaining(`程序 ${first.pid}`) })
})

test('a taken port is reported, with how to choose another, before anything starts, and leaves no files', async () => {
  const parent = folder()
  const dataDir = join(parent, 'not', 'there')
  const { code, out, err } = await runSre(['start', '--port', new URL(first.url).port], { DATA_DIR: dataDir })
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toMatch(/^port \d+ is in use by another program\. Choose another: --port N/)
  expect(readdirSync(parent)).toEqual([])
})

test('a platform in another folder runs at the same time, on free ports', async () => {
  const second = await startPlatform(folder())
  expect([await isReady(first), await isReady(second)]).toEqual([true, true])
  second.kill('SIGTERM')
  expect(await second.ended).toEqual([0, null])
  const settings = JSON.parse(readFileSync(join(second.dataDir, 'postgres.json'), 'utf8')) as { port: number }
  const issuer = JSON.parse(readFileSync(join(second.dataDir, 'issuer.json'), 'utf8')) as { port: number }
  const taken = [settings, issuer].map(({ port }) => createServer().listen(port, '127.0.0.1'))
  await Promise.all(taken.map((server) => once(server, 'listening')))
  const refused = await runSre(['start', '--port', '0'], { DATA_DIR: second.dataDir })
  expect(refused).toMatchObject({ code: 1, out: '' })
  expect(refused.err).toContain(`port ${issuer.port} is in use by another program, and the identity provider`)
  taken[1]?.close()
  const again = await startPlatform(second.dataDir)
  expect(await isReady(again)).toBe(true)
  const { port } = taken[0]?.address() as AddressInfo
  expect(readFileSync(join(second.dataDir, 'postgres.json'), 'utf8')).not.toContain(`${port}`)
  again.kill('SIGTERM')
  await again.ended
  taken[0]?.close()
}, 480_000)

test('a platform whose PostgreSQL dies reports it, restarts it, and recovers', async () => {
  process.kill(postmaster(first.dataDir), 'SIGKILL')
  await until(() => /PostgreSQL does not answer \(.+\): restarting it/.test(first.said()), 60_000)
  await until(() => /the database is back after \d+ s/.test(first.said()), 150_000)
  await until(() => isReady(first), 60_000)
  expect(readFileSync(join(first.dataDir, 'platform.log'), 'utf8')).toMatch(/"the database is lost"[^]*"the database is back"/) // prettier-ignore
  const people = JSON.parse(readFileSync(join(first.dataDir, 'people.json'), 'utf8')) as Record<string, string>[]
  const alice = people.find(({ username }) => username === 'alice')?.['password'] ?? ''
  const terminal = ['--data', first.dataDir]
  await runHere(['login', '--username', 'alice', '--password-stdin', ...terminal], {}, `${alice}\n`)
  const asked = await runHere(['diagnose', '--service', 'cart', '--watch', ...terminal])
  expect(asked, asked.err).toMatchObject({ code: 0 })
}, 480_000)

test('a platform that was killed leaves no lock behind, and one that loses its data ends and says so', async () => {
  first.kill('SIGKILL')
  await first.ended
  first = await startPlatform(first.dataDir)
  expect(await isReady(first)).toBe(true)
  const pid = postmaster(first.dataDir)
  rmSync(join(first.dataDir, 'postgres'), { recursive: true, maxRetries: 20, retryDelay: 200 })
  endAtOnce(pid)
  expect(await first.ended).toEqual([1, null])
  expect(first.said()).toMatch(/a component died: .*the data of PostgreSQL is gone from /)
}, 480_000)

test('a folder has one lock holder at a time, even after a crash', () => {
  const dir = folder()
  const held = lockDataDir(dir, () => 0)
  held.tell('http://here')
  const refusal = { code: 'taken', dataDir: dir, holder: { pid: process.pid, since: 0, url: 'http://here' } }
  expect(() => lockDataDir(dir)).toThrow(expect.objectContaining({ refusal }))
  held.release()
  held.release()
  lockDataDir(dir).release()
  expect(readdirSync(dir)).toEqual(['platform.lock'])
})

// only root's PostgreSQL runs under another account
test.runIf(userInfo().uid === 0)(
  'a folder that the account of the database cannot access is reported before the start',
  async () => {
    const closed = folder()
    chmodSync(closed, 0o700)
    const { code, out, err } = await runSre(['start', '--port', '0'], { DATA_DIR: join(closed, 'in', '.sre') })
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain(
      `as the account postgres instead of root, and that account cannot access ${closed}. Keep the data in a folder it can access`,
    )
    expect(err).toContain(`chmod o+x ${closed}`)
  },
)
