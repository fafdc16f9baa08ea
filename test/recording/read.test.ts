import { execFileSync } from 'node:child_process'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { parseInstant } from '../../recording/instant.ts'
import { readRecording } from '../../recording/read.ts'
import { LONGEST_MESSAGE } from '../../recording/log-lines.ts'
import { folder, recording } from './recording-dir.ts'

const HEADER = 'timestamp,service,instance,indicator,unit,value\n'
const at = (second: number): string => `2026-03-01T10:00:${String(second).padStart(2, '0')}Z`
const log = (second: number, message: string): string =>
  `${JSON.stringify({ timestamp: at(second), service: 'cart', message })}\n`

describe('reading a recording', () => {
  it('requires only incident.json, and distinguishes a missing file from an empty one', async () => {
    const { observations, documents } = await readRecording(await recording({ 'alerts.json': '[]' }))
    expect(observations).toMatchObject({ series: [], logs: [], spans: [], edges: [], changes: [] })
    expect(documents).toMatchObject({ changes: null, alerts: [] })
  })

  it('accepts numbers as labels and ids', async () => {
    const incident = {
      id: 'one',
      window: { start: at(0), end: at(9) },
      alert: { summary: 'slow', labels: { threshold: 0.5, metric: 'latency' } },
    }
    const changes = [{ id: 7, timestamp: at(1), event_type: 'SCALE', service_name: null }]
    const dir = await folder({ 'incident.json': JSON.stringify(incident), 'changes.json': JSON.stringify(changes) })
    const { observations } = await readRecording(dir)
    expect(observations.alert?.labels).toEqual({ threshold: '0.5', metric: 'latency' })
    expect(observations.changes).toEqual([
      { id: '7', timestamp: Date.parse(at(1)), type: 'SCALE', service: '', summary: '' },
    ])
  })

  it('reports errors in incident.json', async () => {
    const dir = await folder({
      'incident.json': '{"id":"one","window":{"start":"2026-03-01T10:00:00Z","end":"yesterday"}}',
    })
    await expect(readRecording(dir)).rejects.toThrow(/incident\.json:1:60: window\.end: must be an RFC 3339 time/)
    const broken = await folder({ 'incident.json': '{"id":"one",\n"window":}' })
    await expect(readRecording(broken)).rejects.toThrow(/incident\.json:2:10: /)
  })

  it('rejects impossible days', () => {
    expect(parseInstant('2024-02-29T00:00:00Z')).toBe(Date.UTC(2024, 1, 29))
    for (const day of ['2026-02-29', '2026-02-30', '2026-04-31', '2026-13-01', '2026-01-32'])
      expect(parseInstant(`${day}T00:00:00Z`), day).toBeNaN()
  })

  it('reports a folder that is not a recording', async () => {
    const dir = await folder()
    await expect(readRecording(dir)).rejects.toMatchObject({
      code: 'missing',
      place: { file: join(dir, 'incident.json') },
    })
  })

  it('reads all files of a recording, compressed or plain', async () => {
    const dir = await recording({
      'metrics.csv.gz': gzipSync(`${HEADER}${at(0)},cart,cart-1,cpu,cores,0.5\n${at(1)},cart,cart-1,cpu,cores,0.75\n`),
      'logs.jsonl.gz': gzipSync(log(0, 'hello')),
      'traces.jsonl':
        '{"trace_id":"t","span_id":"s","service":"cart","name":"GET /","start":"2026-03-01T10:00:00.000000250Z","end":"2026-03-01T10:00:01Z"}',
      'graph.json': '{"edges":[{"from":"frontend","to":"cart"}]}',
      'changes.json':
        '{"items":[{"id":"c1","timestamp":"2026-03-01T12:00:00+02:00","event_type":"SCALE","author":null,"service_name":"cart","summary":"2 to 3"}],"pagination":{}}',
    })
    const { observations } = await readRecording(dir)
    const [series] = observations.series
    expect(series).toMatchObject({ service: 'cart', instance: 'cart-1', indicator: 'cpu', unit: 'cores' })
    expect([...(series?.values ?? [])]).toEqual([0.5, 0.75])
    expect([...(series?.times ?? [])]).toEqual([Date.parse(at(0)), Date.parse(at(1))])
    expect(observations.logs).toEqual([{ timestamp: Date.parse(at(0)), service: 'cart', message: 'hello' }])
    expect(observations.spans[0]?.start).toBeCloseTo(Date.parse(at(0)) + 0.00025, 3)
    expect(observations.edges).toEqual([{ from: 'frontend', to: 'cart' }])
    expect(observations.changes[0]).toMatchObject({ id: 'c1', timestamp: Date.parse(at(0)), type: 'SCALE' })
  })

  it('treats empty, NaN and infinite values as missing, with a warning', async () => {
    const rows = ['', 'NaN', '+Inf', '2'].map((value, second) => `${at(second)},cart,,cpu,,${value}\n`)
    const { observations, warnings } = await readRecording(await recording({ 'metrics.csv': HEADER + rows.join('') }))
    expect([...(observations.series[0]?.values ?? [])]).toEqual([2])
    expect(warnings.map(({ place, reason, count }) => [place.line, place.column, reason, count])).toEqual([
      [2, 33, 'no value: treated as missing', 2],
      [4, 33, 'an infinite value: treated as missing', 1],
    ])
  })

  it('sorts rows, and keeps the last of two with one timestamp, with warnings', async () => {
    const rows = [3, 1, 2, 1].map((second, value) => `${at(second)},cart,,cpu,,${value}\r\n`)
    const { observations, warnings } = await readRecording(await recording({ 'metrics.csv': HEADER + rows.join('') }))
    expect([...(observations.series[0]?.values ?? [])]).toEqual([3, 2, 0])
    expect(warnings).toMatchObject([
      { place: { line: 3 }, count: 1, reason: expect.stringMatching(/same timestamp/) as string },
    ])
  })

  it('warns once per file about order and duplicates, with the first position and the count', async () => {
    const row = (second: number, service: string) => `${at(second)},${service},,cpu,,1\n`
    const rows = [
      row(5, 'a'),
      row(5, 'b'),
      row(5, 'c'),
      row(1, 'b'),
      row(1, 'a'),
      row(5, 'c'),
      row(2, 'd'),
      row(2, 'd'),
    ]
    const { warnings } = await readRecording(await recording({ 'metrics.csv': HEADER + rows.join('') }))
    expect(warnings.map(({ place, reason, count }) => [place.line, count, reason])).toEqual([
      [5, 2, 'samples out of order: sorted by timestamp'],
      [7, 2, 'samples with the same timestamp: the last one counts'],
    ])
  })

  it.each([
    ['a value that is no number', `${at(0)},cart,,cpu,,fast\n`, 2, 33],
    ['an instant without a zone', `${at(0)},cart,,cpu,,1\n2026-03-01T10:00:01,cart,,cpu,,1\n`, 3, 1],
    ['a row that is too short', `${at(0)},cart\n`, 2, 26],
    ['a row that is too wide, as by a decimal comma', `${at(0)},cart,,cpu,s,1\n${at(1)},cart,,cpu,s,0,105\n`, 3, 36],
    [
      'a row that is too wide after one with an empty cell',
      `${at(0)},cart,,cpu,s,1,\n${at(1)},cart,,cpu,s,1,7\n`,
      3,
      36,
    ],
    ['a quote that is not closed', `${at(0)},"cart,,cpu,,1\n`, 2, 22],
  ])('skips %s, names its file, line and column, and fails in strict mode', async (_, rows, line, column) => {
    const dir = await recording({ 'metrics.csv': `${HEADER}${rows}${at(2)},orders,,cpu,,1\n` })
    const place = { file: join(dir, 'metrics.csv'), line, column }
    await expect(readRecording(dir, { strict: true })).rejects.toMatchObject({ code: 'invalid', place })
    const { observations, warnings } = await readRecording(dir)
    expect(warnings).toMatchObject([{ place, count: 1, unreadOf: line }])
    expect(observations.series.at(-1)).toMatchObject({ service: 'orders', values: Float64Array.of(1) })
  })

  it('reads the valid rows, and counts the unreadable ones, with the first position', async () => {
    const plain = `{"trace_id":"t","span_id":"s","service":"cart","name":"GET /","start":"${at(0)}","end":"${at(1)}"}\n`
    const lines = [
      log(0, 'one'),
      '{"timestamp"\n',
      '\n',
      log(1, 'two').replace(':01Z', ':01'),
      'null\n',
      log(2, 'three'),
    ]
    const dir = await recording({
      'logs.jsonl': lines.join(''),
      'traces.jsonl': plain + plain.replace(at(1), 'soon') + plain,
      'metrics.csv': `${HEADER}${at(0)},cart,,cpu,,1\n${at(1)},cart,,cpu,,fast\n${at(2)},cart,,cpu,,3\n`,
    })
    const { observations, warnings } = await readRecording(dir)
    expect(observations.logs.map(({ message }) => message)).toEqual(['one', 'three'])
    expect(observations.spans).toHaveLength(2)
    expect([...(observations.series[0]?.values ?? [])]).toEqual([1, 3])
    expect(warnings.map(({ place, count, unreadOf }) => [basename(place.file), place.line, count, unreadOf])).toEqual([
      ['metrics.csv', 3, 1, 3],
      ['logs.jsonl', 2, 3, 5],
      ['traces.jsonl', 2, 1, 3],
    ])
  })

  it.each([
    ['metrics.csv', `${HEADER}now,cart,,cpu,,1\nthen,cart,,cpu,,1\n`],
    ['metrics.csv', `when,who,what\n${at(0)},cart,1\n`],
    ['logs.jsonl', 'one\ntwo\n'],
    ['traces.jsonl', '{}\n'],
  ])('refuses %s without any readable row: %j', async (name, text) => {
    const dir = await recording({ [name]: text })
    await expect(readRecording(dir)).rejects.toMatchObject({ code: 'invalid', place: { file: join(dir, name) } })
  })

  it('computes columns correctly after quoted commas', async () => {
    const dir = await recording({ 'metrics.csv': `${HEADER}${at(1)},"cart, the old","a ""b"", c",cpu,%,much\n` })
    const column = `${at(1)},"cart, the old","a ""b"", c",cpu,%,`.length + 1
    await expect(readRecording(dir)).rejects.toThrow(`metrics.csv:2:${column}: "much"`)
  })

  it('requires as many cells as the header has, in any column order', async () => {
    const dir = await recording({
      'metrics.csv': `value,timestamp,service,indicator\n1,${at(0)},cart,cpu\n1,${at(1)}\n`,
    })
    await expect(readRecording(dir, { strict: true })).rejects.toThrow(/metrics\.csv:3:23: the row ends after 2 cells/)
  })

  it('names file and line of a log line that is not JSON or has no required field', async () => {
    const dir = await recording({ 'logs.jsonl': `${log(0, 'fine')}{"timestamp":\n` })
    await expect(readRecording(dir, { strict: true })).rejects.toMatchObject({
      place: { file: join(dir, 'logs.jsonl'), line: 2 },
    })
    const other = await recording({ 'logs.jsonl': `${log(0, 'fine')}{"timestamp":"${at(1)}","message":"x"}\n` })
    await expect(readRecording(other, { strict: true })).rejects.toThrow(/logs\.jsonl:2:1: service is missing/)
  })

  it('replaces invalid UTF-8 and truncates a long message, with warnings', async () => {
    const long = log(1, 'x'.repeat(200_000))
    const bytes = Buffer.concat([Buffer.from(log(0, 'a?b').replace('?', '#')), Buffer.from(long)])
    bytes[bytes.indexOf('#')] = 0xff
    const { observations, warnings } = await readRecording(await recording({ 'logs.jsonl': bytes }))
    expect(observations.logs[0]?.message).toBe('a\uFFFDb')
    expect(observations.logs[1]?.message.slice(LONGEST_MESSAGE)).toBe(
      `… (${200_000 - LONGEST_MESSAGE} more characters)`,
    )
    expect(warnings.map(({ place }) => place.line)).toEqual([1, 2])
  })

  it('drops the colour codes of log messages', async () => {
    const dir = await recording({ 'logs.jsonl': log(0, '\u001b[31mERROR\u001b[0m app: order lost') })
    expect((await readRecording(dir)).observations.logs[0]?.message).toBe('ERROR app: order lost')
  })

  it('downsamples a log that exceeds the limit, with a warning', async () => {
    const dir = await recording({ 'logs.jsonl': Array.from({ length: 60 }, (_, n) => log(n, `line ${n}`)).join('') })
    const { observations, warnings } = await readRecording(dir, { mostLines: 20 })
    expect(observations.logs.map(({ message }) => message)).toEqual(Array.from({ length: 15 }, (_, n) => `line ${n * 4}`)) // prettier-ignore
    expect(warnings).toMatchObject([{ reason: 'too many lines for the memory limit: one in 4 was kept' }])
  })

  it('reports a damaged compressed file', async () => {
    const dir = await recording({ 'logs.jsonl.gz': gzipSync(log(0, 'hello')).subarray(0, 20) })
    await expect(readRecording(dir)).rejects.toMatchObject({ code: 'unreadable' })
  })

  it('never opens the ground truth', async () => {
    const dir = await recording({ 'metrics.csv': HEADER })
    // a pipe without a writer: opening it would block for ever
    execFileSync('mkfifo', [join(dir, 'truth.json')])
    await expect(readRecording(dir)).resolves.toMatchObject({ dir })
  })
})
