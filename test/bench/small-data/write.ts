/** Small synthetic sets in the formats of the public ones: a folder for `npm run eval -- --data`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { gzipSync } from 'node:zlib'

/** Writes a file and creates its folders. */
export function write(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

export const csv = (header: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [header, ...rows].map((cells) => `${cells.map(quoted).join(',')}\n`).join('')

const quoted = (cell: string | number): string => (/[",\n]/.test(`${cell}`) ? `"${`${cell}`.replaceAll('"', '""')}"` : `${cell}`) // prettier-ignore

export const packed = (text: string): Buffer => gzipSync(text)

export const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
