/** Permissions of the platform's files, as root and as another user, with umask 0: every mode is set by the platform itself. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, watch, writeFileSync } from 'node:fs' // prettier-ignore
import { tmpdir, userInfo } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openDataDir } from '../../embedded/data-dir.ts'

const root = join(import.meta.dirname, '../..')
const made: string[] = []
afterAll(() => made.forEach((dir) => rmSync(dir, { recursive: true, force: true })))

function folder(owner: number): string {
  const dir = mkdtempSync(join(tmpdir(), 'private-'))
  made.push(dir)
  chmodSync(dir, 0o755)
  if (owner !== userInfo().uid) chownSync(dir, owner, owner)
  return dir
}

/** Paths below `dir` with permissions for others, except as `allowed`. */
function open(dir: string, allowed: Readonly<Record<string, number>>): string[] {
  const paths = [dir, ...readdirSync(dir, { recursive: true, encoding: 'utf8' }).map((path) => join(dir, path))]
  return paths.flatMap((path) => {
    const stat = lstatSync(path, { throwIfNoEntry: false })
    if (stat === undefined || stat.isSymbolicLink()) return []
    const others = stat.mode & 0o077 & ~(allowed[relative(dir, path)] ?? 0)
    return others === 0 ? [] : [`${relative(dir, path)} ${(stat.mode & 0o777).toString(8)}`]
  })
}

/** The content of a file that may have been deleted meanwhile. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return ''
    throw error
  }
}

/** Modes when files are first seen, because even a short time with open permissions counts. */
function firstModes(dir: string, seen: Map<string, string>) {
  return watch(dir, (_event, name) => {
    if (name === null || seen.has(name)) return
    const stat = lstatSync(join(dir, name), { throwIfNoEntry: false })
    if (stat !== undefined) seen.set(name, stat.isFile() ? textOf(join(dir, name)) : '')
  })
}

async function ended(child: ChildProcess) {
  child.kill('SIGTERM')
  if (child.exitCode === null) await once(child, 'exit')
}

async function started(dataDir: string, temporary: string, uid: number): Promise<ChildProcess> {
  const environment = { ...process.env, DATA_DIR: dataDir, TMPDIR: temporary, HOME: temporary, LOG_LEVEL: 'info' }
  const sre = ['-c', 'umask 000; exec "$0" cli/sre.ts start --no-show --port 0', process.execPath]
  const child = spawn('sh', sre, { cwd: root, env: environment, ...(uid === userInfo().uid ? {} : { uid, gid: uid }) })
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => said.push(String(data)))
  await Promise.race([
    expect.poll(() => said.join(''), { timeout: 150_000, interval: 50 }).toContain('Ctrl-C'),
    once(child, 'exit').then(() => expect.fail(said.join(''))),
  ])
  return child
}

const NOBODY = 65_534
const asWhom = userInfo().uid === 0 ? [0, NOBODY] : [userInfo().uid]

describe.each(asWhom)('as the user %d', (uid) => {
  test('the platform keeps its files private', async () => {
    const [above, temporary] = [folder(uid), folder(uid)]
    const dataDir = join(above, 'new', 'data')
    const passing = new Map<string, string>()
    const watcher = firstModes(temporary, passing)
    const child = await started(dataDir, temporary, uid)
    // as root, PostgreSQL's account may traverse the folder, but not list it
    expect(open(dataDir, uid === 0 ? { '': 0o010 } : {})).toEqual([])
    expect(statSync(join(dataDir, 'platform.log')).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(above, 'new'))).toEqual(['data'])
    const { password } = JSON.parse(readFileSync(join(dataDir, 'postgres.json'), 'utf8')) as { password: string }
    expect([...passing.values()].filter((text) => text.includes(password))).toEqual([])
    watcher.close()
    await ended(child)
    expect(open(dataDir, uid === 0 ? { '': 0o010 } : {})).toEqual([])
  }, 240_000)
})

test('a data folder that an older version left open is made private with its files; any other folder is unchanged', () => {
  const [ours, others] = [folder(userInfo().uid), folder(userInfo().uid)]
  for (const dir of [ours, others]) {
    mkdirSync(join(dir, 'inner'))
    writeFileSync(join(dir, 'notes.log'), 'x', { mode: 0o644 })
  }
  writeFileSync(join(ours, 'platform.log'), 'x', { mode: 0o644 })
  openDataDir(ours)
  openDataDir(others)
  const modes = (dir: string) => [dir, join(dir, 'notes.log')].map((path) => (statSync(path).mode & 0o777).toString(8))
  expect(modes(ours)).toEqual(['700', '600'])
  expect(modes(others)).toEqual(['755', '644'])
})

test('existing parent folders are unchanged, even for a relative path', () => {
  const dir = folder(userInfo().uid)
  const code = `import { openDataDir } from ${JSON.stringify(join(root, 'embedded/data-dir.ts'))}; openDataDir('made/data')`
  execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: dir })
  const modes = ['', 'made', 'made/data'].map((path) => (statSync(join(dir, path)).mode & 0o777).toString(8))
  expect(modes).toEqual(['755', '711', '700'])
})
