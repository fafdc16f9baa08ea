import { link, mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folder } from '../recording/recording-dir.ts'
import { rowsOf, runHere } from './run-sre.ts'

const minute = (at: number): string => new Date(Date.parse('2026-01-01T00:00:00Z') + at * 60_000).toISOString()
const csv = (count: number, of: (at: number) => number | string): string =>
  `timestamp,host,value\n${Array.from({ length: count }, (_, at) => `${minute(at)},a,${of(at)}\n`).join('')}`
const calm = (at: number): number => 100 + ((at * 7) % 5)

describe('sre analyze anomalies', () => {
  it('scores every row without later ones', async () => {
    const spiked = csv(200, (at) => (at === 150 ? 400 : calm(at)))
    const dir = await folder({ 'cpu.csv': spiked, 'start.csv': spiked.split('\n').slice(0, 152).join('\n') })
    const { code, out } = await runHere(['analyze', 'anomalies', join(dir, 'cpu.csv')])
    expect(code).toBe(0)
    const [header, ...rows] = rowsOf(out)
    expect(header?.join()).toBe('timestamp,value,expected,lower,upper,score,anomaly')
    expect(rows).toHaveLength(200)
    expect(rows.flatMap((row, at) => (row[6] === '1' ? [at] : []))).toEqual([150])
    const start = await runHere(['analyze', 'anomalies', join(dir, 'start.csv')])
    expect(rowsOf(start.out)).toEqual([header, ...rows.slice(0, 151)])
  })

  it('writes a file per input and, with --strict, names file, line and column of the invalid one and exits with 1', async () => {
    const dir = await folder({
      'a.csv': csv(60, calm),
      'b.csv': csv(60, (at) => (at === 7 ? 'much' : calm(at))),
      'c.csv': csv(60, calm),
    })
    const files = ['a', 'b', 'c'].map((name) => join(dir, `${name}.csv`))
    const { code, out, err } = await runHere([
      'analyze',
      'anomalies',
      '--strict',
      ...files,
      '--output',
      join(dir, 'judged'),
    ])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain('b.csv:9:28: "much" is not a number')
    expect(rowsOf(await readFile(join(dir, 'judged', 'c.csv'), 'utf8'))).toHaveLength(61)
    expect(await readdir(join(dir, 'judged'))).toEqual(['a.csv', 'c.csv'])
  })

  it('skips unreadable rows, reports them in the result too, and exits with 0', async () => {
    const rows = ['timestamp,value', '2026-01-01,1', 'soon,1', '2026-01-02,"2', '2026-01-03,3', '2026-01-04,4']
    const dir = await folder({ 'a.csv': rows.join('\n') })
    const { code, out, err } = await runHere(['analyze', 'anomalies', '--json', join(dir, 'a.csv')])
    expect(code).toBe(0)
    expect(err).toMatch(/a\.csv:3:1: "soon" is not a timestamp: left out, with 1 more of 5 rows/)
    expect(JSON.parse(out)).toMatchObject({
      points: 3,
      warnings: [{ line: 3, column: 1, count: 2, left_out_of: 5 }],
    })
    const ahead = await runHere(['analyze', 'forecast', '--json', '--horizon', '2', join(dir, 'a.csv')])
    expect(JSON.parse(ahead.out)).toMatchObject({ warnings: [{ line: 3, count: 2 }] })
    expect(ahead.code).toBe(0)
  })

  it('never overwrites an input, whatever its path', async () => {
    const series = csv(60, calm)
    const dir = await folder({ 'in/a.csv': series, 'in/b.csv': series })
    await mkdir(join(dir, 'out'))
    await link(join(dir, 'in', 'b.csv'), join(dir, 'out', 'b.csv'))
    for (const [name, output] of [
      ['a.csv', 'in'],
      ['b.csv', 'out'],
    ] as const) {
      // prettier-ignore
      const ran = await runHere(['analyze', 'anomalies', join(dir, 'in', name), '--output', join(dir, output)])
      expect(ran).toMatchObject({ code: 2, out: '', err: expect.stringContaining(`${join(dir, output, name)} is an input`) as string }) // prettier-ignore
      expect(await readFile(join(dir, 'in', name), 'utf8')).toBe(series)
    }
  })

  it('never writes two results to one file', async () => {
    const series = csv(60, calm)
    const dir = await folder({ 'a/x.csv': series, 'b/x.csv': series, 'a/x.csv.gz': '' })
    const first = join(dir, 'a', 'x.csv')
    for (const second of [join(dir, 'b', 'x.csv'), join(dir, 'a', 'x.csv.gz')]) {
      const ran = await runHere(['analyze', 'anomalies', first, second, '--output', join(dir, 'out')])
      expect(ran).toMatchObject({ code: 2, err: expect.stringContaining(`${first} and ${second} would both be`) as string }) // prettier-ignore
    }
    expect(await readdir(dir)).toEqual(['a', 'b'])
  })

  it('handles gaps, NaN and repeated timestamps as documented', async () => {
    const rows = ['2015-02-26 21:42:53,1', '2015-02-26 21:47:53,NaN', '2015-02-26 21:47:53,', '2015-02-26 21:40:00,2']
    const dir = await folder({ 'a.csv': `timestamp,value\r\n${rows.join('\r\n')}` })
    const { code, out, err } = await runHere(['analyze', 'anomalies', join(dir, 'a.csv')])
    expect(code).toBe(0)
    expect(rowsOf(out).map(([timestamp, value]) => `${timestamp},${value}`)).toEqual(['timestamp,value', rows[0], '2015-02-26 21:47:53,', rows[2], rows[3]]) // prettier-ignore
    expect(err).toMatch(/a\.csv:3:1: no value: not scored \(2 times\)/)
    expect(err).toMatch(/a\.csv:4:1: repeated timestamp/)
    expect(err).toMatch(/a\.csv:5:1: timestamp out of order/)
  })

  it('reports files without any value', async () => {
    const dir = await folder({
      'a.csv': 'timestamp,value\n',
      'b.csv': 'timestamp,value\n2026-01-01,NaN\n2026-01-02,Inf\n',
    })
    const files = ['a', 'b'].map((name) => join(dir, `${name}.csv`))
    const { code, err } = await runHere(['analyze', 'anomalies', ...files, '--output', join(dir, 'out')])
    expect(code).toBe(1)
    expect(err).toMatch(
      /a\.csv: no values to score\n.*b\.csv:2:1: no value: not scored \(2 times\)\n.*b\.csv: no values to score/,
    )
    expect(await readdir(join(dir, 'out'))).toEqual([])
  })

  it('reads timestamps without a zone as UTC, warns if a file has both, and rejects impossible days', async () => {
    const dir = await folder({
      'mixed.csv': 'timestamp,value\n2026-01-01 00:00:00,1\n2026-01-01T01:05:00+01:00,2\n2026-01-01 00:10:00,3\n',
      'day.csv': 'timestamp,value\n2026-02-28,1\n2026-02-30,2\n',
    })
    const mixed = await runHere(['analyze', 'anomalies', join(dir, 'mixed.csv')])
    expect(mixed.code).toBe(0)
    expect(mixed.err.match(/mixed\.csv:3:1: timestamps with and without a zone/g)).toHaveLength(1)
    expect(mixed.err).not.toMatch(/out of order/)
    const day = await runHere(['analyze', 'anomalies', '--strict', join(dir, 'day.csv')])
    expect(day).toMatchObject({ code: 1, err: expect.stringContaining('day.csv:3:1') as string })
  })

  it('skips rows with more or fewer cells than the header, except one extra empty cell', async () => {
    const dir = await folder({
      'comma.csv': 'timestamp,value\n2026-01-01,1\n2026-01-02,0,5\n',
      'bare.csv': '2026-01-01,1\n2026-01-02,0,5\n',
      'short.csv': 'value,timestamp,series\n1,2026-01-01,a\n1,2026-01-02\n',
      'fine.csv': 'timestamp,value\n2026-01-01,1,\n',
    })
    const files = ['comma', 'bare', 'short', 'fine'].map((name) => join(dir, `${name}.csv`))
    const { code, out, err } = await runHere(['analyze', 'anomalies', '--json', '--strict', ...files])
    expect(code).toBe(1)
    expect(err).toMatch(/comma\.csv:3:14: the row has 3 cells.*\n.*bare\.csv:2:14: .*\n.*short\.csv:3:13: the row ends after 2 cells/) // prettier-ignore
    expect(JSON.parse(out)).toMatchObject({ file: files[3], points: 1 })
  })

  it('prints JSON on request, and rejects files that are not series', async () => {
    const dir = await folder({ 'a.csv': csv(60, calm), 'b.csv': 'name,age\nx,1\n', 'c.csv': '' })
    const { out } = await runHere(['analyze', 'anomalies', '--json', join(dir, 'a.csv')])
    expect(JSON.parse(out)).toMatchObject({ points: 60, anomalies: [] })
    const bad = await runHere(['analyze', 'anomalies', join(dir, 'b.csv')])
    expect(bad).toMatchObject({ code: 1 })
    expect(bad.err).toMatch(/b\.csv:1:1: the header needs timestamp and value/)
    const empty = await runHere(['analyze', 'anomalies', join(dir, 'c.csv')])
    expect(empty).toMatchObject({ code: 1, err: expect.stringContaining('c.csv:1:1: the file is empty') as string })
  })
})

