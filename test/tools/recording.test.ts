import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isFiringAt } from '../../agents/tools/control-plane/parse.ts'
import { recordedControlPlane } from '../../agents/tools/recording/control-plane.ts'
import { recordedLogs } from '../../agents/tools/recording/logs.ts'
import { recordedMetrics } from '../../agents/tools/recording/metrics.ts'
import { finishedRecording, growingRecording } from '../../agents/tools/recording/source.ts'
import { recordedTraces } from '../../agents/tools/recording/traces.ts'
import { recording } from '../recording/recording-dir.ts'

const context = { signal: new AbortController().signal }
const at = (minute: number, second = 0) => Date.UTC(2026, 2, 1, 10, minute, second)
const instant = (minute: number) => new Date(at(minute)).toISOString()
const range = { start: at(5), end: at(10) }
const baseline = { start: at(0), end: at(5) }

const sample = (minute: number, service: string, indicator: string, value: number) =>
  `${instant(minute)},${service},,${indicator},ms,${value}`
const HEAD = 'timestamp,service,instance,indicator,unit,value'
const metrics = [
  HEAD,
  ...Array.from({ length: 10 }, (_, minute) => sample(minute, 'cart', 'latency_p95', minute < 5 ? 20 : 200)),
  ...Array.from({ length: 10 }, (_, minute) => sample(minute, 'cart', 'cpu', 1)),
  sample(1, 'gone', 'cpu', 1),
  '',
].join('\n')
const line = (minute: number, level: string, message: string) =>
  JSON.stringify({ timestamp: instant(minute), service: 'cart', level, message })
const logs = [
  ...Array.from({ length: 10 }, (_, minute) => line(minute, 'info', `added item ${minute}`)),
  line(6, 'ERROR', 'connection refused by price'),
  line(7, 'error', 'connection refused by price'),
  '',
].join('\n')
const change = (id: string, minute: number, service_name: string | null) => ({
  id,
  timestamp: instant(minute),
  event_type: 'DEPLOYMENT',
  service_name,
  summary: `change ${id}`,
  changes: ['a.ts', 'b.ts'],
})

const open = async (files: Record<string, string> = {}) =>
  finishedRecording(await recording({ 'metrics.csv': metrics, 'logs.jsonl': logs, ...files }))

describe('metrics of a recording', () => {
  it('are compared before and during, and state their selection', async () => {
    const result = await recordedMetrics(await open()).goldenSignals({ service: 'cart', range, baseline }, context)
    expect(result).toMatchObject({ status: 'ok', link: null, query: 'metrics.csv service=cart', range })
    expect(result.data?.comparison).toEqual([
      { service: 'cart', indicator: 'latency_p95', unit: 'ms', before: 20, during: 200 },
      { service: 'cart', indicator: 'cpu', unit: 'ms', before: 1, during: 1 },
    ])
  })

  it('can be selected by one indicator, and by time', async () => {
    const tool = recordedMetrics(await open())
    const result = await tool.goldenSignals({ service: 'cart', indicator: 'cpu', range }, context)
    expect(result.data?.series.map(({ indicator, times }) => [indicator, times])).toEqual([
      ['cpu', [5, 6, 7, 8, 9].map((minute) => at(minute))],
    ])
    const apart = { range: { start: at(8), end: at(9) }, baseline: { start: at(0), end: at(1) } }
    const parts = await tool.goldenSignals({ service: 'cart', indicator: 'cpu', ...apart }, context)
    expect(parts.data?.series[0]?.times).toEqual([0, 1, 8, 9].map((minute) => at(minute)))
  })

  it('are no data, which is not zero, if nothing was recorded', async () => {
    const tool = recordedMetrics(await open())
    expect(await tool.goldenSignals({ service: 'nobody', range }, context)).toMatchObject({ status: 'no_data' })
    expect(await tool.goldenSignals({ service: 'gone', range }, context)).toMatchObject({
      status: 'no_data',
      data: null,
    })
  })

  it("fail with the reader's error if the recording is broken", async () => {
    const source = await open({ 'metrics.csv': `${HEAD}\nyesterday,cart,,cpu,,1\n` })
    const result = await recordedMetrics(source).goldenSignals({ service: 'cart', range }, context)
    expect(result.status === 'failed' && result.error).toMatch(/metrics\.csv:2:1/)
  })

  it('are available as soon as they are appended', async () => {
    const dir = await recording({ 'metrics.csv': metrics })
    const tool = recordedMetrics(growingRecording(dir))
    const question = { service: 'cart', indicator: 'cpu', range: { start: at(5), end: at(20) } }
    const times = async () => (await tool.goldenSignals(question, context)).data?.series[0]?.times.length
    expect(await times()).toBe(5)
    await appendFile(join(dir, 'metrics.csv'), `${sample(10, 'cart', 'cpu', 3)}\n`)
    expect(await times()).toBe(6)
  })
})

