import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { lock } from 'proper-lockfile'

/** Folder for downloads and builds: outside the repository, shared by all checkouts of this user. */
export const cacheRoot = (environment: NodeJS.ProcessEnv = process.env): string =>
  join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sre-platform', 'servers')

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

/** A cached folder, keyed by `recipe` (versions, a file's content). */
export type Cached = { folder: string; prepared(): Promise<boolean>; prepare(): Promise<void> }

/** `build` fills the given folder. The cache shows it only when complete, and only one process builds. */
export function cached(name: string, recipe: string, build: (folder: string) => Promise<void>): Cached {
  const folder = join(cacheRoot(), `${name}-${createHash('sha256').update(recipe).digest('hex').slice(0, 12)}`)
  const prepared = () => exists(folder)
  return {
    folder,
    prepared,
    async prepare() {
      await mkdir(cacheRoot(), { recursive: true })
      // Another run may be building the same; wait for it up to an hour.
      const release = await lock(folder, { realpath: false, retries: { retries: 3600, factor: 1, minTimeout: 1000 } })
      try {
        if (await prepared()) return
        const partial = `${folder}.partial`
        await rm(partial, { recursive: true, force: true })
        await mkdir(partial)
        await build(partial)
        await rename(partial, folder)
      } finally {
        await release()
      }
    },
  }
}

/** Runs one build command in `cwd`; an error contains the end of its output. */
export async function build(command: string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<void> {
  const [program = '', ...args] = command
  const log = join(cwd, `${basename(program)}.log`)
  const output = openSync(log, 'w')
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', output, output] })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code === 0) return
  const end = (await readFile(log, 'utf8')).trimEnd().split('\n').slice(-20).join('\n')
  throw new Error(`${command.join(' ')} failed:\n${end}`)
}
