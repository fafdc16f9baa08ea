/** The data folder: private to its owner from the moment it exists. */
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { userInfo } from 'node:os'

/** A folder with any of these is a data folder. */
const KNOWN = ['endpoints.json', 'tokens.json', 'issuer.json', 'postgres.json', 'platform.log']
const ANYBODY = 0o007
const STICKY = 0o1000

/**
 * Creates it if needed, and returns the topmost folder it created. A data folder that others may read, as older versions left it, is made private
 * with its files.
 */
export function openDataDir(folder: string): string | undefined {
  // returned in the given form: a relative path stays relative
  const dir = resolve(folder)
  const first = mkdirSync(dir, { recursive: true, mode: 0o700 })
  // parents created here contain nothing else, so anyone may traverse them, as usual for parents
  if (first !== undefined)
    for (let above = dirname(dir); above.length >= first.length; above = dirname(above)) chmodSync(above, 0o711)
  const { mode, uid } = statSync(dir)
  if ((mode & ANYBODY) === 0 || (mode & STICKY) !== 0 || uid !== userInfo().uid) return first
  if (!KNOWN.some((name) => existsSync(join(dir, name)))) return first
  chmodSync(dir, 0o700)
  for (const name of readdirSync(dir)) if (lstatSync(join(dir, name)).isFile()) chmodSync(join(dir, name), 0o600)
  return first
}
