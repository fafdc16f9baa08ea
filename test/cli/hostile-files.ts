/** Hostile text as an argument, and files whose names and contents are hostile. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HOSTILE } from './hostile-gateway.ts'

/** Arguments cannot contain NUL. */
export const TYPED = HOSTILE.replaceAll('\0', '')

/** File names cannot contain NUL or a slash. */
const NAME = TYPED.replaceAll('/', '')

/** Files whose names and contents are hostile. */
export function hostileFile(dir: string, name: string): string {
  const base = join(dir, `${NAME}-${name}`)
  const hour = (at: number): string => new Date(Date.UTC(2026, 0, 1, at)).toISOString()
  if (name === 'recording') {
    mkdirSync(base, { recursive: true })
    const incident = { id: HOSTILE, title: HOSTILE, window: { start: hour(10), end: hour(11) } }
    writeFileSync(join(base, 'incident.json'), JSON.stringify(incident))
    const lines = Array.from({ length: 400 }, (_, at) =>
      JSON.stringify({
        timestamp: new Date(Date.UTC(2026, 0, 1, 8, 0, at * 27)).toISOString(),
        service: HOSTILE,
        level: at > 300 ? 'ERROR' : HOSTILE,
        message: at > 300 ? `java.lang.Evil${HOSTILE}: ${HOSTILE}` : `fine ${HOSTILE}`,
      }),
    )
    writeFileSync(join(base, 'logs.jsonl'), `${lines.join('\n')}\n`)
  }
  if (name === 'app.log') writeFileSync(base, `${HOSTILE} one\n${HOSTILE} two\nerror ${HOSTILE}\n`)
  if (name === 'logs.jsonl')
    writeFileSync(base, `${JSON.stringify({ timestamp: HOSTILE, message: HOSTILE })}\n{"${HOSTILE}\n`)
  const rows = Array.from({ length: 60 }, (_, at) => `"${HOSTILE.replaceAll(/[\r\n"]/g, ' ')}",${hour(at)},${at % 7}`)
  if (name === 'a.csv') writeFileSync(base, `series,timestamp,value\n${rows.join('\n')}\n`)
  if (name === 'bad.csv') writeFileSync(base, `timestamp,value\n${HOSTILE.replaceAll(/[\r\n]/g, ' ')},5\n`)
  return base
}
