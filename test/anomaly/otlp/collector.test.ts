/** A real collector writes to a real broker what the agent's source reads. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import kafkajs, { type Producer } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { servicesIn } from '../../../agents/anomaly/otlp/services.ts'
import { otlpSource } from '../../../agents/anomaly/otlp/source.ts'
import { request } from '../../../agents/anomaly/otlp/wire.ts'
import type { Sample } from '../../../analysis/watch/watched.ts'
import type { EncodedRecord } from '../../../bus/bus.ts'
import { openRecordLog } from '../../../bus/create.ts'
import { createTopics } from '../../../bus/kafka/topics.ts'
import { createLog } from '../../../cli/log.ts'
import { kafka } from '../../servers/kafka.ts'
import { startCollector } from '../../servers/otelcol.ts'
import { place } from '../system.ts'
import { buckets, DELTA, histogram, resource } from './points.ts'

const STEP = 10_000
const TOPIC = `otlp_metrics_${randomUUID().slice(0, 8)}`
const HISTORY = `${TOPIC}_history`
const SIGNAL = AbortSignal.timeout(150_000)
const deployed = (file: string) =>
  parse(readFileSync(join(import.meta.dirname, '../../../deploy/otelcol', file), 'utf8'))

let brokers: string[]
let collector: Awaited<ReturnType<typeof startCollector>>
let producer: Producer
const ends: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  ;({ brokers } = await kafka())
  const client = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING })
  const admin = client.admin()
  producer = client.producer()
  await Promise.all([admin.connect(), producer.connect()])
  ends.push(() => admin.disconnect(), () => producer.disconnect()) // prettier-ignore
  const topics = [TOPIC, HISTORY].map((topic) => ({ topic, numPartitions: 3, replicationFactor: 1 }))
  await createTopics(admin, topics)
  // the files of the Compose file, with this broker and topic, and without the other exporters
  const { exporters } = deployed('kafka.yaml') as { exporters: { kafka: { metrics: object } } }
  const { receivers, processors, service } = deployed('otelcol.yaml') as Record<string, Record<string, unknown>>
  const own = { ...exporters.kafka, brokers, metrics: { ...exporters.kafka.metrics, topic: TOPIC } }
  const pipeline = { receivers: ['otlp'], processors: ['memory_limiter', 'batch'], exporters: ['kafka'] }
  // whether it is up is asked by exporting no logs
  const pipelines = { metrics: pipeline, logs: pipeline }
  collector = await startCollector({ config: stringify({ receivers, processors, exporters: { kafka: own }, service: { ...service, pipelines } }, { collectionStyle: 'flow' }) }) // prettier-ignore
  ends.push(() => collector.stop())
})
afterAll(() => Promise.all(ends.map((end) => end())))

const attributes = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }))

/** As services export, by OTLP/HTTP. `at`: ms since the epoch. */
async function exported(at: number, step: number) {
  const point = (more: object) => ({ timeUnixNano: `${at}000000`, startTimeUnixNano: `${at - STEP * (step + 1)}000000`, ...more }) // prettier-ignore
  const delta = { ...point({}), startTimeUnixNano: `${at - STEP}000000` }
  const metrics = [
    { name: 'queue.length', gauge: { dataPoints: [point({ asInt: String(7 + step) })] } },
    { name: 'cache.temperature', gauge: { dataPoints: [point({ asDouble: -1.5 })] } },
    { name: 'bytes.sent', unit: 'By', sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [point({ asInt: String(500 * step) })] } }, // prettier-ignore
    { name: 'jobs.done', sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: [{ ...delta, asDouble: 20 }] } }, // prettier-ignore
    {
      ...{ name: 'http.server.request.duration', unit: 's' },
      histogram: {
        aggregationTemporality: 2,
        dataPoints: ['200', '500'].map(
          (status, failed) =>
          point({ attributes: attributes({ 'http.response.status_code': status }), count: String(100 * step), bucketCounts: ['0', String(100 * step), '0'], explicitBounds: [0.1 * failed, 0.2 + 0.1 * failed] }), // prettier-ignore
        ),
      },
    },
    {
      ...{ name: 'db.client.operation.duration', unit: 's' },
      exponentialHistogram: { aggregationTemporality: 1, dataPoints: [{ ...delta, count: '8', scale: 0, zeroCount: '0', positive: { offset: -3, bucketCounts: ['8'] } }] }, // prettier-ignore
    },
  ]
  const resource = { attributes: attributes({ 'service.name': 'cart', 'k8s.namespace.name': 'shop' }) }
  const body = JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] })
  const { status } = await fetch(`${collector.url}/v1/metrics`, { method: 'POST', headers: { 'content-type': 'application/json' }, body }) // prettier-ignore
  expect(status).toBe(200)
}

function opened(topic = TOPIC) {
  const letters: EncodedRecord[] = []
  const source = otlpSource({
    records: openRecordLog({ brokers }, topic, 'test-otlp-'),
    publish: async (records) => void letters.push(...records),
    isOwned: () => true,
    log: createLog({ level: 'silent' }),
    stepMs: STEP,
  })
  ends.push(source.close)
  return { letters, source }
}

const valuesOf = (samples: readonly Sample[], time: number) =>
  Object.fromEntries(samples.filter((one) => one.time === time).map(({ indicator, unit = '', value }) => [`${indicator} ${unit}`.trim(), Math.round(value * 1000) / 1000])) // prettier-ignore