describe('logs of a recording', () => {
  it('have levels, new templates and critical patterns', async () => {
    const result = await recordedLogs(await open()).logs({ service: 'cart', range, baseline }, context)
    expect(result.data?.lines).toHaveLength(12)
    expect(result.data?.levels).toEqual({ info: 10, error: 2 })
    expect(result.data?.templates.filter(({ isNew }) => isNew)).toMatchObject([
      { template: 'connection refused by price', before: 0, during: 2 },
    ])
    expect(result.data?.critical).toMatchObject([{ kind: 'connection', count: 2 }])
  })

  it('are selected by level and text, the newest kept, each once', async () => {
    const tool = recordedLogs(await open())
    const errors = await tool.logs({ service: 'cart', level: 'Error', range }, context)
    expect(errors.data?.lines).toHaveLength(2)
    expect(errors.query).toBe('logs.jsonl service=cart level=Error')
    expect((await tool.logs({ service: 'cart', pattern: 'item 7', range }, context)).data?.lines).toHaveLength(1)
    const newest = await tool.logs({ service: 'cart', range, limit: 2 }, context)
    expect(newest.data?.lines.map(({ message }) => message)).toEqual(['added item 8', 'added item 9'])
    expect(newest.warnings).toEqual(['5 older lines were left out'])
    expect(await tool.logs({ service: 'nobody', range }, context)).toMatchObject({ status: 'no_data' })
  })
})

describe('a flood of lines in a recording', () => {
  it('is sampled across the whole range, and earlier lines stay', async () => {
    const flood = Array.from({ length: 12_000 }, (_, index) =>
      JSON.stringify({
        timestamp: new Date(at(5) + index * 25).toISOString(),
        service: 'cart',
        message: `line ${index}`,
      }),
    )
    const tool = recordedLogs(await open({ 'logs.jsonl': `${line(1, 'info', 'quiet')}\n${flood.join('\n')}\n` }))
    const { data, warnings } = await tool.logs({ service: 'cart', range, baseline }, context)
    const times = data!.lines.map(({ timestamp }) => timestamp)
    expect(times).toHaveLength(5001)
    expect(times[0]).toBe(at(1))
    expect(times[1]).toBeLessThan(at(5, 30))
    expect(times.at(-1)).toBeGreaterThan(at(9, 59))
    expect(warnings.join()).toContain('more than 5000 lines')
  })
})

