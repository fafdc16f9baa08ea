/** The shop's releases, kept across restarts of the supervisor. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { initialReleases, type ServiceName } from './releases.ts'

const running = z.object({
  imageTag: z.string(),
  previousImageTag: z.string().nullable(),
  replicas: z.int().min(1).default(1),
  /** those that were changed; the others are the initial ones */
  settings: z.record(z.string(), z.number()).default({}),
})
const stateFile = z.record(z.string(), running)

export type Running = z.infer<typeof running>
export type ShopState = Record<ServiceName, Running>

const initial = (): ShopState => {
  const entries = Object.entries(initialReleases).map(([name, imageTag]) => [
    name,
    { imageTag, previousImageTag: null, replicas: 1, settings: {} },
  ])
  return Object.fromEntries(entries) as ShopState
}

/** The initial releases if there is no file. An unreadable file is an error, not a new shop. */
export async function readState(dataDir: string): Promise<ShopState> {
  const text = await readFile(join(dataDir, 'shop.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  return text === null ? initial() : { ...initial(), ...stateFile.parse(JSON.parse(text)) }
}

export const writeState = (dataDir: string, state: ShopState): Promise<void> =>
  writeWhole(join(dataDir, 'shop.json'), `${JSON.stringify(state, null, 2)}\n`)

/** Atomic: a reader sees the old file or the new one. */
export async function writeWhole(path: string, content: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 })
  await writeFile(`${path}.next`, content, { mode: 0o600 })
  await rename(`${path}.next`, path)
}
