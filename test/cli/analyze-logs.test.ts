import { execFileSync } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { LONGEST_MESSAGE } from '../../recording/log-lines.ts'
import { folder } from '../recording/recording-dir.ts'
import { rowsOf, runHere, runPiped } from './run-sre.ts'

const users = ['root', 'cyrus', 'news', 'test', 'oracle']
const text = users.map((user, n) => `session closed for user ${user}\nrequest ${n} served in ${n * 3} ms\n`).join('')

describe('sre analyze logs', () => {
  it('prints the final template of each line', async () => {
    const dir = await folder({ 'app.log': text })
    const { code, out, err } = await runHere(['analyze', 'logs', join(dir, 'app.log')])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const [header, ...rows] = rowsOf(out)
    expect(header).toEqual(['line', 'template_id'])
    expect(rows.map(([line]) => line)).toEqual(Array.from({ length: 10 }, (_, n) => String(n + 1)))
    expect(new Set(rows.filter((_, n) => n % 2 === 0).map(([, id]) => id)).size).toBe(1)
    expect(new Set(rows.map(([, id]) => id)).size).toBe(2)
  })

  it('prints the templates as JSON, with timestamps for logs.jsonl, compressed or plain', async () => {
    const lines = users.map((user, n) =>
      JSON.stringify({
        timestamp: `2026-03-01T10:00:0${n}Z`,
        service: 'auth',
        message: `session closed for user ${user}`,
      }),
    )
    const dir = await folder({ 'logs.jsonl.gz': gzipSync(lines.join('\n')) })
    const { code, out } = await runHere(['analyze', 'logs', '--templates', join(dir, 'logs.jsonl.gz')])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject([
      {
        template: 'session closed for user <*>',
        count: 5,
        first: 1,
        last: 5,
        first_timestamp: '2026-03-01T10:00:00.000Z',
        last_timestamp: '2026-03-01T10:00:04.000Z',
      },
    ])
  })

  it('groups coloured and wrapped lines as it groups plain ones', async () => {
    const line = (level: string, n: number) => `2026-03-01T10:00:0${n}Z ${level} orders order ${n} lost its lease`
    const coloured = (level: string, n: number) => line(`\u001b[${level === 'ERROR' ? 31 : 32}m${level}\u001b[0m`, n)
    const wrapped = (level: string, n: number) => `2026-03-01T10:00:0${n}.5Z stderr F ${line(level, n)}`
    const forms = { 'plain.log': line, 'coloured.log': coloured, 'wrapped.log': wrapped }
    const levels = ['INFO', 'ERROR', 'INFO', 'ERROR', 'INFO', 'INFO']
    const dir = await folder(Object.fromEntries(Object.entries(forms).map(([name, of]) => [name, levels.map((level, n) => `${of(level, n)}\n`).join('')]))) // prettier-ignore
    for (const name of Object.keys(forms)) {
      const { out } = await runHere(['analyze', 'logs', '--templates', join(dir, name)])
      const found = JSON.parse(out) as { template: string; count: number }[]
      expect(found.map(({ template, count }) => [template, count]).toSorted(), name).toEqual([
        ['<*> ERROR orders order <*> lost its lease', 2],
        ['<*> INFO orders order <*> lost its lease', 4],
      ])
    }
  })

  it('skips an unreadable line unless --strict is given, and refuses a file without any readable line', async () => {
    const line = (second: number) => `{"timestamp":"2026-03-01T10:00:0${second}Z","service":"a","message":"up"}\n`
    const dir = await folder({ 'logs.jsonl': `${line(1)}oops\n${line(2)}` })
    const { code, out, err } = await runHere(['analyze', 'logs', join(dir, 'logs.jsonl')])
    expect({ code, out }).toEqual({ code: 0, out: 'line,template_id\n1,0\n3,0\n' })
    expect(err).toMatch(/logs\.jsonl:2:1: .*: left out, the only one of 3 rows/)
    const strict = await runHere(['analyze', 'logs', '--strict', join(dir, 'logs.jsonl')])
    expect(strict).toMatchObject({ code: 1, out: '', err: expect.stringContaining('logs.jsonl:2:1: ') as string })
  })

  it('names file, line and column of an invalid input, analyses the others, and exits with 1', async () => {
    const dir = await folder({ 'logs.jsonl': '{"timestamp":"2026-03-01T10:00:00Z"\n', 'app.log': text })
    const { code, out, err } = await runHere(['analyze', 'logs', join(dir, 'logs.jsonl'), join(dir, 'none'), join(dir, 'app.log')]) // prettier-ignore
    expect(code).toBe(1)
    expect(err).toMatch(/logs\.jsonl:1:\d+: /)
    expect(err).toContain('none')
    expect(rowsOf(out)).toHaveLength(11)
  })

  it('exits with 2 on a usage error, and with 0 for help', async () => {
    expect(await runHere(['analyze', 'logs'])).toMatchObject({ code: 2, out: '' })
    expect(await runHere(['analyze', 'logs', '--nonsense', 'x'])).toMatchObject({ code: 2 })
    const { code, out } = await runHere(['analyze', 'logs', '--help'])
    expect(code).toBe(0)
    expect(out).toContain('Example:')
  })

  it('reads a line of 200,000 characters, and invalid UTF-8', async () => {
    const dir = await folder({
      'app.log': Buffer.concat([Buffer.from(`${'x '.repeat(100_000)}\n`), Buffer.from([0xff, 0xfe, 10])]),
    })
    const { code, out, err } = await runHere(['analyze', 'logs', join(dir, 'app.log')])
    expect(code).toBe(0)
    expect(rowsOf(out)).toHaveLength(3)
    expect(err).toMatch(/app\.log:2:1: invalid UTF-8/)
  })

  it.each([
    ['app.log', (message: string) => message],
    ['logs.jsonl', (message: string) => JSON.stringify({ timestamp: '2026-03-01T10:00:00Z', service: 'a', message })],
  ])('truncates long messages in %s when reading, and reports the number of lines', async (name, lineOf) => {
    const long = 'x'.repeat(LONGEST_MESSAGE)
    const dir = await folder({ [name]: ['up', `${long} one more`, `${long} some more`].map(lineOf).join('\n') })
    const { code, out, err } = await runHere(['analyze', 'logs', '--templates', join(dir, name)])
    expect(code).toBe(0)
    expect(err.replace(`${dir}/`, '')).toBe(
      `${name}:2:1: a message longer than 65536 characters was truncated (2 times)\n`,
    )
    const templates = JSON.parse(out) as { template: string }[]
    expect(Math.max(...templates.map(({ template }) => template.length))).toBeLessThan(LONGEST_MESSAGE + 100)
    expect(out).not.toMatch(/one more|some more/)
  })

  it('streams a log of 64 MB through a pipe with half as much memory', async () => {
    const dir = await folder()
    const pipe = join(dir, 'large.log')
    execFileSync('mkfifo', [pipe])
    const [size, chunk] = [64 * 1024 * 1024, 4_000]
    const line = (n: number) => `2026-03-01 10:00:00 INFO request ${n} of user u${n % 977} served in ${n % 313} ms by worker-${n % 64} at node-${n % 9}\n` // prettier-ignore
    const lines = Array.from({ length: chunk }, (_, n) => line(n)).join('')
    const rounds = Math.ceil(size / lines.length)
    const written = pipeline(Readable.from(Array<string>(rounds).fill(lines)), createWriteStream(pipe))
    const ran = runPiped(pipe, ['analyze', 'logs', '--templates', '/dev/stdin'], {
      NODE_OPTIONS: '--max-old-space-size=32',
    })
    await written
    const { code, out, err } = await ran
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const templates = JSON.parse(out) as { count: number }[]
    expect(templates.length).toBeLessThan(10)
    expect(templates.reduce((sum, { count }) => sum + count, 0)).toBe(rounds * chunk)
  })
})
