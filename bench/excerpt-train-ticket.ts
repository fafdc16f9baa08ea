/**
 * Cuts an excerpt of the TrainTicket measurements (IntelligentDDS/Nezha, MIT) into a recording. The rule is neutral: every
 * pod, every indicator, every log line and span that was published for the requested time; nothing is selected by content.
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
import { readArguments, refuse } from './arguments.ts'

type Row = Record<string, string>

/** A pod's name is its service's name with the suffixes of replica set and pod. */
export const serviceOf = (pod: string): string => pod.split('-').slice(0, -2).join('-')

async function rowsOf(file: string): Promise<Row[]> {
  const raw = createReadStream(file)
  const rows: Row[] = []
  const parser = parse({ columns: true, relax_column_count: true })
  for await (const row of (file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw).pipe(parser)) rows.push(row as Row)
  return rows
}

/** `CpuUsageRate(%)`: an indicator with its unit. */
export function indicatorOf(column: string): { indicator: string; unit?: string } {
  const [, indicator = column, unit] = /^(.*)\((.*)\)$/.exec(column) ?? []
  return { indicator, ...(unit === undefined ? {} : { unit }) }
}

/** Columns that are not measurements. */
export const NOT_MEASURED: readonly string[] = ['Time', 'TimeStamp', 'PodName', 'ServiceName']

/** Uses the written time, because the epoch in the same row is off by the time zone. */
export async function samplesOf(file: string, start: number, end: number): Promise<Sample[]> {
  const rows = await rowsOf(file)
  return rows.flatMap((row) => {
    const time = Date.parse(`${row['Time']!.slice(0, 19).replace(' ', 'T')}Z`)
    if (!(time >= start && time < end)) return []
    const pod = row['PodName']
    const identity =
      pod === undefined ? { service: row['ServiceName']!.toLowerCase() } : { service: serviceOf(pod), instance: pod }
    return Object.entries(row).flatMap(([column, text]) => {
      if (NOT_MEASURED.includes(column) || text === '') return []
      return [{ time, ...identity, ...indicatorOf(column), value: Number(text) }]
    })
  })
}

const PREFIX = /^\d\d:\d\d:\d\d\.\d+\s+(?<level>[A-Z]+)\s+(?<rest>[^]*)$/
const IDS = / ?TraceID: \S* SpanID: \S*/

/** Some lines of the export are truncated; they are left out. */
export function logLinesOf(row: Row): RecordedLogLine[] {
  try {
    return [logLineOf(row)]
  } catch (error) {
    if (error instanceof SyntaxError) return []
    throw error
  }
}

/** Time, level and trace ids become fields; the rest of the line is the message. */
function logLineOf(row: Row): RecordedLogLine {
  const { log } = JSON.parse(row['Log']!) as { log: string }
  const line = log.replace(/\n$/, '')
  const { level, rest } = PREFIX.exec(line)?.groups ?? {}
  const pod = row['PodName']!
  return {
    timestamp: instantOf(row['TimeUnixNano']!),
    service: serviceOf(pod),
    instance: pod,
    ...(level === undefined ? {} : { level }),
    message: (rest ?? line).replace(IDS, ''),
    ...(isId(row['TraceID']) ? { traceId: row['TraceID'] } : {}),
    ...(isId(row['SpanID']) ? { spanId: row['SpanID'] } : {}),
  }
}

/** ms since the epoch, from ns. */
const instantOf = (nano: string): number => Number(BigInt(nano) / 1_000n) / 1_000

const isId = (text: string | undefined): text is string =>
  text !== undefined && /^[0-9a-f]*[1-9a-f][0-9a-f]*$/.test(text)

export function spanOf(row: Row): Span {
  const parent = row['ParentID']
  return {
    traceId: row['TraceID']!,
    spanId: row['SpanID']!,
    ...(isId(parent) ? { parentSpanId: parent } : {}),
    service: serviceOf(row['PodName']!),
    name: row['OperationName']!,
    start: instantOf(row['StartTimeUnixNano']!),
    end: instantOf(row['EndTimeUnixNano']!),
  }
}

/** The call graph of the spans. */
export function edgesOf(spans: readonly Span[]): { from: string; to: string }[] {
  const services = new Map(spans.map(({ traceId, spanId, service }) => [`${traceId} ${spanId}`, service]))
  const pairs = spans.flatMap(({ traceId, parentSpanId, service }) => {
    const caller = services.get(`${traceId} ${parentSpanId}`)
    return caller === undefined || caller === service ? [] : [`${caller} ${service}`]
  })
  return [...new Set(pairs)].sort().map((pair) => {
    const [from, to] = pair.split(' ')
    return { from: from!, to: to! }
  })
}

export interface Excerpt {
  source: string
  out: string
  start: number
  end: number
  /** published minutes of logs and traces, `HH_MM` */
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
  const logs = (await read('log')).flatMap(logLinesOf)
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

if (import.meta.main) {
  const USAGE = 'usage: node bench/excerpt-train-ticket.ts SOURCE OUT START END minute…'
  const { positionals } = readArguments(USAGE, { allowPositionals: true, options: {} })
  const [source, out, start, end, ...minutes] = positionals
  if (source === undefined || out === undefined || start === undefined || end === undefined) refuse(USAGE)
  await cutExcerpt({ source, out, start: Date.parse(start), end: Date.parse(end), minutes })
}
