import { execFileSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { folder, recording } from '../recording/recording-dir.ts'
import { runUnmeasured } from './run-sre.ts'

const series = (from: string): string =>
  `timestamp,value\n${Array.from({ length: 60 }, (_, at) => `${new Date(Date.parse(from) + at * 60_000).toISOString()},${at % 7}\n`).join('')}` // prettier-ignore
const good = {
  'metrics.csv': `timestamp,service,instance,indicator,unit,value\n2026-03-01T10:00:00Z,cart,,cpu,cores,1\n`,
}
const answers = (out: string): Record<string, unknown>[] =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

const COMMANDS = [
  { command: ['anomalies'], name: 'good.csv', content: series('2026-03-01T10:00:00Z'), rows: 61 },
  { command: ['forecast', '--horizon', '3'], name: 'good.csv', content: series('2026-03-01T10:00:00Z'), rows: 4 },
  { command: ['logs'], name: 'good.log', content: 'GET /a\nGET /b\n', rows: 3 },
]

describe('one invalid input among others', () => {
  it.each(COMMANDS)(
    'is reported by analyze $command.0, and the others are analysed',
    async ({ command, name, content, rows }) => {
      // prettier-ignore
      const dir = await folder({
      [name]: content,
      'utf16.csv': Buffer.from('\uFEFFtimestamp,value\n', 'utf16le'),
      'bomb.csv.gz': gzipSync(Buffer.alloc(72 * 1024 * 1024, `${' '.repeat(4000)}\n`)),
      'cut.csv.gz': gzipSync(content.repeat(1000)).subarray(0, 40),
      'line.csv': 'x'.repeat(17 * 1024 * 1024),
    })
      await mkdir(join(dir, 'folder.csv'))
      execFileSync('mkfifo', [join(dir, 'pipe.csv')])
      const bad = ['utf16.csv', 'bomb.csv.gz', 'cut.csv.gz', 'line.csv', 'folder.csv', 'pipe.csv', 'none.csv']
      const { code, out, err } = await runUnmeasured(['analyze', ...command, ...[...bad, name].map((one) => join(dir, one)), '/dev/zero']) // prettier-ignore
      expect(code).toBe(1)
      const told = err.trim().split('\n').map((line) => line.replace(`${dir}/`, '')) // prettier-ignore
      expect(told).toEqual([
        'utf16.csv:1:1: UTF-16: write UTF-8',
        expect.stringMatching(/^bomb\.csv\.gz:\d+: decompresses to more than 200 times its size$/),
        'cut.csv.gz: unexpected end of file',
        'line.csv:1: the line does not end',
        'folder.csv: is a folder, not a file',
        'pipe.csv: is a pipe, not a file',
        'none.csv: no such file or folder',
        '/dev/zero: is a device, not a file',
      ])
      const heads = out.split('\n').filter((line) => /^(?:timestamp|line|series),/.test(line))
      expect(out.trim().split('\n').length - heads.length).toBe(rows - 1)
    },
  )

  it('is reported by analyze rca, and the others are analysed', async () => {
    const pipe = await recording()
    execFileSync('mkfifo', [join(pipe, 'logs.jsonl')])
    const line = '{"timestamp":"2026-03-01T10:00:00Z","service":"cart","message":"m","attributes":{"a":'
    const deep = await recording({ 'logs.jsonl': `${line}${'['.repeat(100_000)}${']'.repeat(100_000)}}}\n` })
    const bomb = await recording({ 'logs.jsonl.gz': gzipSync(Buffer.alloc(72 * 1024 * 1024, 10)) })
    const { code, out, err } = await runUnmeasured([
      'analyze',
      'rca',
      '--json',
      pipe,
      deep,
      bomb,
      await recording(good),
    ])
    expect(code).toBe(1)
    expect(err).toMatch(/logs\.jsonl: is a pipe, not a file\n.*logs\.jsonl:1:\d+: nested deeper than 100 levels\n.*logs\.jsonl\.gz:\d+: decompresses/) // prettier-ignore
    expect(answers(out)).toHaveLength(1)
  })
})

describe('a huge recording', () => {
  it('is analysed: 300,000 edges in a star, a chain and a cycle', async () => {
    const graph = (to: (n: number) => { from: string; to: string }): string =>
      JSON.stringify({ edges: Array.from({ length: 300_000 }, (_, n) => to(n)) })
    const star = await recording({ 'graph.json': graph((n) => ({ from: 'a', to: `s${n}` })) })
    const circle = await recording({ 'graph.json': graph((n) => ({ from: `s${n}`, to: `s${(n + 1) % 300_000}` })) })
    const { code, out, err } = await runUnmeasured(['analyze', 'rca', '--json', star, circle])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(answers(out).map(({ verdict }) => verdict)).toEqual(['inconclusive', 'inconclusive'])
  })

  it('is analysed: 200,000 services that all moved', async () => {
    const rows = Array.from(
      { length: 200_000 },
      (_, n) =>
      ['09:00', '09:20', '09:40', '10:02', '10:06', '10:09'].map((at, step) => `2026-03-01T${at}:00Z,s${n},,latency_p95,ms,${step < 3 ? 20 + ((n + step) % 3) : 400 + step}\n`), // prettier-ignore
    )
    const dir = await recording({
      'metrics.csv': `timestamp,service,instance,indicator,unit,value\n${rows.flat().join('')}`,
    })
    const { code, out, err } = await runUnmeasured(['analyze', 'rca', '--json', dir])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(answers(out)[0]).toHaveProperty('verdict')
  })

  it('is analysed: a trace 100,000 spans deep that is its own parent', async () => {
    const spans = Array.from(
      { length: 100_000 },
      (_, n) =>
      JSON.stringify({ trace_id: 't', span_id: `s${n}`, parent_span_id: `s${(n + 1) % 100_000}`, service: `v${n % 9}`, name: 'n', start: '2026-03-01T10:01:00Z', end: '2026-03-01T10:02:00Z' }), // prettier-ignore
    )
    const { code, out } = await runUnmeasured([
      'analyze',
      'rca',
      '--json',
      await recording({ 'traces.jsonl': spans.join('\n') }),
    ])
    expect(code).toBe(0)
    expect(answers(out)).toHaveLength(1)
  })

  it('refuses a series with gaps of millions of steps', async () => {
    const rows = [1, 2, 3, 4, 5, 9e12].map((at) => `${at},1\n`)
    const far = ['9999-12-29', '9999-12-30', '9999-12-31'].map((day) => `${day},1\n`)
    const dir = await folder({ 'gap.csv': `timestamp,value\n${rows.join('')}`, 'far.csv': `timestamp,value\n${far.join('')}`, 'inf.csv': `timestamp,value\n1${'0'.repeat(400)},1\n` }) // prettier-ignore
    const { code, err } = await runUnmeasured(['analyze', 'forecast', '--horizon', '999999', '--capacity', '3', ...['gap.csv', 'inf.csv'].map((name) => join(dir, name))]) // prettier-ignore
    expect(code).toBe(1)
    expect(err).toMatch(/gap\.csv: more than 10000000 steps after filling gaps\n.*inf\.csv:2:1: "10*" is not a timestamp/) // prettier-ignore
  })
})
