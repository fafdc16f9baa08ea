/** The Chroma that a platform runs by itself. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { chromaBeside, type LocalChroma, startLocalChroma } from '../../embedded/chroma.ts'
import { lockDataDir } from '../../embedded/data-dir-lock.ts'
import { localEmbedder } from '../../memory/embedding.ts'
import { openStore } from '../../memory/store.ts'
import { until } from '../lab/until.ts'

const dirs: string[] = []
const running: LocalChroma[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one.close()
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true })
})

function dataDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'own chroma-'))
  dirs.push(dir)
  return dir
}
async function started(dir: string) {
  const told: string[] = []
  const chroma = await startLocalChroma(dir, {
    onOff: (why) => void told.push(`off: ${why}`),
    onLost: (why) => void told.push(`lost: ${why}`),
    onBack: () => void told.push('back'),
  })
  if (chroma !== null) running.push(chroma)
  return { chroma, told }
}
const pidIn = (dir: string) => (JSON.parse(readFileSync(join(dir, 'chroma.json'), 'utf8')) as { pid: number }).pid
const library = (url = '') => openStore(url, 'default', 'runbook_library', localEmbedder)
const entry = { id: 'a', source: 'a.md', headings: ['Cart'], text: 'restart it', services: [], time: null }

test('keeps its data over restarts, is found by commands beside it, and ends with the platform', async () => {
  const dir = dataDir()
  const { chroma } = await started(dir)
  await (await library(chroma?.url)).add([entry])
  expect(chromaBeside(dir)).toBeNull()
  const lock = lockDataDir(dir)
  lock.tell('http://127.0.0.1:1')
  expect(chromaBeside(dir)).toBe(chroma?.url)
  lock.release()
  await chroma?.close()
  await expect(library(chroma?.url)).rejects.toThrow('did not answer')
  const { chroma: again, told } = await started(dir)
  expect(await (await library(again?.url)).get('a')).toMatchObject(entry)
  expect(told).toEqual([])
}, 180_000)

test('a crash is told, and it is started again on its data', async () => {
  const dir = dataDir()
  const { chroma, told } = await started(dir)
  await (await library(chroma?.url)).add([entry])
  process.kill(pidIn(dir), 'SIGKILL')
  await until(() => told.includes('back'), 120_000)
  expect(told).toEqual([expect.stringMatching(/^lost: ./), 'back'])
  expect(await (await library(chroma?.url)).get('a')).toMatchObject(entry)
}, 180_000)

test('one that survived its platform is ended by the next start', async () => {
  const dir = dataDir()
  const { chroma: left, told } = await started(dir)
  const pid = pidIn(dir)
  // as if its platform had been killed
  const { chroma } = await started(dir)
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  expect(await (await library(chroma?.url)).count()).toBe(0)
  await until(() => told.length > 0, 60_000)
  await left?.close()
}, 180_000)

test('where it cannot run, it says why and the platform goes on', async () => {
  const dir = dataDir()
  // what it cannot open makes it end at once, as a missing library does
  mkdirSync(join(dir, 'chroma/chroma.sqlite3'), { recursive: true })
  const { chroma: none, told } = await started(dir)
  expect(none).toBeNull()
  expect(told).toEqual([expect.stringMatching(/^off: ./)])
}, 180_000)

test('runs in a data folder that is named relative to where the platform was started', async () => {
  // from within the folder, the same path leads elsewhere
  const dir = join(dataDir(), 'of the', 'platform')
  const { chroma, told } = await started(relative(process.cwd(), dir))
  expect(told).toEqual([])
  await (await library(chroma?.url)).add([entry])
  expect(await (await library(chroma?.url)).count()).toBe(1)
})
