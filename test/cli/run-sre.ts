import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'

export interface Ran {
  code: number | null
  out: string
  err: string
}

/** The command line as a person starts it: a process of its own. */
export async function runSre(args: readonly string[], environment: Record<string, string> = {}): Promise<Ran> {
  const child = spawn(join(import.meta.dirname, '../../cli/sre.sh'), args, {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const code = new Promise<number | null>((resolve) => child.on('close', resolve))
  const [out, err] = await Promise.all([buffer(child.stdout), text(child.stderr)])
  return { code: await code, out: out.toString('utf8'), err }
}

/** Rows of CSV without quotes, the header first. */
export const rowsOf = (csv: string): string[][] =>
  csv
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','))
