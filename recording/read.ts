/**
 * Reads a recording as plain data. Only incident.json is required; any other missing file means that there is no data of its kind. If a file
 * exists both plain and compressed (`.gz`), the plain one is read.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { EXECUTOR, isOf } from '../analysis/known-disturbances.ts'
import type { Change, Observations, Span, TimeRange } from '../analysis/observations.ts'
import { alertOf } from './alert.ts'
import { readDocument, readDocuments, readGraph, type ChangeDocument, type ControlPlaneDocuments } from './documents.ts'
import { incidentSchema, type Incident } from './incident.ts'
import { parseInstant } from './instant.ts'
import { knownIn } from './known.ts'
import { readLines, type LineBatch } from './lines.ts'
import { parsed, parseLogLine, parseSpan, sizeOf, type RecordedLogLine } from './log-lines.ts'
import { RecordingError, type Warning } from './recording-error.ts'
import type { Rows } from './rows.ts'
import { SeriesTable } from './samples.ts'
import { Thinned } from './thinned.ts'
import { Warnings } from './warnings.ts'

export interface Recording {
  dir: string
  incident: Incident
  observations: Observations & { logs: readonly RecordedLogLine[] }
  /** as returned by the control-plane */
  documents: ControlPlaneDocuments
  /** data that was dropped or changed while reading, with the position of the first case */
  warnings: Warning[]
}

export interface ReadOptions {
  /** maximum number of log lines, and of spans, in memory; beyond it one in two, four … is kept (by whole traces), with a warning */
  mostLines?: number
  /** maximum number of characters of log lines, and of spans, in memory: messages, names and attributes */
  mostCharacters?: number
  /** an unreadable row is an error; otherwise it is left out, with a warning */
  strict?: boolean
}

/**
 * Reads everything into memory; `streamLogs` reads larger logs in full.
 * Throws `RecordingError` with file, line and column for invalid files; for invalid rows only if no row of the file can be read.
 */
export async function readRecording(
  dir: string,
  { mostLines: most = 1_000_000, mostCharacters: mostSize = 256 * 1024 * 1024, strict = false }: ReadOptions = {},
): Promise<Recording> {
  const warnings = new Warnings({ strict })
  const incident = await readIncident(dir)
  const series = await readSamples(dir, warnings)
  const logs = new Thinned<RecordedLogLine>({ most, mostSize, sizeOf })
  for await (const line of streamLogs(dir, warnings)) logs.push(line)
  const spans = new Thinned<Span>({ most, mostSize, sizeOf })
  for await (const span of streamSpans(dir, warnings)) spans.push(span)
  tellThinned(logs, fileOf(dir, 'logs.jsonl'), warnings)
  tellThinned(spans, fileOf(dir, 'traces.jsonl'), warnings)
  const documents = await readDocuments(dir, warnings)
  return assemble({ dir, incident, series, logs: logs.items, spans: spans.items, documents, warnings })
}

async function readSamples(dir: string, warnings: Warnings): Promise<SeriesTable> {
  const file = fileOf(dir, 'metrics.csv')
  return file === null ? new SeriesTable('metrics.csv', warnings) : readMetrics(file, warnings)
}

/** A metrics.csv by itself. Throws `RecordingError`. */
export async function readMetrics(file: string, warnings: Warnings): Promise<SeriesTable> {
  const [series, rows] = [new SeriesTable(file, warnings), warnings.rows(file)]
  for await (const batch of readLines({ file, warnings })) addSamples(series, batch, rows)
  rows.refuseIfNone()
  return series
}

function tellThinned({ stride }: Pick<Thinned<Span>, 'stride'>, file: string | null, warnings: Warnings): void {
  if (stride > 1) warnings.add({ file: file ?? '' }, `too many lines for the memory limit: one in ${stride} was kept`)
}

/** Throws `RecordingError` (`missing`) if the folder is not a recording. */
export async function readIncident(dir: string): Promise<Incident> {
  const file = join(dir, 'incident.json')
  const incident = await readDocument(file, incidentSchema)
  if (incident === null) throw new RecordingError('missing', { file }, 'not a recording: there is no incident.json')
  return incident
}

