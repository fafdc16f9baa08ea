/** Series files as exported by tools. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cellOf } from '../../cli/analyze/cells.ts'
import { readSeries, type SeriesRow } from '../../cli/analyze/series-file.ts'
import { formatTime, parseTime } from '../../cli/analyze/times.ts'
import { unitOf } from '../../cli/analyze/units.ts'
import { Warnings } from '../../recording/warnings.ts'
import { folder } from '../recording/recording-dir.ts'
import { rowsOf, runHere } from './run-sre.ts'

async function read(text: string, strict = false) {
  const warnings = new Warnings({ strict })
  const rows: SeriesRow[] = []
  for await (const row of readSeries(join(await folder({ 'a.csv': text }), 'a.csv'), warnings)) rows.push(row)
  const series = Object.fromEntries([...Map.groupBy(rows, (row) => row.series)].map(([name, own]) => [name, own.map(({ value }) => Math.round(value * 1e6) / 1e6)])) // prettier-ignore
  return { rows, series, said: warnings.list() }
}
const minute = (at: number): string => `2023-11-14 22:${String(at).padStart(2, '0')}:00`
const column = (...cells: string[]): string => `Time,value\n${cells.map((cell, at) => `${minute(at)},"${cell}"\n`).join('')}` // prettier-ignore
const told = ({ said }: Awaited<ReturnType<typeof read>>): string => said.map(({ reason }) => reason).join('; ')

describe('a series file of Grafana', () => {
  it('has one series per named column', async () => {
    const { series, rows } = await read(`"Time","cart","orders, all"\n"${minute(0)}",0.4,1\n"${minute(1)}",0.5,2\n`)
    expect(series).toEqual({ cart: [0.4, 0.5], 'orders, all': [1, 2] })
    expect(rows[0]).toMatchObject({ several: true, time: Date.UTC(2023, 10, 14, 22) })
  })

  it('may have one column, ms since the epoch, gaps, and one row per series', async () => {
    const one = await read('"Time","cpu usage"\n1700000000000,0.4\n1700000060000,\n1700000120000,-\n1700000180000,undefined\n') // prettier-ignore
    expect(one.series).toEqual({ 'cpu usage': [0.4, NaN, NaN, NaN] })
    expect(one.rows[0]).toMatchObject({ several: false, time: 1_700_000_000_000 })
    const rows = await read(`Series;Time;Value\na;${minute(0)};1\nb;${minute(0)};2\na;${minute(1)};3\n`)
    expect(rows.series).toEqual({ a: [1, 3], b: [2] })
    const labelled = await read(`Time,pod,cpu,memory\n${minute(0)},a,1,5\n${minute(0)},b,2,6\n`)
    expect(labelled.series).toEqual({ 'a cpu': [1], 'a memory': [5], 'b cpu': [2], 'b memory': [6] })
  })

  it('is scored and forecast per series', async () => {
    const rows = Array.from({ length: 120 }, (_, at) => `${1_700_000_000_000 + at * 60_000},${at % 5},${at === 100 ? 900 : 500 + (at % 7)}`) // prettier-ignore
    const file = join(await folder({ 'a.csv': `"Time","cart","orders"\n${rows.join('\n')}\n` }), 'a.csv')
    const judged = rowsOf((await runHere(['analyze', 'anomalies', file])).out)
    expect(judged[0]?.join()).toBe('timestamp,value,expected,lower,upper,score,anomaly,series')
    expect(judged.filter((row) => row[6] === '1')).toMatchObject([{ 1: '900', 7: 'orders' }])
    const ahead = rowsOf((await runHere(['analyze', 'forecast', '--horizon', '1', file])).out)
    expect(ahead.slice(1).map(([series, , time]) => [series, time])).toEqual([['cart', '1700007200000'], ['orders', '1700007200000']]) // prettier-ignore
  })

  it.each([
    ['2023-11-14 22:13:20', false],
    ['2023-11-14 22:13:20.000', false],
    ['2023-11-14T22:13:20.000Z', false],
    ['2023-11-14 23:13:20+01:00', false],
    ['11/14/2023, 10:13:20 PM', false],
    ['14/11/2023 22:13:20', true],
    ['14.11.2023 22:13:20', false],
    ['2023/11/14 22:13:20', false],
    ['1700000000', false],
    ['1700000000000', false],
    ['1700000000000000', false],
    ['1700000000000000000', false],
  ])('accepts times as %s', (text, dayFirst) => {
    expect(parseTime(text, dayFirst)).toBe(1_700_000_000_000)
    if (/^\d+$/.test(text)) expect(Number(formatTime(1_700_000_000_000, text))).toBe(Number(text))
  })

  it('steps by fractions of a second, and by odd ones, as the file does', async () => {
    const fast = Array.from({ length: 40 }, (_, at) => `${(1_694_532_425.58 + at * 0.02).toFixed(2)},${at % 4}`)
    const odd = Array.from({ length: 40 }, (_, at) => `${minute(0).slice(0, 14)}${String(Math.floor((at * 83) / 60)).padStart(2, '0')}:${String((at * 83) % 60).padStart(2, '0')},${at % 4}`) // prettier-ignore
    const dir = await folder({ 'fast.csv': `time,value\n${fast.join('\n')}`, 'odd.csv': `time,value\n${odd.join('\n')}` }) // prettier-ignore
    const { out } = await runHere(['analyze', 'forecast', '--horizon', '2', ...['fast.csv', 'odd.csv'].map((name) => join(dir, name))]) // prettier-ignore
    expect(rowsOf(out).slice(1).map((row) => row[2])).toEqual(['1694532426.38', '1694532426.4', '2023-11-14T22:55:20Z', '2023-11-14T22:56:43Z']) // prettier-ignore
  })

  it('rejects impossible times, and reads 12-hour midnight and noon correctly', () => {
    for (const text of ['2023-13-01 00:00', '2023-02-30 00:00', '2023-11-14 25:00', '2023-11-14 10:61', '99/99/2023', 'yesterday', '9'.repeat(400)]) expect(parseTime(text), text).toBeNaN() // prettier-ignore
    expect(parseTime('1/2/2023 12:05 AM')).toBe(Date.UTC(2023, 0, 2, 0, 5))
    expect(parseTime('1/2/2023 12:05 pm')).toBe(Date.UTC(2023, 0, 2, 12, 5))
  })

  it('decides the date order once per file, and warns if it is ambiguous', async () => {
    const days = await read('Time,value\n03/04/2023 00:00,1\n14/04/2023 00:00,2\n')
    expect(days.rows.map(({ time }) => time)).toEqual([Date.UTC(2023, 3, 3), Date.UTC(2023, 3, 14)])
    expect(told(days)).toBe('')
    const unsure = await read('Time,value\n03/04/2023 00:00,1\n')
    expect(unsure.rows[0]?.time).toBe(Date.UTC(2023, 2, 4))
    expect(told(unsure)).toMatch(/month/)
  })
})

describe('decimal commas', () => {
  it('are read between semicolons, tabs and in quotes, with a warning', async () => {
    for (const mark of [';', '\t']) {
      const found = await read(`timestamp${mark}value\n${minute(0)}${mark}100,25\n${minute(1)}${mark}1.101,5\n${minute(2)}${mark}7\n`) // prettier-ignore
      expect(found.series).toEqual({ '': [100.25, 1101.5, 7] })
      expect(told(found)).toMatch(/semicolons|tabs/)
      expect(told(found)).toMatch(/decimal comma/)
    }
    expect((await read(column('1,00', '1,1', '-2,5'))).series).toEqual({ '': [1, 1.1, -2.5] })
    expect((await read(`sep=;\nTime;value\n${minute(0)};1,5\n`)).series).toEqual({ '': [1.5] })
  })

  it('are interpreted once per file: 1,234 follows the other numbers; if none decides, a warning says how it was read', async () => {
    expect((await read(column('1,234', '0,5'))).series).toEqual({ '': [1.234, 0.5] })
    expect((await read(column('1,234', '0.5'))).series).toEqual({ '': [1234, 0.5] })
    expect((await read(column('1,234', '1,234,567.5', '1,5'))).said[0]).toMatchObject({ count: 1, unreadOf: 3 })
    const alone = await read(column('1,234', '999'))
    expect(alone.series).toEqual({ '': [1234, 999] })
    expect(told(alone)).toMatch(/1,234, is ambiguous: read as a thousands separator/)
    const between = await read(`Time;value\n${minute(0)};1,234\n${minute(1)};2\n`)
    expect(between.series).toEqual({ '': [1.234, 2] })
    expect(told(between)).toMatch(/read as a decimal mark/)
  })

  it('are accepted with every usual thousands separator, and no other', () => {
    const numbers = (mark: '.' | ',', ...texts: string[]) => texts.map((text) => cellOf(text, mark)?.number ?? null)
    expect(numbers('.', '1,234,567.8', "1'234.5", '1 234', '1\u00a0234', '12,34,567', '+5', '1e3', '.5')).toEqual([1234567.8, 1234.5, 1234, 1234, 1234567, 5, 1000, 0.5]) // prettier-ignore
    expect(numbers(',', '1.234.567,8', '1 234,5', '12', '1,5e3', '−3,5')).toEqual([1234567.8, 1234.5, 12, 1500, -3.5])
    expect(numbers('.', '1,5', '12,3456', '1.2.3', '10.0.0.1', '0x10', '2026-01-01', 'much', '5-6')).toEqual(Array(8).fill(null)) // prettier-ignore
    expect(numbers(',', '1.5', '1,2,3', '1,234.5')).toEqual([null, null, null])
  })
})

describe('units in cells', () => {
  it.each([
    [['12.0 °C', '12.5°C', '13'], [12, 12.5, 13], '°C'],
    [['900 MiB', '1.00 GiB', '512 KiB', '0 B', '0'], [900, 1024, 0.5, 0, 0], 'MiB'],
    [['1.5 MB', '250 kB', '1000000 B'], [1.5, 0.25, 1], 'MB'],
    [['40.0%', '41 %'], [40, 41], '%'],
    [['120 ms', '1.5 s', '800 µs', '2 mins'], [120, 1500, 0.8, 120_000], 'ms'],
    [['1.2 K', '950', '3 Mil'], [1200, 950, 3_000_000], ''],
    [['1.2k req/s', '950 req/s', '3M req/s'], [1200, 950, 3_000_000], 'req/s'],
    [['1.5 Mb/s', '300 kb/s'], [1.5, 0.3], 'Mb/s'],
    [['$1,200.50', '$3'], [1200.5, 3], '$'],
    [['900Mi', '1Gi'], [900 * 2 ** 20, 2 ** 30], ''],
  ])('%j are one column', async (cells, values, unit) => {
    const found = await read(column(...cells))
    expect(found.series).toEqual({ '': values })
    expect(found.rows.at(-1)?.unit).toBe(unit)
    expect(told(found)).toMatch(/in cells/)
    expect((await read(column(...cells), true)).series).toEqual({ '': values })
  })

  it('of another dimension skip the cell, and fail with --strict', async () => {
    const text = `Time,a,b\n${minute(0)},1 MiB,1\n${minute(1)},2 °C,2\n${minute(2)},3 MiB,x\n`
    const { series, said } = await read(text)
    expect(series).toEqual({ a: [1, 3], b: [1, 2] })
    expect(said[0]).toMatchObject({ reason: '"2 °C" is not in MiB, as the others are', count: 2, unreadOf: 3 })
    expect(said[0]?.place).toMatchObject({ line: 3, column: 21 })
    await expect(read(text, true)).rejects.toThrow(/a\.csv:3:21: "2 °C" is not in MiB/)
  })

  it('are recognised with prefixes; bits differ from bytes, minutes from milli', () => {
    const of = (text: string) => [unitOf(text).dimension, unitOf(text).factor]
    expect(['B', 'KiB', 'kB', 'Mbps', 'MB/s', 'h', 'min', 'ns', 'kHz', 'GHz', 'mW', 'kWh', 'K ops/s'].map(of)).toEqual([['B', 1], ['B', 1024], ['B', 1e3], ['b/s', 1e6], ['B/s', 1e6], ['s', 3600], ['s', 60], ['s', 1e-9], ['Hz', 1e3], ['Hz', 1e9], ['W', 1e-3], ['Wh', 1e3], ['ops/s', 1e3]]) // prettier-ignore
    expect(of('constructor')).toEqual(['constructor', 1])
  })
})

describe('a series nothing can be computed with', () => {
  it('leaves out, with a warning, values whose squares overflow', async () => {
    const { series, said } = await read(column('1e300', '2', '-1e308'))
    expect(series).toEqual({ '': [2] })
    expect(said[0]).toMatchObject({ reason: '"1e300" is too large', count: 2 })
  })

  it('is refused if it has too many columns, without a search for each of them', async () => {
    const wide = Array.from({ length: 300_000 }, (_, at) => `a${at}`).join(',')
    await expect(read(`Time,${wide}\n`)).rejects.toThrow(/a\.csv:1:1: more than 10000 columns/)
  })
})
