/** Removes old lines at the beginning of a file: the rest is written to a new file, which replaces it. */
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { parseInstant } from './instant.ts'
import { readLines } from './lines.ts'
import { Warnings } from './warnings.ts'

/** The time of a line, ms since the epoch; null for the header, which is kept; NaN if unreadable: then removed or kept with the lines around it. */
export type InstantOf = (line: string) => number | null

export const instantOfSample: InstantOf = (line) => {
  const cell = line.slice(0, line.indexOf(','))
  return cell === 'timestamp' ? null : parseInstant(cell)
}
export const instantOfLine: InstantOf = (line) => instantIn(line, 'timestamp')
export const instantOfSpan: InstantOf = (line) => instantIn(line, 'end')

function instantIn(line: string, field: string): number {
  try {
    return parseInstant(String((JSON.parse(line) as Record<string, unknown>)[field]))
  } catch {
    return NaN
  }
}

/**
 * Removes the lines before the first one that is not older than `before`; later ones are kept, whatever their time. Returns the handle for
 * appending. The file is replaced by renaming, so that readers see either the old or the new file as a whole, and can tell them apart.
 */
export async function trimmed(file: string, before: number, instantOf: InstantOf): Promise<FileHandle> {
  const draft = `${file}.${process.pid}.draft`
  await rm(draft, { force: true })
  const handle = await open(draft, 'a', 0o600)
  let young = false
  const stays = (line: string) => {
    if (young || line === '') return young
    const instant = instantOf(line)
    return instant === null || (young = instant >= before)
  }
  for await (const { lines } of readLines({ file, warnings: new Warnings() })) {
    const kept = lines.filter(stays)
    if (kept.length > 0) await handle.writeFile(kept.map((line) => `${line}\n`).join(''))
  }
  await rename(draft, file)
  return handle
}