/** Log lines one at a time, in file order. */
export async function* streamLogs(dir: string, warnings = new Warnings()): AsyncGenerator<RecordedLogLine> {
  const file = fileOf(dir, 'logs.jsonl') ?? ''
  for await (const batch of linesOf(dir, 'logs.jsonl', warnings)) yield* parsed(batch, file, warnings, parseLogLine)
  warnings.rows(file).refuseIfNone()
}

export async function* streamSpans(dir: string, warnings = new Warnings()): AsyncGenerator<Span> {
  const file = fileOf(dir, 'traces.jsonl') ?? ''
  for await (const batch of linesOf(dir, 'traces.jsonl', warnings)) yield* parsed(batch, file, warnings, parseSpan)
  warnings.rows(file).refuseIfNone()
}

/** The plain file, else the compressed one, else null. */
export function fileOf(dir: string, name: string): string | null {
  const plain = join(dir, name)
  return [plain, `${plain}.gz`].find((file) => existsSync(file)) ?? null
}

async function* linesOf(dir: string, name: string, warnings: Warnings): AsyncGenerator<LineBatch> {
  const file = fileOf(dir, name)
  if (file !== null) yield* readLines({ file, warnings })
}

/** Unreadable rows are left out and counted. Throws `RecordingError` for an unreadable header. */
export function addSamples(series: SeriesTable, { first, lines }: LineBatch, rows: Rows): void {
  const before = series.rows
  for (const [at, line] of lines.entries())
    try {
      series.add(line, first + at)
    } catch (error) {
      if (!series.hasHeader) throw error
      rows.leaveOut(error)
    }
  rows.took(series.rows - before)
}

interface Parts {
  dir: string
  incident: Incident
  series: SeriesTable
  logs: RecordedLogLine[]
  spans: Span[]
  documents: ControlPlaneDocuments
  warnings: Warnings
}

export async function assemble(parts: Parts): Promise<Recording> {
  const { dir, incident, documents, warnings } = parts
  const { onset, baseline } = incident
  const window = rangeOf(incident.window)
  const series = parts.series.snapshot()
  const services = new Set([...series, ...parts.logs, ...parts.spans].map(({ service }) => service))
  const { firing, disturbed } = knownIn(documents, services, window.end)
  const alert = incident.alert === undefined ? null : alertOf(incident.alert, window.end)
  const observations = {
    window,
    ...(baseline === undefined ? {} : { baseline: rangeOf(baseline) }),
    ...(onset === undefined ? {} : { onset: parseInstant(onset) }),
    ...(alert === null ? {} : { alert }),
    firing: firing.filter(({ service, summary }) => service !== alert?.service || summary !== alert?.summary),
    disturbed,
    ...askedOf(incident),
    series,
    logs: inOrder(parts.logs, ({ timestamp }) => timestamp),
    spans: inOrder(parts.spans, ({ start }) => start),
    edges: (await readGraph(dir, warnings))?.map(({ from, to }) => ({ from, to })) ?? [],
    changes: (documents.changes ?? []).map(changeOf),
  }
  return { dir, incident, observations, documents, warnings: warnings.list() }
}

const rangeOf = ({ start, end }: { start: string; end: string }): TimeRange => ({
  start: parseInstant(start),
  end: parseInstant(end),
})

/** The service named by the request; its position depends on the kind of request. */
function askedOf({ request }: Incident): { asked?: string } {
  if (request === undefined) return {}
  const { context, service_name } = request as Record<string, unknown>
  const inner = typeof context === 'object' && context !== null ? (context as Record<string, unknown>) : {}
  const asked = inner['service_name'] ?? service_name
  return typeof asked === 'string' && asked !== '' ? { asked } : {}
}

const changeOf = (document: ChangeDocument): Change => ({
  id: document.id,
  timestamp: parseInstant(document.timestamp),
  type: document.event_type,
  service: document.service_name ?? '',
  ...(document.author ? { author: document.author } : {}),
  ...(isOf(EXECUTOR, document.author) ? { byPlatform: true } : {}),
  summary: document.summary,
  ...(document.changes === undefined ? {} : { detail: document.changes }),
})

function inOrder<T>(items: readonly T[], instant: (item: T) => number): T[] {
  const ordered = items.every((item, at) => at === 0 || instant(items[at - 1] as T) <= instant(item))
  return ordered ? items.slice() : items.toSorted((a, b) => instant(a) - instant(b))
}