describe('sre analyze forecast', () => {
  it('caps the forecast of a share, recognised by its name or by a capacity of 1 or 100', async () => {
    const rows = (times: number): string => Array.from({ length: 60 }, (_, at) => `${at},${(0.4 + at / 120) * times}`).join('\n') // prettier-ignore
    const named = Array.from({ length: 60 }, (_, at) => `disk_ratio,${at},${0.4 + at / 120}`).join('\n')
    const dir = await folder({ 'a.csv': `timestamp,value\n${rows(1)}`, 'b.csv': `timestamp,value\n${rows(100)}`, 'c.csv': `series,timestamp,value\n${named}` }) // prettier-ignore
    const highest = async (name: string, ...more: string[]) => {
      const { out } = await runHere(['analyze', 'forecast', '--json', '--horizon', '60', ...more, join(dir, name)])
      const { points } = JSON.parse(out) as { points: { upper: number; mean: number }[] }
      return Math.max(...points.flatMap(({ upper, mean }) => [upper, mean]))
    }
    expect(await highest('a.csv')).toBeGreaterThan(1.2)
    expect(await highest('a.csv', '--capacity', '1')).toBe(1)
    expect(await highest('b.csv', '--capacity', '100')).toBe(100)
    expect(await highest('c.csv')).toBe(1)
  })

  it('forecasts each series of a file, and when it reaches a capacity', async () => {
    const rows = Array.from({ length: 60 }, (_, at) => `disk,${minute(at)},${at * 2}\ncpu,${minute(at)},5\n`)
    const dir = await folder({ 'a.csv': `series,timestamp,value\n${rows.join('')}` })
    const { code, out } = await runHere([
      'analyze',
      'forecast',
      join(dir, 'a.csv'),
      '--horizon',
      '5',
      '--capacity',
      '121',
    ])
    expect(code).toBe(0)
    const [header, ...points] = rowsOf(out)
    expect(header?.join()).toBe('series,step,timestamp,mean,lower,upper,capacity_mean,capacity_lower,capacity_upper')
    expect(points.map((row) => row.slice(0, 2).join())).toEqual(['disk,1', 'disk,2', 'disk,3', 'disk,4', 'disk,5', 'cpu,1', 'cpu,2', 'cpu,3', 'cpu,4', 'cpu,5']) // prettier-ignore
    expect(points[1]?.[2]).toBe('2026-01-01T01:01:00Z')
    expect(Number(points[1]?.[3])).toBeCloseTo(122, 0)
    expect(points[0]?.[6]).toMatch(/^2026-01-01T01:00:[234]/)
    expect(points[5]?.[6]).toBe('')
  })

  it('accepts an index as timestamp, fills a gap, and says so', async () => {
    const rows = Array.from({ length: 40 }, (_, at) => at + 1).filter((at) => at !== 20)
    const dir = await folder({ 'a.csv': rows.map((at) => `${at},${at}\n`).join('') })
    const { code, out, err } = await runHere(['analyze', 'forecast', join(dir, 'a.csv'), '--horizon', '2'])
    expect(code).toBe(0)
    expect(
      rowsOf(out)
        .slice(1)
        .map((row) => row[2]),
    ).toEqual(['41', '42'])
    expect(Number(rowsOf(out)[1]?.[3])).toBeCloseTo(41, 1)
    expect(err).toContain('gap: filled by linear interpolation')
  })

  it('reports series that cannot be forecast, and forecasts the others', async () => {
    const dir = await folder({
      'a.csv': 'timestamp,value\n',
      'b.csv': 'timestamp,value\n1,5\n',
      'c.csv': '1,5\n2,5\n3,5\n',
    })
    const files = ['a', 'b', 'c'].map((name) => join(dir, `${name}.csv`))
    const { code, out, err } = await runHere(['analyze', 'forecast', ...files, '--horizon', '1'])
    expect(code).toBe(1)
    expect(err).toMatch(
      /a\.csv: no values to forecast from\n.*b\.csv: at least two timestamps with a value are needed to determine the step/,
    )
    expect(rowsOf(out)).toEqual([
      ['series', 'step', 'timestamp', 'mean', 'lower', 'upper'],
      ['', '1', '4', '5', '5', '5'],
    ])
  })

  it('forecasts the series that are long enough, and names one that is not', async () => {
    const rows = ['cpu,1,5', 'disk,1,7', 'cpu,2,5', 'net,1,', 'ram,1,1', 'ram,1,2', 'cpu,3,5']
    const dir = await folder({ 'a.csv': `series,timestamp,value\n${rows.join('\n')}\n` })
    const { code, out, err } = await runHere(['analyze', 'forecast', join(dir, 'a.csv'), '--horizon', '1'])
    expect(code).toBe(1)
    expect(rowsOf(out).slice(1)).toEqual([['cpu', '1', '4', '5', '5', '5']])
    expect(err).toMatch(
      /a\.csv:5:1: no value.*\n.*a\.csv: disk \(and 2 more series\): at least two timestamps with a value are needed/,
    )
  })

  it('exits with 2 without a horizon, or with an invalid one', async () => {
    expect(await runHere(['analyze', 'forecast', 'a.csv'])).toMatchObject({ code: 2 })
    expect(await runHere(['analyze', 'forecast', 'a.csv', '--horizon', '-3'])).toMatchObject({ code: 2 })
    expect(await runHere(['analyze', 'forecast', 'a.csv', '--horizon', '3', '--level', '95'])).toMatchObject({
      code: 2,
    })
  })
})
