/**
 * Cuts an excerpt of the TrainTicket measurements (IntelligentDDS/Nezha, MIT) into a recording. The rule is neutral: every
 * pod, every indicator, every log line and span that was published for the time asked for; nothing chosen by what it says.
 *
 *   node bench/excerpt-train-ticket.ts DATA/rca/nezha-train-ticket/2023-01-29 OUT START END minute…
 */
import { createReadStream } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createGunzip, gzipSync } from 'node:zlib'
import { parse } from 'csv-parse'
import type { Span } from '../analysis/observations.ts'
import type { RecordedLogLine } from '../recording/log-lines.ts'
import { createRecording, type Sample } from '../recording/write.ts'

type Row = Record<string, string>

/** A pod's name is its service's, then the replica set's and its own suffix. */
const serviceOf = (pod: string): string => pod.split('-').slice(0, -2).join('-')

async function rowsOf(file: string): Promise<Row[]> {
  const raw = createReadStream(file)
  const rows: Row[] = []
  const parser = parse({ columns: true, relax_column_count: true })
  for await (const row of (file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw).pipe(parser)) rows.push(row as Row)
  return rows
}

/** `CpuUsageRate(%)` is an indicator and its unit. The time is the one written out: the epoch beside it is off by the zone. */
export async function samplesOf(file: string, start: number, end: number): Promise<Sample[]> {
  const rows = await rowsOf(file)
  return rows.flatMap((row) => {
    const time = Date.parse(`${row['Time']?.slice(0, 19).replace(' ', 'T')}Z`)
    if (!(time >= start && time < end)) return []
    const pod = row['PodName'] ?? ''
    const identity =
      pod === '' ? { service: (row['ServiceName'] ?? '').toLowerCase() } : { service: serviceOf(pod), instance: pod }
    return Object.entries(row).flatMap(([column, text]) => {
      const [, indicator = column, unit] = /^(.*?)(?:\((.*)\))?$/.exec(column) ?? []
      if (['Time', 'TimeStamp', 'PodName', 'ServiceName'].includes(indicator) || text === '') return []
      return [{ time, ...identity, indicator, ...(unit === undefined ? {} : { unit }), value: Number(text) }]
    })
  })
}

const PREFIX = /^\d\d:\d\d:\d\d\.\d+\s+(?<level>[A-Z]+)\s+(?<rest>[^]*)$/
const IDS = / ?TraceID: \S* SpanID: \S*/

/** Time, level and trace ids go to their fields; what remains of the line is its message. */
export function logLineOf(row: Row): RecordedLogLine {
  const { log } = JSON.parse(row['Log'] ?? '{}') as { log?: string }
  const line = (log ?? '').replace(/\n$/, '')
  const { level, rest } = PREFIX.exec(line)?.groups ?? {}
  const pod = row['PodName'] ?? ''
  return {
    timestamp: Number(BigInt(row['TimeUnixNano'] ?? '0') / 1_000n) / 1_000,
    service: serviceOf(pod),
    instance: pod,
    ...(level === undefined ? {} : { level }),
    message: (rest ?? line).replace(IDS, ''),
    ...(isId(row['TraceID']) ? { traceId: row['TraceID'] } : {}),
    ...(isId(row['SpanID']) ? { spanId: row['SpanID'] } : {}),
  }
}

const isId = (text: string | undefined): text is string => /^[0-9a-f]*[1-9a-f][0-9a-f]*$/.test(text ?? '')

export function spanOf(row: Row): Span {
  const parent = row['ParentID']
  return {
    traceId: row['TraceID'] ?? '',
    spanId: row['SpanID'] ?? '',
    ...(isId(parent) ? { parentSpanId: parent } : {}),
    service: serviceOf(row['PodName'] ?? ''),
    name: row['OperationName'] ?? '',
    start: Number(BigInt(row['StartTimeUnixNano'] ?? '0') / 1_000n) / 1_000,
    end: Number(BigInt(row['EndTimeUnixNano'] ?? '0') / 1_000n) / 1_000,
  }
}

/** Who calls whom, as the spans tell it. */
export function edgesOf(spans: readonly Span[]): { from: string; to: string }[] {
  const services = new Map(spans.map(({ traceId, spanId, service }) => [`${traceId} ${spanId}`, service]))
  const pairs = spans.flatMap(({ traceId, parentSpanId, service }) => {
    const caller = services.get(`${traceId} ${parentSpanId}`)
    return caller === undefined || caller === service ? [] : [`${caller} ${service}`]
  })
  return [...new Set(pairs)].sort().map((pair) => ({ from: pair.split(' ')[0] ?? '', to: pair.split(' ')[1] ?? '' }))
}

export interface Excerpt {
  source: string
  out: string
  start: number
  end: number
  /** the published minutes of logs and traces, `HH_MM` */
  minutes: readonly string[]
}

export async function cutExcerpt({ source, out, start, end, minutes }: Excerpt): Promise<void> {
  const incident = {
    id: basename(out),
    window: { start: new Date(start).toISOString(), end: new Date(end).toISOString() },
  }
  const writer = await createRecording(out, incident)
  for (const name of (await readdir(join(source, 'metric'))).sort())
    await writer.samples(await samplesOf(join(source, 'metric', name), start, end))
  const read = async (kind: string): Promise<Row[]> =>
    (await Promise.all(minutes.map((minute) => rowsOf(join(source, kind, `${minute}_${kind}.csv.gz`))))).flat()
  const logs = (await read('log')).map(logLineOf)
  const spans = (await read('trace')).map(spanOf)
  await writer.logs(logs.toSorted((a, b) => a.timestamp - b.timestamp))
  await writer.spans(spans.toSorted((a, b) => a.start - b.start))
  await writer.graph(edgesOf(spans))
  await writer.close()
  for (const name of ['metrics.csv', 'logs.jsonl', 'traces.jsonl']) await pack(join(out, name))
}

async function pack(file: string): Promise<void> {
  await writeFile(`${file}.gz`, gzipSync(await readFile(file), { level: 9 }))
  await rm(file)
}

const [source, out, start, end, ...minutes] = process.argv.slice(2)
if (import.meta.main && source && out && start && end)
  await cutExcerpt({ source, out, start: Date.parse(start), end: Date.parse(end), minutes })
