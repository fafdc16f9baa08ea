import { execFileSync } from 'node:child_process'
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { z } from 'zod'
import { describe, expect, it } from 'vitest'
import { bytesOf } from '../../recording/bytes.ts'
import { entries, items } from '../../recording/items.ts'
import { DEEPEST, parseJson } from '../../recording/json.ts'
import { FILE_LIMITS } from '../../recording/limits.ts'
import { readLines } from '../../recording/lines.ts'
import { readRecording } from '../../recording/read.ts'
import { Warnings } from '../../recording/warnings.ts'
import { folder, recording } from './recording-dir.ts'

const HEADER = 'timestamp,service,instance,indicator,unit,value\n'
const LINE = { timestamp: '2026-03-01T10:00:00Z', service: 'cart', message: 'm' }
const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

/** All lines of a file; throws the reading error. */
async function linesIn(file: string, limits = FILE_LIMITS): Promise<string[]> {
  const lines: string[] = []
  for await (const batch of readLines({ file, warnings: new Warnings(), limits })) lines.push(batch.lines.join('\n'))
  return lines
}

describe('input that is not a regular file', () => {
  it('is refused with its kind, without blocking on a pipe', async () => {
    const dir = await folder()
    execFileSync('mkfifo', [join(dir, 'pipe')])
    await symlink('self', join(dir, 'self'))
    await symlink('/dev/zero', join(dir, 'zero'))
    await expect(linesIn(join(dir, 'pipe'))).rejects.toThrow(/pipe: is a pipe, not a file/)
    await expect(linesIn(join(dir, 'zero'))).rejects.toThrow(/zero: is a device, not a file/)
    await expect(linesIn(dir)).rejects.toThrow(/is a folder, not a file/)
    await expect(linesIn(join(dir, 'self'))).rejects.toThrow(/self: .*too many symbolic links/)
    await expect(linesIn(join(dir, 'none'))).rejects.toMatchObject({ code: 'missing' })
  })

  it('is refused inside a recording too', async () => {
    for (const name of ['logs.jsonl', 'metrics.csv', 'traces.jsonl', 'changes.json', 'graph.json', 'alerts.json']) {
      const dir = await recording()
      execFileSync('mkfifo', [join(dir, name)])
      await expect(readRecording(dir)).rejects.toThrow(new RegExp(`${name}: is a pipe, not a file`))
    }
  })
})

describe('limits', () => {
  it('stop at the maximum number of lines, including empty ones, and name the last', async () => {
    const dir = await folder({ 'a.log': '\n'.repeat(1000) })
    const limits = { ...FILE_LIMITS, lines: 999 }
    await expect(linesIn(join(dir, 'a.log'), limits)).rejects.toThrow(/a\.log:1001: more than 999 lines/)
    expect(await linesIn(join(dir, 'a.log'))).toHaveLength(1)
  })

  it('stop at the maximum bytes of a file, compressed or plain, and of a line', async () => {
    const dir = await folder({ 'a.log': 'ab\n'.repeat(500), 'a.log.gz': gzipSync('ab\n'.repeat(500)) })
    for (const name of ['a.log', 'a.log.gz'])
      await expect(linesIn(join(dir, name), { ...FILE_LIMITS, bytes: 1499 })).rejects.toThrow(/more than 1499 bytes/)
    await writeFile(join(dir, 'b.log'), 'x'.repeat(300_000))
    await expect(linesIn(join(dir, 'b.log'), { ...FILE_LIMITS, lineBytes: 1000 })).rejects.toThrow(/b\.log:1: the line does not end/) // prettier-ignore
  })

  it('stop at the maximum compression ratio', async () => {
    const dir = await folder({ 'a.log.gz': gzipSync(Buffer.alloc(4_000_000, 10)) })
    let unpacked = 0
    const reading = async () => {
      for await (const chunk of bytesOf(join(dir, 'a.log.gz'), 0, { ...FILE_LIMITS, packedFree: 100_000 }))
        unpacked += chunk.length
    }
    await expect(reading()).rejects.toThrow(/a\.log\.gz: decompresses to more than 200 times its size/)
    expect(unpacked).toBeLessThan(1_000_000)
    const usual = Array.from({ length: 20_000 }, (_, n) => `${n} request took ${n % 313} ms\n`).join('')
    await writeFile(join(dir, 'b.log.gz'), gzipSync(usual))
    await expect(linesIn(join(dir, 'b.log.gz'), { ...FILE_LIMITS, packedFree: 0 })).resolves.not.toHaveLength(0)
  })

  it('allow ten thousand series over a day at 15-second intervals', () => {
    const rows = 10_000 * 4 * 60 * 24
    expect(FILE_LIMITS.lines).toBeGreaterThan(rows)
    expect(FILE_LIMITS.bytes).toBeGreaterThan(rows * 500)
  })

  it('reports UTF-16, and files compressed without .gz or twice', async () => {
    const dir = await folder({
      'a.csv': Buffer.from(`\uFEFF${HEADER}`, 'utf16le'),
      'b.csv': gzipSync(HEADER),
      'c.csv.gz': gzipSync(gzipSync(HEADER)),
      'd.csv.gz': gzipSync(HEADER.repeat(1000)).subarray(0, 60),
    })
    await expect(linesIn(join(dir, 'a.csv'))).rejects.toThrow(/a\.csv:1:1: UTF-16/)
    await expect(linesIn(join(dir, 'b.csv'))).rejects.toThrow(/b\.csv:1:1: gzip-compressed: rename it/)
    await expect(linesIn(join(dir, 'c.csv.gz'))).rejects.toThrow(/c\.csv\.gz:1:1: compressed twice/)
    await expect(linesIn(join(dir, 'd.csv.gz'))).rejects.toThrow(/d\.csv\.gz: unexpected end of file/)
  })
})

