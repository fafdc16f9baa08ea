/** `npm run eval` on small synthetic sets, as a separate process. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSigns } from '../../bench/confidence/signs.ts'
import { sideOf } from '../../bench/division.ts'
import { type Ran, runProgram } from '../cli/run-sre.ts'
import { writeAll } from './small-data/all.ts'

const root = join(import.meta.dirname, '../..')
const evaluate = (...args: string[]): Promise<Ran> => runProgram(['bench/eval.ts', ...args])

const dir = mkdtempSync(join(tmpdir(), 'sre-eval-'))
const [data, page, signs] = ['data', 'page.md', 'signs.csv'].map((name) => join(dir, name)) as [string, string, string]
afterAll(() => rmSync(dir, { recursive: true }))

/**
 * Stands in for a Python with Drain3: unmasked, each line is its own group; masked, lines are grouped by their first word. It is as fast as it is
 * told to be.
 */
const DRAIN3 = `#!/bin/sh
awk -v mode="$3" -v lines="$4" '
  { ids = ids (NR > 1 ? "," : "") (mode == "masked" ? length($1) : NR) }
  END { printf "{\\"ids\\":[%s],\\"per_second\\":%d}", ids, lines }' "$2"
`

const committed = () => ['docs/evaluation.md', 'bench/confidence/signs.csv'].map((file) => readFileSync(join(root, file), 'utf8')) // prettier-ignore

