/**
 * One platform per data folder. It is an operating-system lock, held through SQLite, so it is released however the process ends, and a stale
 * pid can never be mistaken for a live one, not even in a container. `platform.json` next to it only describes the holder.
 */
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { StartRefused } from './start-refused.ts'

const holderFile = z.object({ pid: z.int(), since: z.number(), url: z.string().nullable() })

export interface DataDirLock {
  /** records the platform's URL once it is up */
  tell(url: string): void
  release(): void
}

/** Throws `StartRefused` (`taken`) if another process uses the folder, without changing anything in it. */
export function lockDataDir(dataDir: string, now: () => number = Date.now): DataDirLock {
  const file = join(dataDir, 'platform.lock')
  const told = join(dataDir, 'platform.json')
  // create it with private permissions; SQLite would use the umask
  closeSync(openSync(file, 'a', 0o600))
  const lock = new DatabaseSync(file)
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (!isBusy(error)) throw error
    throw new StartRefused({ code: 'taken', dataDir: resolve(dataDir), holder: readHolder(told) })
  }
  const since = now()
  const tell = (url: string | null) =>
    writeFileSync(told, `${JSON.stringify({ pid: process.pid, since, url })}\n`, { mode: 0o600 })
  tell(null)
  return {
    tell,
    release() {
      if (!lock.isOpen) return
      rmSync(told, { force: true })
      lock.close()
    },
  }
}

/** The platform running in the folder; null: none. A crash leaves its file behind, so its process must exist too. */
export function runningPlatform(dataDir: string) {
  const holder = readHolder(join(dataDir, 'platform.json'))
  try {
    if (holder !== null) process.kill(holder.pid, 0)
    return holder
  } catch (error) {
    // EPERM: the process exists, and belongs to another user
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? holder : null
  }
}

const SQLITE_BUSY = 5
const isBusy = (error: unknown): boolean => (error as { errcode?: unknown }).errcode === SQLITE_BUSY

/** Null: the holder has only just started, or its file cannot be read. */
function readHolder(file: string) {
  try {
    return holderFile.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return null
  }
}
