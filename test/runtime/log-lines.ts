/** A log whose lines a test can read. */
import { Writable } from 'node:stream'
import { type Logger, pino } from 'pino'

export function keptLog(): { log: Logger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = []
  const stream = new Writable({
    write(line, _encoding, done) {
      lines.push(JSON.parse(String(line)) as Record<string, unknown>)
      done()
    },
  })
  return { log: pino(stream), lines }
}