/** Cells after the first in a table's row, in the section below a heading. */
function rowOf(text: string, heading: string, name: string): string[] {
  const [, below = ''] = text.split(`\n${heading}\n`)
  const [part = ''] = below.split(/\n##+ /)
  const rows = part.split('\n').filter((line) => line.startsWith('|'))
  const row = rows.map((line) => line.split('|').map((cell) => cell.trim())).find((cells) => cells.includes(name))
  expect(row, `${name} below ${heading}`).toBeDefined()
  return row!.slice(row!.indexOf(name) + 1, -1)
}

const SECTIONS = [
  'On systems it was not made with',
  'On the sets it was made with',
  'First run, before anything was looked at',
  'How the questions are asked',
  'Against the targets',
  'Targets missed, and why',
  'Rankings',
  'What the misses have in common',
  'Nothing wrong, or something',
  'Confidence',
  'Without a source of evidence',
  'With changes that never happened',
  'A second outage within the hour',
  'Log templates',
  'Anomalies of one series',
  'Anomalies in minute-series',
  'Forecasts of one series',
  'Forecasts of hourly series',
  'Time',
]

describe('the evaluation of everything', { timeout: 600_000 }, () => {
  let ran: Ran
  let text: string
  const before = committed()
  beforeAll(async () => {
    writeAll(data)
    const drain3 = join(dir, 'drain3.sh')
    writeFileSync(drain3, DRAIN3)
    chmodSync(drain3, 0o755)
    ran = await evaluate('--data', data, '--out', page, '--signs', signs, '--quick', '--misses', '--drain3', drain3)
    text = readFileSync(page, 'utf8')
  }, 600_000)

  it('exits with 0 and writes only the given files', () => {
    expect(ran.code, ran.err).toBe(0)
    expect(committed()).toEqual(before)
  })

  it('writes every section, without missing figures', () => {
    expect(text.match(/(?<=^## ).*$/gm)).toEqual(expect.arrayContaining(SECTIONS))
    expect(text).not.toMatch(/NaN|undefined|null|∞|Infinity/)
    expect(text).not.toContain('the data was not there')
  })

  it.each([
    ['petshop, latency (1)', '1.00'],
    ['petshop, availability (1)', '1.00'],
    ['nezha OnlineBoutique (2)', '1.00'],
    ['nezha TrainTicket (2)', '1.00'],
    // one of the three has no visible symptom
    ['sock-shop, onset given (3)', '.67'],
    ['sock-shop, no onset (3)', '.67'],
  ])('finds the faults that are plain to see: %s', (group, atOne) => {
    expect(rowOf(text, `### ${group}`, '**engine**')[0]?.split(' ')[0]).toBe(atOne)
  })

  it('lists the baselines, but only those that can answer', () => {
    expect(rowOf(text, '### sock-shop, onset given (3)', 'always the front')[0]).toMatch(/^\.00/)
    expect(text.split('\n').filter((line) => line.startsWith('| nearest change'))).toHaveLength(1)
  })

  it('measures the engine without each source of evidence', () => {
    const all = rowOf(text, '## Without a source of evidence', 'petshop, latency')
    expect(all[0]).toBe('1.00')
    expect(all[1], 'without logs').toBe('–')
    expect(all[4], 'without metrics').toBe('.00')
  })

  it('reports quiet windows as quiet, and lists misses on demand', () => {
    const share = (group: string) => Number(rowOf(text, '## Nothing wrong, or something', group)[1])
    expect(share('sock-shop, fault-free')).toBe(1)
    expect(share('petshop, fault-free')).toBeGreaterThan(0.8)
    expect(share('nezha OnlineBoutique')).toBe(0)
    expect(ran.err).toMatch(/^sock-shop, no onset \| payment-mem\/2 \| payment \| rank \S+ \| nothing_wrong$/m)
    expect(ran.err).not.toMatch(/ \| carts-cpu\/1 \| .* \| incident/)
  })

  it('leads with what no choice was made with, beside what was looked at', () => {
    expect(text.match(/(?<=^## ).*$/m)?.[0]).toBe('On systems it was not made with')
    const service = rowOf(text, '### Generated systems', 'first failing service, top-1')
    for (const figure of service.slice(0, 2)) expect(figure).toMatch(/^(?:\.\d\d|1\.00)( \[|$)/)
    const change = rowOf(text, '### Public incidents with changes', 'the guilty change named')
    expect(change).toEqual(['1.00'])
    expect(rowOf(text, '### Public incidents with changes', 'an innocent change blamed')).toEqual(['.00'])
  })

  it('writes the features of each answer on the public sets that may be looked at', () => {
    const judged = readSigns(readFileSync(signs, 'utf8'))
    const asked = [...ran.err.matchAll(/^(\S+): (\d+) questions$/gm)].map(([, system, count]) => [system, Number(count)] as const).filter(([system]) => sideOf(system!) === 'looked_at') // prettier-ignore
    expect(new Map([...judged].map(([system, ones]) => [system, ones.length]))).toEqual(new Map(asked))
    expect(judged.get('sock-shop')!.filter(({ right }) => right)).toHaveLength(9)
  })

  it('measures anomalies, forecasts and log templates', () => {
    expect(Number(rowOf(text, '## Anomalies of one series', '**engine**')[0])).toBeGreaterThan(90)
    expect(rowOf(text, '## Anomalies of one series', 'artificialNoAnomaly').slice(0, 2)).toEqual(['0', '0'])
    expect(Number(rowOf(text, '## Anomalies of one series', 'artificialNoAnomaly')[2]), 'false alarms').toBeGreaterThan(
      0,
    )
    expect(rowOf(text, '## Anomalies of one series', 'goes beyond all values before it')).toEqual(['3', '3'])
    expect(Number(rowOf(text, '## Forecasts of one series', 'a season was found')[1])).toBeLessThan(0.5)
    expect(rowOf(text, '## Forecasts of one series', 'none was found')[0]).toBe('2')
    const minutes = rowOf(text, '## Anomalies in minute-series', 'all')
    expect(minutes[0], 'series').toBe('4')
    expect(Number.parseFloat(minutes[1]!), 'area under precision and recall').toBeGreaterThan(0.3)
    expect(minutes[4], 'spans with a flag').toBe('1.00')
    const [series, owa, naive, lastSeason] = rowOf(text, '## Forecasts of hourly series', 'all').map(Number)
    expect([series, naive]).toEqual([4, 1])
    expect(owa).toBeLessThan(lastSeason! + 0.5)
    const server = rowOf(text, '## Log templates', 'Server')
    expect(server.slice(0, 4)).toEqual(['3', '3', '1.00', '1.00'])
    expect(server.slice(5), 'beside Drain3, plain and masked').toEqual(['.00', '10,000', '1.00', '10,000'])
    expect(text).toMatch(/Ours is ([\d.]+) to \1 times as fast as Drain3 as it comes, [01] of 1 files/)
  })

  it('states that speed was measured on less data', () => {
    expect(text).toContain('Measured with `--quick`, on 500 series and files of 10,000 log lines')
    expect(rowOf(text, '## Against the targets', '10,000 series × 720 points, s').at(-1)).toBe('not measured')
  })
})

describe('an evaluation of less', { timeout: 600_000 }, () => {
  it('names missing sets, and leaves the page unchanged', async () => {
    const [out, empty] = [join(dir, 'kept.md'), mkdtempSync(join(dir, 'empty-'))]
    writeFileSync(out, 'as it was')
    const ran = await evaluate('--data', empty, '--out', out, '--signs', out, '--quick')
    const absent = ['sock-shop', 'petshop', 'nezha-online-boutique', 'nezha-train-ticket', 'root-cause-bench', 'anomaly/nab', 'anomaly/wsd', 'forecast/m4-weekly', 'forecast/m4-hourly', 'logs/loghub'] // prettier-ignore
    expect(ran.code).toBe(1)
    expect(ran.err).toContain(`not found below ${empty}: ${absent.join(', ')}; ${out} was left as it is`)
    expect(ran.out).toContain(`Not measured, because the data was not there: ${absent.join(', ')}.`)
    expect(ran.out).not.toMatch(/NaN|undefined/)
    expect(readFileSync(out, 'utf8')).toBe('as it was')
  })

  it('prints the page of one set and writes nothing', async () => {
    const out = join(dir, 'kept.md')
    writeFileSync(out, 'as it was')
    const ran = await evaluate('--data', data, '--only', 'petshop', '--out', out, '--signs', out, '--quick')
    expect(ran.code, ran.err).toBe(0)
    expect(ran.err).toBe('petshop: 13 questions\n')
    expect(ran.out.match(/(?<=^### ).*$/gm)).toEqual([
      'Generated systems',
      'Public incidents with changes',
      'petshop, latency (1)',
      'petshop, availability (1)',
    ])
    expect(readFileSync(out, 'utf8')).toBe('as it was')
  })

  it('asks about as many generated incidents as it is told to', async () => {
    const ran = await evaluate('--data', data, '--only', 'generated', '--incidents', '3', '--quick')
    expect(ran.code, ran.err).toBe(0)
    expect(ran.err.split('\n').sort().join('\n')).toBe('\ngenerated: 2 incidents\ngenerated: 4 incidents')
    expect(ran.out).toContain('3 questions about four kinds of systems')
  })

  it('measures log templates alone', async () => {
    const ran = await evaluate('--data', data, '--only', 'loghub', '--quick')
    expect(ran.code, ran.err).toBe(0)
    expect(rowOf(ran.out, '## Log templates', 'Server').slice(0, 3)).toEqual(['3', '3', '1.00'])
  })

  it.each([{ args: [] }, { args: ['--data', data, '--only', 'no-such-set'] }])(
    'prints its usage: $args',
    async ({ args }) => {
      // prettier-ignore
      const ran = await evaluate(...args)
      expect(ran).toMatchObject({ code: 2, out: '' })
      expect(ran.err).toContain('usage: npm run eval -- --data DIR')
    },
  )
})
