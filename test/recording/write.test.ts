import fc from '../properties/seeded.ts'
import { appendFile, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openGrowing } from '../../recording/growing.ts'
import { readRecording } from '../../recording/read.ts'
import { createRecording } from '../../recording/write.ts'
import { folder, INCIDENT } from './recording-dir.ts'

const noon = Date.parse('2026-03-01T12:00:00Z')
const sample = (second: number, value: number) => ({
  time: noon + second * 1_000,
  service: 'cart',
  instance: 'cart-1',
  indicator: 'cpu',
  unit: 'cores',
  value,
})

describe('writing a recording', () => {
  it('round-trips any names', async () => {
    const text = fc.string({ minLength: 1, unit: 'grapheme' }).filter((name) => !/[\r\n]/.test(name))
    await fc.assert(
      fc.asyncProperty(
        text,
        text,
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        async (service, name, value) => {
          const dir = await folder()
          const writer = await createRecording(dir, INCIDENT)
          await writer.samples([{ time: noon, service, indicator: name, value }])
          await writer.logs([{ timestamp: noon, service, message: name, traceId: 't', attributes: { a: 1 } }])
          await writer.close()
          const { observations } = await readRecording(dir)
          expect(observations.series[0]).toMatchObject({ service, indicator: name })
          expect(observations.series[0]?.values[0]).toBe(value + 0)
          expect(observations.logs).toEqual([
            { timestamp: noon, service, message: name, traceId: 't', attributes: { a: 1 } },
          ])
        },
      ),
      { numRuns: 40 },
    )
  })

  it('refuses an existing recording, and continues it with `resume`', async () => {
    const dir = await folder()
    const first = await createRecording(dir, INCIDENT)
    await first.samples([sample(0, 1)])
    await first.close()
    await appendFile(join(dir, 'metrics.csv'), '2026-03-01T12:00:01Z,cart,cart-1,cpu,cor')
    await expect(createRecording(dir, INCIDENT)).rejects.toMatchObject({ code: 'exists' })
    const second = await createRecording(dir, INCIDENT, { resume: true })
    await second.samples([sample(2, 3)])
    await second.close()
    expect([...((await readRecording(dir)).observations.series[0]?.values ?? [])]).toEqual([1, 3])
  })

  it('keeps one control-plane item per id', async () => {
    const dir = await folder()
    const writer = await createRecording(dir, INCIDENT)
    const change = { id: 'c', timestamp: '2026-03-01T12:00:00Z', event_type: 'SCALE', summary: 'two' }
    await Promise.all([
      writer.changes([change]),
      writer.changes([
        { ...change, summary: 'three' },
        { ...change, id: 'd' },
      ]),
    ])
    await writer.close()
    expect((await readRecording(dir)).documents.changes?.map(({ summary }) => summary)).toEqual(['three', 'two'])
  })
})