describe('traces of a recording', () => {
  const span = (trace: number, service: string, second: number, parent?: string) =>
    JSON.stringify({
      trace_id: `t${trace}`,
      span_id: `${trace}-${service}`,
      ...(parent === undefined ? {} : { parent_span_id: `${trace}-${parent}` }),
      service,
      name: 'GET /',
      start: new Date(at(0, second)).toISOString(),
      end: new Date(at(0, second) + 500).toISOString(),
    })
  const spans = Array.from({ length: 10 }, (_, trace) => [
    span(trace, 'frontend', trace * 60),
    span(trace, trace % 2 === 0 ? 'cart' : 'payment', trace * 60, 'frontend'),
  ]).flat()
  const tool = async () => recordedTraces(await open({ 'traces.jsonl': `${spans.join('\n')}\n` }))

  it('are complete, of the requested services, from before and during', async () => {
    const result = await (await tool()).traces({ services: ['cart'], range, baseline }, context)
    expect(result).toMatchObject({ status: 'ok', query: 'traces.jsonl service=cart', data: { traces: 5 } })
    expect(result.data?.spans.map(({ spanId }) => spanId).slice(0, 2)).toEqual(['0-frontend', '0-cart'])
    expect(result.data?.spans).toHaveLength(10)
    const during = await (await tool()).traces({ range }, context)
    expect(during.data).toMatchObject({ traces: 5, spans: { length: 10 } })
  })

  it('are sampled evenly if there are too many', async () => {
    const { data, warnings } = await (await tool()).traces({ range: { start: at(0), end: at(10) }, limit: 2 }, context)
    expect([...new Set(data?.spans.map(({ traceId }) => traceId))]).toEqual(['t0', 't5'])
    expect(warnings).toEqual(['2 of 10 traces were sampled, across the whole range'])
  })

  it('are no data if none were recorded', async () => {
    expect(await recordedTraces(await open()).traces({ range }, context)).toMatchObject({ status: 'no_data' })
    expect(await (await tool()).traces({ services: ['nobody'], range }, context)).toMatchObject({ status: 'no_data' })
  })
})