it('reads every kind of metric that a collector writes, puts aside what is none, and reads the same again', async () => {
  const first = Math.floor(Date.now() / STEP) * STEP - 2 * STEP
  const { source, letters } = opened()
  expect(await source.owners(SIGNAL)).toEqual([])
  for (const step of [0, 1, 2]) await exported(first + step * STEP, step)
  await expect.poll(sentPoints).toBe(3 * 7)
  await producer.send({ topic: TOPIC, messages: [{ value: '{"resourceMetrics":[]}' }, { value: null }] })
  const target = { tenant: 'default', service: 'cart', namespace: 'shop', strict: true }
  const { samples } = await source.read([target], { start: first - STEP, end: first + 20 * STEP }, STEP, SIGNAL)
  expect(await source.owners(SIGNAL)).toEqual([{ service: 'cart', namespace: 'shop' }])
  expect(valuesOf(samples, first + 2 * STEP)).toEqual({
    ...{ 'queue.length': 9, 'cache.temperature': -1.5, 'bytes.sent By/s': 50, 'jobs.done 1/s': 2 },
    ...{ 'request_rate 1/s': 20, 'error_ratio ratio': 0.5, 'error_rate 1/s': 10 },
    ...{ 'latency_p50 ms': 150, 'latency_p95 ms': 280, 'latency_p99 ms': 296 },
    // 8 in (1/8 s, 1/4 s]
    ...{ 'db.client.operation.duration_p50 ms': 187.5, 'db.client.operation.duration_p95 ms': 243.75 },
    ...{ 'db.client.operation.duration_p99 ms': 248.75, 'db.client.operation.duration_count 1/s': 0.8 },
  })
  // a cumulative stream says nothing before its second point
  expect(valuesOf(samples, first)).toMatchObject({ 'queue.length': 7, 'jobs.done 1/s': 2 })
  expect(valuesOf(samples, first)).not.toHaveProperty(['bytes.sent By/s'])
  expect(letters.map(({ topic, headers }) => [topic, headers['dlq_code']]).sort()).toEqual([
    [`${TOPIC}.anomaly.dlq`, 'no_value'],
    [`${TOPIC}.anomaly.dlq`, 'undecodable'],
  ])
  // whoever takes over reads the same
  const other = opened()
  const again = await other.source.read([target], { start: first, end: first + 20 * STEP }, STEP, SIGNAL)
  expect(again.samples).toEqual(samples.filter(({ time }) => time > first))
})

it('gets what is larger than a record may be in several records', async () => {
  const before = await sentPoints()
  const attribute = 'x'.repeat(100)
  const at = `${Date.now()}000000`
  const dataPoints = Array.from({ length: 12_000 }, (_, user) => ({ timeUnixNano: at, asDouble: 1, attributes: attributes({ user: `${attribute} ${user}` }) })) // prettier-ignore
  const resource = { attributes: attributes({ 'service.name': 'large' }) }
  const body = JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [{ name: 'cache.size', gauge: { dataPoints } }] }] }] }) // prettier-ignore
  const { status } = await fetch(`${collector.url}/v1/metrics`, { method: 'POST', headers: { 'content-type': 'application/json' }, body }) // prettier-ignore
  expect(status).toBe(200)
  await expect.poll(sentPoints, { timeout: 60_000 }).toBe(before + dataPoints.length)
})

/** The collector batches, and says what it has written. */
async function sentPoints(): Promise<number> {
  const text = await (await fetch(`http://${collector.metrics}/metrics`)).text()
  return Number(/^otelcol_exporter_sent_metric_points(?:_total|__\w+)?\{.*\} (\d+)/m.exec(text)?.[1] ?? 0)
}

/** Requests of a minute ago and before; in the last minute they are slow. */
function history(now: number) {
  const steps = Array.from({ length: 90 }, (_, step) => now - (90 - step) * STEP)
  return steps.map((at, step) => {
    const isSlow = now - at <= 60_000
    const fast = 90 + (step % 7)
    const counts = isSlow ? [0, 5, fast] : [fast, 5, 0]
    const point = buckets([0.05, 0.2], counts, { at: at / 1000, since: (at - STEP) / 1000 })
    const metric = histogram({ name: 'http.server.request.duration', unit: 's' }, DELTA, point)
    const value = Buffer.from(request.encode({ resourceMetrics: [resource({ 'service.name': 'cart' }, metric)] }).finish()) // prettier-ignore
    // as the exporter spreads batches: not by service
    return { partition: step % 3, timestamp: String(at + 1000), value }
  })
}

it('is what an agent watches: it learns from the history of the topic, and announces what is still going on, once', async () => {
  const now = Math.floor(Date.now() / STEP) * STEP
  await producer.send({ topic: HISTORY, messages: history(now) })
  const there = await place()
  const watch = (clock: () => number) => {
    const { source } = opened(HISTORY)
    return there.start({ measures: [], source, controlPlane: servicesIn(source), clock, latenessMs: STEP / 2 }) // prettier-ignore
  }
  const first = watch(() => now + 5000)
  await expect.poll(() => there.announced().map(({ phase, service, severity }) => ({ phase, service, severity }))).toEqual([{ phase: 'opened', service: 'cart', severity: 'critical' }]) // prettier-ignore
  expect(there.announced()[0]!.since).toBe(now - 60_000)
  await first.stop()
  const second = watch(() => now + 5000 + 2 * STEP)
  await expect.poll(() => second.open()).toHaveLength(1)
  expect(there.copies()).toBe(1)
})
