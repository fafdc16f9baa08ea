/** `sre analyze` on a terminal prints tables and sparklines in both languages instead of CSV. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { stripVTControlCharacters } from 'node:util'
import { Command } from 'commander'
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { addAnalyze } from '../../cli/analyze/analyze-command.ts'
import { addLanguage } from '../../cli/language.ts'
import { folder } from '../recording/recording-dir.ts'

interface Shown {
  code: number
  out: string
  err: string
}

async function at(columns: number, ...words: string[]): Promise<Shown> {
  const [out, err] = [new PassThrough(), new PassThrough()]
  const said = Promise.all([text(out), text(err)])
  const program = new Command('sre').exitOverride()
  const language = addLanguage(program, {})
  const surface = {
    ...{ out, err, outIsTerminal: true, errIsTerminal: true, columns },
    get language() {
      return language()
    },
  }
  let code = -1
  addAnalyze(program, surface, (ended) => (code = ended))
  await program.parseAsync(['analyze', ...words], { from: 'user' })
  out.end()
  err.end()
  const [shownOut, shownErr] = await said
  return { code, out: shownOut, err: shownErr }
}

const hour = (index: number): string => new Date(Date.UTC(2026, 0, 1, index)).toISOString()
const seconds = (index: number): number => Date.UTC(2026, 0, 1, index) / 1000

describe('sre analyze anomalies at a terminal', () => {
  it('shows the series as a sparkline, and a row per anomaly', async () => {
    const rows = Array.from({ length: 200 }, (_, index) => `${hour(index)},${index === 150 ? 900 : 100 + (index % 5)}`)
    const dir = await folder({ 'cpu.csv': `timestamp,value\n${rows.join('\n')}\n` })
    const { code, out } = await at(80, 'anomalies', join(dir, 'cpu.csv'))
    expect(code).toBe(0)
    expect(out).toMatch(/cpu\.csv: 200 points, [1-9] anomalies/)
    expect(out).toMatch(/[▁▂▃▄▅▆▇█]{20}/)
    expect(out).toMatch(/timestamp +value +expected +score/)
    expect(out).toMatch(/2026-01-07T06:00:00\.000Z +900 /)
    const chinese = await at(80, 'anomalies', join(dir, 'cpu.csv'), '--language', 'zh-TW')
    expect(chinese.out).toMatch(/200 點，[1-9] 個異常/)
  })

  it('reports a target it cannot write', async () => {
    const series = `timestamp,value\n${hour(0)},5\n`
    const dir = await folder({ 'a.csv': series, 'b.csv': series, 'judged/a.csv/inside': '' })
    const files = [join(dir, 'a.csv'), join(dir, 'b.csv')]
    const { code, err } = await at(80, 'anomalies', ...files, '--output', join(dir, 'judged'))
    expect(code).toBe(1)
    expect(await readFile(join(dir, 'judged/b.csv'), 'utf8')).toContain(',5,')
    expect(err).toContain(join(dir, 'judged/a.csv'))
  })

  it('shows no table without anomalies', async () => {
    const rows = Array.from({ length: 60 }, (_, index) => `${hour(index)},5`)
    const dir = await folder({ 'flat.csv': `timestamp,value\n${rows.join('\n')}\n` })
    const { out } = await at(80, 'anomalies', join(dir, 'flat.csv'))
    expect(out).toContain('60 points, 0 anomalies')
    expect(out).not.toContain('expected')
  })
})

describe('sre analyze forecast at a terminal', () => {
  it('shows history and forecast as a sparkline, a row per step, and when a capacity is reached', async () => {
    const rows = Array.from({ length: 60 }, (_, index) => `"disk, root",${seconds(index)},${index * 2}`)
    const dir = await folder({ 'a.csv': `series,timestamp,value\n${rows.join('\n')}\n` })
    const { code, out } = await at(100, 'forecast', join(dir, 'a.csv'), '--horizon', '3', '--capacity', '123')
    expect(code).toBe(0)
    expect(out).toContain('a.csv disk, root')
    // timestamps are printed in the input format
    expect(out).toContain(String(seconds(60)))
    expect(out.split('\n').filter((line) => /^ *17\d{8} /.test(line))).toHaveLength(3)
    expect(out).toMatch(/reaches 123: 17\d+/)
    const chinese = await at(100, 'forecast', join(dir, 'a.csv'), '--horizon', '3', '--language', 'zh-TW')
    expect(chinese.out).toMatch(/時間 +平均 +下限 +上限/)
  })

  it('says when a capacity is not reached', async () => {
    const rows = Array.from({ length: 40 }, (_, index) => `${hour(index)},5`)
    const dir = await folder({ 'a.csv': `timestamp,value\n${rows.join('\n')}\n` })
    const { out } = await at(100, 'forecast', join(dir, 'a.csv'), '--horizon', '2', '--capacity', '900')
    expect(out).toMatch(/reaches 900: not within the horizon$/m)
    const json = await at(100, 'forecast', join(dir, 'a.csv'), '--horizon', '2', '--capacity', '900', '--json')
    expect(JSON.parse(json.out)).toMatchObject({ points: [{}, {}], capacity_reached: { mean: null } })
  })

  it('says when a capacity has already been passed', async () => {
    const rows = Array.from({ length: 40 }, (_, index) => `${hour(index)},${90 + index}`)
    const dir = await folder({ 'a.csv': `timestamp,value\n${rows.join('\n')}\n` })
    const asked = ['forecast', join(dir, 'a.csv'), '--horizon', '2', '--capacity', '100']
    expect((await at(100, ...asked)).out).toMatch(/has reached or passed 100$/m)
    expect((await at(100, ...asked, '--language', 'zh-TW')).out).toMatch(/已達到或超過 100$/m)
    const last = '2026-01-02T15:00:00Z'
    const json = await at(100, ...asked, '--json')
    expect(JSON.parse(json.out)).toMatchObject({ capacity_reached: { mean: last, lower: last, upper: last } })
  })

  it('forecasts the valid values, and warns about non-numbers, repeats and gaps', async () => {
    const dir = await folder({
      'a.csv': `timestamp,value\n${hour(0)},5\n${hour(1)},\n${hour(2)},5\n${hour(2)},6\n${hour(3)},5\n`,
      'b.csv': `timestamp,value\n"${hour(0)},5\n`,
      'c.csv': `timestamp,value\nyesterday,5\n`,
      'd.csv': `timestamp,value\n${hour(0)}\n`,
    })
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => join(dir, `${name}.csv`))
    const { code, err } = await at(100, 'forecast', a!, b!, c!, d!, join(dir, 'none.csv'), '--horizon', '1')
    expect(code).toBe(1)
    expect(err).toContain('repeated timestamp')
    expect(err).toMatch(/b\.csv:2:1: a quote is not closed/)
    expect(err).toMatch(/c\.csv:2:1: "yesterday"/)
    expect(err).toMatch(/d\.csv:2:\d+: /)
    expect(err).toMatch(/none\.csv: no such file or folder/)
  })

  it('refuses an invalid level or capacity', async () => {
    await expect(at(100, 'forecast', 'a.csv', '--horizon', '1', '--level', '2')).rejects.toThrow('between 0 and 1')
    await expect(at(100, 'forecast', 'a.csv', '--horizon', '1', '--capacity', 'much')).rejects.toThrow('a number')
  })
})

describe('sre analyze logs at a terminal', () => {
  it('shows each template with how often and when it was seen', async () => {
    const lines = Array.from({ length: 30 }, (_, index) =>
      JSON.stringify({
        timestamp: hour(index),
        service: 'cart',
        level: 'INFO',
        message: `user ${index} bought ${index * 3} items`,
      }),
    )
    const dir = await folder({ 'logs.jsonl': `${lines.join('\n')}\n`, 'app.log': 'started\nstarted\nstopped\n' })
    const { code, out } = await at(90, 'logs', join(dir, 'logs.jsonl'))
    expect(code).toBe(0)
    expect(out).toContain('30 lines, 1 templates')
    expect(out).toMatch(/30 .*user .* bought .* items/)
    const chinese = await at(90, 'logs', join(dir, 'app.log'), '--language', 'zh-TW')
    expect(chinese.out).toContain('2 個模板')
  })
})

describe('sre analyze rca at a terminal', () => {
  it('starts with symptom, onset and cause, in either language', async () => {
    const english = await at(100, 'rca', 'test/scenarios/shop-01')
    expect(english.code).toBe(0)
    expect(english.out.split('\n').slice(0, 6).join(' ')).toMatch(/cart/)
    const chinese = await at(100, 'rca', 'test/scenarios/shop-01', '--language', 'zh-TW')
    expect(chinese.out).toMatch(/[\u4e00-\u9fff]/)
    expect(chinese.out).toContain('cart')
  })

  it('distinguishes a missing folder from one without an incident', async () => {
    const dir = await folder({ 'metrics.csv': 'timestamp,service,indicator,value\n' })
    const { code, err } = await at(100, 'rca', join(dir, 'nowhere'), dir)
    expect(code).toBe(1)
    expect(err.trimEnd().split('\n')).toHaveLength(2)
    expect(err).toContain('incident.json')
  })
})

describe('a diagnosis on a narrow terminal', () => {
  const shop = join(import.meta.dirname, '../scenarios/shop-01')

  it.each(['en', 'zh-TW'])('in %s shows everything important and fits the width', async (language) => {
    const { out } = await at(64, 'rca', shop, '--language', language)
    const evidence = out
      .slice(out.search(/Evidence for the first|第一項的證據/))
      .split('\n')
      .map(stripVTControlCharacters)
    expect(evidence.filter((line) => stringWidth(line) > 64)).toEqual([])
    expect(evidence.join(' ').replaceAll(/\s+/g, ' ')).toMatch(/no price yet for <\*> asking again/)
    expect(evidence.join('\n')).toContain('983 ms')
  })
})
