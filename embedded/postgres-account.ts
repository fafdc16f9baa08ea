/** PostgreSQL refuses to run as root. It has an account of its own then, which may pass through the data folder, and nobody else. */
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'

export interface Account {
  uid: number
  gid: number
}

const NAME = 'postgres'
const ANYBODY_MAY_PASS = 0o001

/** The account it runs as, made where there is none; null: its own, of who starts it. */
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

/** Its group may pass through, and not look. */
export function letPass(dir: string, { gid }: Account): void {
  const { mode, uid } = statSync(dir)
  if ((mode & ANYBODY_MAY_PASS) !== 0) return
  chownSync(dir, uid, gid)
  chmodSync(dir, (mode & 0o700) | 0o010)
}
