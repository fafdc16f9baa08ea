/** Removes the beginning of a file of lines: the rest is written to a new file that takes its name. */
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { parseInstant } from './instant.ts'
import { readLines } from './lines.ts'
import { Warnings } from './warnings.ts'

/** The instant of a line, ms since the epoch; null for the header, which stays; NaN where it cannot be read: it goes with the lines around it. */
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
 * Lines before the first that is not older than `before` go; later ones stay, whatever their instant. Gives the handle to append to.
 * It replaces the file by renaming: a reader sees the whole old one or the whole new one, and can tell them apart.
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
