/** Output files for each input, such that none overwrites an input or another output. */
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'

export const targetOf = (file: string, output: string): string => join(output, basename(file).replace(/\.gz$/, ''))

/** Why outputs for these inputs cannot be written to that folder; null: they can. */
export async function conflictOf(files: readonly string[], output: string): Promise<string | null> {
  const identities = await Promise.all(files.map(identityOf))
  const taken = new Map<string, string>()
  for (const file of files) {
    const target = targetOf(file, output)
    const other = taken.get(target)
    if (other !== undefined) return `${other} and ${file} would both be written to ${target}`
    taken.set(target, file)
    const identity = await identityOf(target)
    if (identity !== null && identities.includes(identity)) return `${target} is an input: it would be overwritten`
  }
  return null
}

/** Identity of a file, independent of its path and of links; null: no such file. */
async function identityOf(file: string): Promise<string | null> {
  const found = await stat(file).catch(() => null)
  return found === null ? null : `${found.dev}:${found.ino}`
}

/** Writes to a temporary file first, so that a failure leaves the target unchanged. */
export async function writeWhole(target: string, rows: AsyncIterable<string>): Promise<void> {
  const draft = `${target}.${process.pid}.draft`
  await mkdir(dirname(target), { recursive: true })
  try {
    await pipeline(rows, createWriteStream(draft))
    await rename(draft, target)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
