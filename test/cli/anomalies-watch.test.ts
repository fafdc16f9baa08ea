import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folder, recording } from '../recording/recording-dir.ts'
import { runHere } from './run-sre.ts'

const time = (at: number): string => new Date(Date.parse('2026-03-01T10:00:00Z') + at * 10_000).toISOString()
const calm = (at: number): number => 100 + ((at * 7) % 5)
const HEADER = 'timestamp,service,instance,indicator,unit,value\n'
/** Samples in reverse order, as a recording may have them. */
const metrics = (services: Readonly<Record<string, (at: number) => number>>): string =>
  HEADER +
  Array.from({ length: 200 }, (_, at) => 199 - at)
    .flatMap((at) =>
      Object.entries(services).map(([service, of]) => `${time(at)},${service},,latency_p95,ms,${of(at)}\n`),
    )
    .join('')
const slow = (at: number): number => (at >= 120 && at < 140 ? 900 : calm(at))
const documents = (out: string): Record<string, unknown>[] =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

describe('sre anomalies watch', () => {
  it('announces what goes off together in a recording, in phases, with the service it starts from', async () => {
    const graph = JSON.stringify({ edges: [{ from: 'front', to: 'cart' }] })
    const dir = await recording({
      'metrics.csv': metrics({ front: slow, cart: slow, mail: calm }),
      'graph.json': graph,
    })
    const { code, out } = await runHere(['anomalies', 'watch', '--json', dir])
    expect(code).toBe(0)
    const [opened, closed, seen] = documents(out)
    expect(opened).toMatchObject({ phase: 'opened', service: 'cart', services: ['cart', 'front'], since: time(120), at: time(121) }) // prettier-ignore
    expect(closed).toMatchObject({ anomaly_id: opened!['anomaly_id'], phase: 'closed', ending: 'recovered' })
    expect(seen).toMatchObject({ services: 3, series: 3, values: 600, step_s: 10, anomalies: 1, open: 0 })
  })

  it('tells people the same, in their language', async () => {
    const dir = await recording({ 'metrics.csv': metrics({ cart: slow }) })
    const english = await runHere(['anomalies', 'watch', dir])
    expect(english.out).toMatch(/opened {2}critical {2}cart {2}since 2026-03-01T10:20:00\.000Z\n {2}.*█ {2}cart latency_p95 900 ms {2}expected [\d.]+ ms to [\d.]+ ms\n/) // prettier-ignore
    expect(english.out).toMatch(/closed {2}recovered {2}cart/)
    expect(english.out).toMatch(/200 values of 1 series, 1 service; 1 anomaly, 0 still open at the end\n$/)
    const chinese = await runHere(['anomalies', 'watch', '--language', 'zh-TW', dir])
    expect(chinese.out).toMatch(/開始 {2}嚴重 {2}cart {2}始於 [^]*預期 [^]*結束 {2}已恢復 {2}cart/)
  })

  it('watches any exported series, as one of a service named after the file', async () => {
    const csv = `timestamp,latency_ms\n${Array.from({ length: 200 }, (_, at) => `${time(at)},${slow(at)}\n`).join('')}`
    const dir = await folder({ 'cart.csv': csv })
    const { code, out } = await runHere(['anomalies', 'watch', '--json', join(dir, 'cart.csv')])
    expect(code).toBe(0)
    expect(documents(out)[0]).toMatchObject({ phase: 'opened', service: 'cart', at: time(121) })
    const dirOf = await folder({ 'metrics.csv': metrics({ cart: slow, mail: calm }) })
    const alone = await runHere(['anomalies', 'watch', '--json', join(dirOf, 'metrics.csv')])
    expect(documents(alone.out).at(-1)).toMatchObject({ services: 2, anomalies: 1 })
    const coarse = await runHere(['anomalies', 'watch', '--json', '--step', '60', join(dir, 'cart.csv')])
    expect(documents(coarse.out).at(-1)).toMatchObject({ step_s: 60, values: 35 })
  })

  it('names the place of a bad input, watches the others and exits with 1', async () => {
    const dir = await folder({ 'index.csv': 'timestamp,value\n1,2\n2,3\n', 'empty.csv': '' })
    const good = await recording({ 'metrics.csv': metrics({ cart: calm }) })
    const bare = await recording()
    const { code, out, err } = await runHere(['anomalies', 'watch', join(dir, 'index.csv'), join(dir, 'empty.csv'), join(dir, 'none.csv'), bare, good]) // prettier-ignore
    expect(code).toBe(1)
    expect(err.replaceAll(`${dir}/`, '').split('\n')).toMatchObject([
      'index.csv:2:1: an index instead of a timestamp: to watch a series, it must be known when it was measured',
      'empty.csv:1:1: the file is empty',
      'none.csv: no such file or folder',
      `${bare}: no metrics to watch`,
      expect.stringMatching(/metrics\.csv:3:1: samples out of order: sorted by timestamp/),
      '',
    ])
    expect(out).toContain('0 anomalies')
    expect((await runHere(['anomalies', 'watch', '--step', '0', good])).code).toBe(2)
  })
})
