/** Brings Markdown runbooks into the library: by content, so that a repeated ingest changes nothing, and what is gone is removed. */
import { globSync, readFileSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { RunbookError, sectionsOf } from './sections.ts'
import type { Store } from './store.ts'

const MOST_BYTES = 4 * 1024 * 1024

export interface Ingested {
  files: number
  /** sections */
  added: number
  unchanged: number
  removed: number
}

export interface IngestOptions {
  paths: readonly string[]
  /** sources within it are named relative to it, others by their whole path */
  base: string
  progress?(done: number, of: number, source: string): void
}

/** Throws one `RunbookError` that lists every file that cannot be ingested; then nothing was changed. */
export async function ingest(store: Store, { paths, base, progress }: IngestOptions): Promise<Ingested> {
  const nameOf = (path: string): string => (path === base ? '.' : relative(base, path).startsWith('..') ? path : relative(base, path)) // prettier-ignore
  const roots = [...new Set(paths.map((path) => resolve(base, path)))]
  const wrong: string[] = []
  const attempt = <T>(work: () => T): T | null => {
    try {
      return work()
    } catch (error) {
      wrong.push(error instanceof Error ? error.message : String(error))
      return null
    }
  }
  const files = [...new Set(roots.flatMap((path) => attempt(() => filesOf(path)) ?? []))].sort()
  const sections = files.map((path) => attempt(() => sectionsOf(nameOf(path), readText(path))) ?? [])
  if (wrong.length > 0) throw new RunbookError(wrong.join('\n'))
  const covered = (source: string): boolean =>
    roots.some((path) => nameOf(path) === source || nameOf(path) === '.' || source.startsWith(`${nameOf(path)}/`))
  const known = new Set([...(await store.idsOf(covered)).values()].flat())
  const ingested: Ingested = { files: files.length, added: 0, unchanged: 0, removed: 0 }
  for (const [at, entries] of sections.entries()) {
    const fresh = entries.filter(({ id }) => !known.has(id))
    await store.add(fresh)
    for (const { id } of entries) known.delete(id)
    ingested.added += fresh.length
    ingested.unchanged += entries.length - fresh.length
    progress?.(at + 1, files.length, nameOf(files[at] ?? ''))
  }
  // last, so that an ingest that ends early removes nothing
  await store.forget([...known])
  return { ...ingested, removed: known.size }
}

function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return globSync('**/*.{md,markdown}', { cwd: path }).map((file) => join(path, file))
}

function readText(path: string): string {
  const { size } = statSync(path)
  if (size > MOST_BYTES) throw new RunbookError(`${path}: ${size} bytes, more than ${MOST_BYTES}`)
  const text = readFileSync(path)
  if (text.includes(0)) throw new RunbookError(`${path}: not a text file`)
  return text.toString('utf8')
}