describe('maliciously nested JSON', () => {
  it('is refused beyond the maximum depth, with its position', () => {
    expect(() => parseJson(deep(DEEPEST), 'f')).not.toThrow()
    expect(() => parseJson(`\n ${deep(DEEPEST + 1)}`, 'f')).toThrow(`f:2:${DEEPEST + 2}: nested deeper`)
    expect(() => parseJson(deep(1_000_000), 'f')).toThrow(/nested deeper/)
    expect(() => parseJson('['.repeat(1_000_000), 'f')).toThrow(/nested deeper/)
    expect(() => parseJson('{"a":'.repeat(1_000_000), 'f')).toThrow(/nested deeper/)
  })

  it('is not detected by brackets in strings or closed brackets', () => {
    expect(parseJson(JSON.stringify({ a: '['.repeat(500), b: '\\"[[' }), 'f')).toHaveProperty('a')
    expect(parseJson(`[${'[],'.repeat(5000)}1]`, 'f')).toHaveLength(5001)
    expect(parseJson(`{"a":"${'x'.repeat(20_000_000)}","b":[${'[],'.repeat(200)}1]}`, 'f')).toHaveProperty('b')
  })

  it('is reported at the first syntax error', () => {
    expect(() => parseJson(`{"a":1}x${'[1] '.repeat(1000)}`, 'f')).toThrow(/^f:1:8: /)
    expect(() => parseJson(`/* " */ ${'['.repeat(1_000_000)}`, 'f')).toThrow(/^f:1:1: /)
    expect(() => parseJson(`"\n${'['.repeat(90)}`, 'f')).toThrow(/^f:1:1: /)
  })

  it('fails one recording with its position', async () => {
    const line = JSON.stringify(LINE).replace('}', `,"attributes":{"a":${deep(100_000)}}}`)
    await expect(readRecording(await recording({ 'logs.jsonl': `\n${line}\n` }))).rejects.toThrow(/logs\.jsonl:2:\d+: nested deeper/) // prettier-ignore
    for (const name of ['changes', 'alerts', 'incidents', 'deployments', 'graph'])
      await expect(readRecording(await recording({ [`${name}.json`]: deep(100_000) }))).rejects.toThrow(new RegExp(`${name}\\.json:1:101: nested deeper`)) // prettier-ignore
  })
})

describe('lists from outside', () => {
  it('are validated up to the first invalid item', () => {
    let looked = 0
    const schema = items(z.custom<number>((value) => (looked += 1) > 0 && value !== 'bad'))
    expect(schema.safeParse([1, 2, 3])).toMatchObject({ success: true, data: [1, 2, 3] })
    looked = 0
    const result = schema.safeParse([1, 'bad', ...Array<string>(100_000).fill('bad')])
    expect(result.error?.issues).toHaveLength(1)
    expect(result.error?.issues[0]?.path).toEqual([1])
    expect(looked).toBe(2)
  })

  it('accept any key, such as __proto__', () => {
    const schema = entries(z.string())
    const given = JSON.parse('{"__proto__":"a","constructor":"b","c":"d"}') as unknown
    expect(Object.entries(schema.parse(given))).toEqual([['__proto__', 'a'], ['constructor', 'b'], ['c', 'd']]) // prettier-ignore
    expect(schema.safeParse({ a: 1, b: 2 }).error?.issues.map(({ path }) => path)).toEqual([['a']])
    expect(schema.safeParse([]).success).toBe(false)
  })

  it('name the position of the first of a million invalid edges', async () => {
    const edges = JSON.stringify({ edges: [{ from: 'a', to: 'b' }, ...Array<number>(1_000_000).fill(1)] })
    const dir = await recording({ 'graph.json': edges })
    await expect(readRecording(dir, { strict: true })).rejects.toThrow(/graph\.json:1:33: edges\.1: [^;]*$/)
    const { observations, warnings } = await readRecording(dir)
    expect(observations.edges).toEqual([{ from: 'a', to: 'b' }])
    expect(warnings).toMatchObject([{ place: { line: 1, column: 33 }, count: 1_000_000, unreadOf: 1_000_001 }])
  })
})