describe('the recorded answers of the control-plane', () => {
  const documents = {
    'changes.json': JSON.stringify([change('1', 4, 'cart'), change('2', 5, null), change('3', 5, 'other'), change('4', 59, 'cart')]), // prettier-ignore
    'alerts.json': JSON.stringify([
      { id: 'a', service_name: 'cart', name: 'Slow', severity: 'P1', status: 'firing', started_at: instant(1) },
      { id: 'b', service_name: 'cart', name: 'Slow', severity: 'P1', status: 'resolved', started_at: instant(1) },
      { id: 'c', service_name: 'cart', alert_name: 'Slow', status: 'resolved', created_at: instant(6) },
    ]),
    'incidents.json': JSON.stringify({ items: [{ id: 'i', title: 'Slow', service_name: 'cart', severity: 'P1', status: 'new', started_at: instant(6) }] }), // prettier-ignore
    'deployments.json': JSON.stringify([{ id: 'd', service_name: 'cart', image_tag: 'cart:2', started_at: instant(5), status: 'success' }]), // prettier-ignore
    'graph.json': JSON.stringify({ edges: [{ from: 'frontend', to: 'cart' }] }),
  }

  it('have the changes of these services and those without a service', async () => {
    const tool = recordedControlPlane(await open(documents))
    const whole = { start: baseline.start, end: range.end }
    const result = await tool.auditLogs({ services: ['cart'], range: whole }, context)
    expect(result.data?.map(({ id, service_name }) => [id, service_name])).toEqual([['1', 'cart'], ['2', '']]) // prettier-ignore
    expect(result.data?.[0]?.changes).toEqual({ after: ['a.ts', 'b.ts'] })
  })

  it('have the alerts that fired in the range, under either field name', async () => {
    const result = await recordedControlPlane(await open(documents)).alerts({ range }, context)
    expect(result.data?.map(({ id, name, severity }) => [id, name, severity])).toEqual([
      ['a', 'Slow', 'P1'],
      ['c', 'Slow', 'unknown'],
    ])
  })

  it("use an alert's end to tell whether it fires, with any form of status", async () => {
    const began = { service_name: 'cart', startsAt: instant(1) }
    const alerts = [
      { ...began, id: 'later', status: 'resolved', endsAt: instant(59) },
      { ...began, id: 'active', status: { state: 'active' }, endsAt: instant(59) },
      { ...began, id: 'over', status: { state: 'resolved' }, endsAt: instant(2) },
      { ...began, id: 'none', status: 'firing', endsAt: '0001-01-01T00:00:00Z' },
    ]
    const tool = recordedControlPlane(await open({ 'alerts.json': JSON.stringify(alerts) }))
    const { data } = await tool.alerts({ range }, context)
    expect(data?.map(({ id }) => id)).toEqual(['later', 'active', 'none'])
    expect(data?.map((alert) => isFiringAt(range.end, alert))).toEqual([true, true, true])
    expect(data?.map((alert) => isFiringAt(at(60), alert))).toEqual([false, true, true])
  })

  it('report what was left out of a document, by the reader or the parser', async () => {
    const graph = JSON.stringify({ edges: [{ from: 'frontend', to: 'cart' }, { from: 'cart' }] })
    const began = { service_name: 'cart', status: 'firing', started_at: instant(6) }
    const alerts = JSON.stringify([{ ...began, id: 'a' }, began, { id: 'b' }])
    const tool = recordedControlPlane(await open({ 'graph.json': graph, 'alerts.json': alerts }))
    const found = await tool.alerts({ range }, context)
    expect(found).toMatchObject({ status: 'ok', incomplete: true, data: [{ id: 'a' }] })
    expect(found.warnings).toEqual([expect.stringMatching(/^1 of 3 rows could not be read.*alerts\.json:1:/), expect.stringMatching(/^1 of 2 could not be read/)]) // prettier-ignore
    const { warnings } = await tool.resources({ service: null }, context)
    expect(warnings).toEqual([expect.stringMatching(/^1 of 2 rows could not be read.*graph\.json:1:/)])
  })

  it('find one incident, one deployment, and the dependencies', async () => {
    const tool = recordedControlPlane(await open(documents))
    expect(await tool.incident('i', context)).toMatchObject({ status: 'ok', data: { started_at: at(6) } })
    expect(await tool.incident('x', context)).toMatchObject({ status: 'no_data' })
    expect(await tool.deployment('d', context)).toMatchObject({
      data: { image_tag: 'cart:2', previous_image_tag: null },
    })
    expect(await tool.deployment('x', context)).toMatchObject({ status: 'no_data' })
    const { data } = await tool.resources({ service: null }, context)
    expect(data?.map(({ service_name, depends_on }) => [service_name, depends_on])).toEqual([
      ['cart', []],
      ['gone', []],
      ['frontend', ['cart']],
    ])
    expect(await tool.resources({ service: 'nobody' }, context)).toMatchObject({ status: 'no_data' })
  })

  it('read each edge of a large graph a few times only, however many services there are', async () => {
    const edges = Array.from({ length: 3000 }, (_, n) => ({ from: `s${n}`, to: `s${n + 1}` }))
    const source = await open({ 'graph.json': JSON.stringify({ edges }) })
    let looks = 0
    const counted = (await source.read()).observations.edges.map(({ from, to }) =>
      Object.defineProperty({ from, to }, 'from', { get: () => ((looks += 1), from) }),
    )
    const read = async () => {
      const recorded = await source.read()
      return { ...recorded, observations: { ...recorded.observations, edges: counted } }
    }
    const result = await recordedControlPlane({ ...source, read }).resources({ service: null }, context)
    expect(result.data).toHaveLength(3003)
    expect(looks / edges.length).toBeLessThan(5)
  })

  it('are no data for a missing file, and fail for an unreadable one', async () => {
    const without = recordedControlPlane(await open())
    expect(await without.auditLogs({ services: ['cart'], range }, context)).toMatchObject({ status: 'no_data' })
    expect(await without.alerts({ range }, context)).toMatchObject({ status: 'no_data' })
    const dir = await recording({ 'alerts.json': '[]' })
    await writeFile(join(dir, 'alerts.json'), '[{"id": 1')
    const broken = await recordedControlPlane(finishedRecording(dir)).alerts({ range }, context)
    expect(broken.status === 'failed' && broken.error).toContain('alerts.json:1')
  })
})