describe('a recording that grows', () => {
  it('is read incrementally while it is written, without lost, duplicate or partial points', async () => {
    const dir = await folder()
    const writer = await createRecording(dir, INCIDENT)
    const reader = openGrowing(dir)
    const total = 4_000
    let written = false
    const writing = (async () => {
      for (let at = 0; at < total; at += 20) {
        const rows = Array.from({ length: 20 }, (_, n) => at + n)
        await writer.samples(rows.map((n) => sample(n, n + 0.123456789)))
        await writer.logs(rows.map((n) => ({ timestamp: noon + n, service: 'cart', message: `line ${n}` })))
      }
      written = true
    })()
    let read = 0
    while (!written) {
      const { observations } = await reader.refresh()
      const values = observations.series[0]?.values ?? new Float64Array()
      read += reader.appended().samples
      expect(values).toHaveLength(read)
      for (const [n, value] of values.entries()) if (value !== n + 0.123456789) expect(value).toBe(n + 0.123456789)
    }
    await writing
    const { observations } = await reader.refresh()
    expect(observations.series[0]?.values).toHaveLength(total)
    expect(observations.logs.map(({ message }) => message)).toEqual(
      Array.from({ length: total }, (_, n) => `line ${n}`),
    )
    await reader.refresh()
    expect(reader.appended()).toEqual({ samples: 0, logs: 0, spans: 0 })
    await writer.close()
  })

  it('leaves a partial line for the next refresh', async () => {
    const dir = await folder()
    const writer = await createRecording(dir, INCIDENT)
    await writer.samples([sample(0, 1)])
    const reader = openGrowing(dir)
    await appendFile(join(dir, 'metrics.csv'), '2026-03-01T12:00:01Z,cart,cart-1,cpu,cores,1')
    expect((await reader.refresh()).observations.series[0]?.values).toHaveLength(1)
    await appendFile(join(dir, 'metrics.csv'), '2.5\n')
    expect([...((await reader.refresh()).observations.series[0]?.values ?? [])]).toEqual([1, 12.5])
    await writer.close()
  })

  it('does not change earlier snapshots', async () => {
    const dir = await folder()
    const writer = await createRecording(dir, INCIDENT)
    const reader = openGrowing(dir)
    await writer.samples([sample(5, 1)])
    const before = (await reader.refresh()).observations.series[0]
    await writer.samples([sample(1, 2), sample(6, 3)])
    expect([...((await reader.refresh()).observations.series[0]?.values ?? [])]).toEqual([2, 1, 3])
    expect([...(before?.values ?? [])]).toEqual([1])
    await writer.close()
  })

  it('skips a bad line with a warning, without reading earlier lines twice', async () => {
    const dir = await folder()
    const writer = await createRecording(dir, INCIDENT)
    const reader = openGrowing(dir)
    await writer.logs([{ timestamp: noon, service: 'cart', message: 'one' }])
    await appendFile(join(dir, 'logs.jsonl'), '{"timestamp"\n')
    const unread = [{ place: { line: 2 }, count: 1, unreadOf: 2 }]
    expect(await reader.refresh()).toMatchObject({ observations: { logs: [{ message: 'one' }] }, warnings: unread })
    expect(await reader.refresh()).toMatchObject({ observations: { logs: [{ message: 'one' }] }, warnings: unread })
    await writer.logs([{ timestamp: noon + 1, service: 'cart', message: 'two' }])
    const { observations, warnings } = await reader.refresh()
    expect(observations.logs.map(({ message }) => message)).toEqual(['one', 'two'])
    expect(warnings).toMatchObject([{ place: { line: 2 }, count: 1, unreadOf: 3 }])
    await writer.close()
  })

  it('is read again from the start after a trim, even during a read', async () => {
    const dir = await folder()
    const writer = await createRecording(dir, INCIDENT)
    const reader = openGrowing(dir)
    const line = (n: number) => ({ timestamp: noon + n * 1000, service: 'cart', message: `line ${n}` })
    const all = Array.from({ length: 3_000 }, (_, n) => n)
    await Promise.all([writer.samples(all.map((n) => sample(n, n))), writer.logs(all.map(line))])
    expect((await reader.refresh()).observations.logs).toHaveLength(3_000)
    const full = (await stat(join(dir, 'metrics.csv'))).size

    const trimming = (async () => {
      for (let at = 50; at <= 2_900; at += 50) {
        await writer.trim(noon + at * 1000)
        const window = {
          start: new Date(noon + at * 1000).toISOString(),
          end: new Date(noon + 3_000_000).toISOString(),
        }
        await writer.describe({ ...INCIDENT, window })
      }
      return true
    })()
    while (!(await Promise.race([trimming, false]))) {
      const { logs } = (await reader.refresh()).observations
      expect(logs.at(-1)?.message).toBe('line 2999')
      expect(logs).toHaveLength(2_999 - Number(logs[0]?.message.slice(5)) + 1)
    }
    await Promise.all([writer.samples([sample(3_000, 1)]), writer.logs([line(3_000)])])
    const { series, logs } = (await reader.refresh()).observations
    expect(logs.map(({ message }) => message)).toEqual([...all.slice(2_900), 3_000].map((n) => `line ${n}`))
    expect(series[0]?.values).toHaveLength(101)
    expect((await stat(join(dir, 'metrics.csv'))).size).toBeLessThan(full / 20)
    await writer.close()
  })

  it('warns once about a bad document item, however often it is read', async () => {
    const dir = await folder()
    const writer = await createRecording(dir, INCIDENT)
    await writeFile(join(dir, 'graph.json'), '{"edges":[{"from":"a","to":"b"},7]}')
    const reader = openGrowing(dir)
    const unread = [{ place: { line: 1, column: 33 }, count: 1, unreadOf: 2 }]
    for (const _ of [1, 2]) expect((await reader.refresh()).warnings).toMatchObject(unread)
    await writer.graph([{ from: 'a', to: 'b' }])
    expect((await reader.refresh()).warnings).toEqual([])
    await writer.close()
  })

  it('is trimmed past unreadable lines, which are treated like their neighbours', async () => {
    const dir = await folder()
    const line = (at: number) => ({ timestamp: noon + at * 1000, service: 'cart', message: `line ${at}` })
    const writer = await createRecording(dir, INCIDENT)
    await writer.logs([line(1)])
    await appendFile(join(dir, 'logs.jsonl'), 'not JSON\nnull\n{"timestamp":7}\n')
    await writer.logs([line(5), line(6)])
    await appendFile(join(dir, 'logs.jsonl'), 'broken\n')
    await writer.trim(noon + 5000)
    await writer.logs([line(7)])
    await writer.close()
    const left = (await readFile(join(dir, 'logs.jsonl'), 'utf8')).trim().split('\n')
    expect(left.map((text) => /line \d|broken/.exec(text)?.[0])).toEqual(['line 5', 'line 6', 'broken', 'line 7'])
  })

  it('reports a replaced file', async () => {
    const dir = await folder()
    const writer = await createRecording(dir, INCIDENT)
    await writer.samples([sample(0, 1)])
    const reader = openGrowing(dir)
    await reader.refresh()
    await writer.close()
    expect(await readFile(join(dir, 'metrics.csv'), 'utf8')).toContain('cart')
    await rm(join(dir, 'metrics.csv'))
    await expect(reader.refresh()).rejects.toMatchObject({ code: 'unreadable' })
  })
})
