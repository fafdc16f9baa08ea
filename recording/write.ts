/**
 * Writes a recording while others may read it (`openGrowing`). Rows are appended as whole lines, JSON documents are replaced by renaming,
 * so that a reader never mistakes a partial row for a complete one.
 */
import { open, mkdir, readFile, rename, truncate, writeFile, type FileHandle } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { CallEdge, Span } from '../analysis/observations.ts'
import { cell } from './csv.ts'
import type { ChangeDocument, ControlPlaneDocument } from './documents.ts'
import { incidentSchema, type Incident } from './incident.ts'
import { formatInstant } from './instant.ts'
import type { RecordedLogLine } from './log-lines.ts'
import { RecordingError } from './recording-error.ts'
import { COLUMNS } from './samples.ts'
import { type InstantOf, instantOfLine, instantOfSample, instantOfSpan, trimmed } from './trim.ts'

/** One point of a series. `time` in ms since the epoch. Non-finite values are not written. */
export interface Sample {
  time: number
  service: string
  instance?: string
  indicator: string
  unit?: string
  value: number
}

/** Each method resolves when its data is in the file; calls are written in order. */
export interface RecordingWriter {
  dir: string
  samples(samples: readonly Sample[]): Promise<void>
  logs(lines: readonly RecordedLogLine[]): Promise<void>
  spans(spans: readonly Span[]): Promise<void>
  changes(items: readonly ChangeDocument[]): Promise<void>
  alerts(items: readonly ControlPlaneDocument[]): Promise<void>
  incidents(items: readonly ControlPlaneDocument[]): Promise<void>
  deployments(items: readonly ControlPlaneDocument[]): Promise<void>
  graph(edges: readonly CallEdge[]): Promise<void>
  /** replaces incident.json, e.g. when the window grows */
  describe(incident: Incident): Promise<void>
  /** deletes samples, log lines and spans before a time (ms since the epoch); call `describe` with the new window afterwards */
  trim(before: number): Promise<void>
  /** waits for pending writes and closes the files */
  close(): Promise<void>
}

export interface WriteOptions {
  /** continue an existing recording; a partial last line, left by a crash, is removed */
  resume?: boolean
}

/** Throws `RecordingError`: `exists` if the folder already is a recording (without `resume`), `invalid` for an invalid incident. */
export async function createRecording(
  dir: string,
  incident: Incident,
  { resume = false }: WriteOptions = {},
): Promise<RecordingWriter> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const file = join(dir, 'incident.json')
  if (existsSync(file) && !resume)
    throw new RecordingError('exists', { file }, 'the folder already contains a recording')
  const metrics = await openLines(join(dir, 'metrics.csv'), instantOfSample)
  const logs = await openLines(join(dir, 'logs.jsonl'), instantOfLine)
  const traces = await openLines(join(dir, 'traces.jsonl'), instantOfSpan)
  const files = [metrics, logs, traces]
  const write = serial()
  const document = (name: string, value: unknown): Promise<void> =>
    write(() => replace(join(dir, name), `${JSON.stringify(value, null, 1)}\n`))
  const collect = (name: string) => (items: readonly { id: string }[]) =>
    write(async () => replace(join(dir, name), await merged(join(dir, name), items)))
  const describe = (value: Incident): Promise<void> => document('incident.json', checked(file, value))

  if (metrics.empty) await metrics.append([COLUMNS.join(',')])
  if (!existsSync(file)) await describe(incident)
  return {
    dir,
    describe,
    samples: (samples) => write(() => metrics.append(samples.filter(({ value }) => Number.isFinite(value)).map(row))),
    logs: (lines) => write(() => logs.append(lines.map(logRow))),
    spans: (spans) => write(() => traces.append(spans.map(spanRow))),
    changes: collect('changes.json'),
    alerts: collect('alerts.json'),
    incidents: collect('incidents.json'),
    deployments: collect('deployments.json'),
    graph: (edges) => document('graph.json', { edges }),
    trim: (before) => write(async () => void (await Promise.all(files.map((one) => one.trim(before))))),
    close: () => write(async () => void (await Promise.all(files.map((one) => one.close())))),
  }
}

/** Runs calls one after the other; a failure rejects its own call and does not stop the next. */
function serial(): (work: () => Promise<void>) => Promise<void> {
  let last: Promise<void> = Promise.resolve()
  return (work) => {
    const mine = last.then(work)
    last = mine.catch(() => undefined)
    return mine
  }
}

async function openLines(file: string, instantOf: InstantOf) {
  if (existsSync(file)) await cutHalfLine(file)
  let handle = await open(file, 'a', 0o600)
  return {
    empty: (await handle.stat()).size === 0,
    append: async (lines: readonly string[]) => {
      if (lines.length > 0) await handle.writeFile(lines.map((line) => `${line}\n`).join(''))
    },
    trim: async (before: number) => {
      const next = await trimmed(file, before, instantOf)
      await handle.close()
      handle = next
    },
    close: () => handle.close(),
  }
}

async function cutHalfLine(file: string): Promise<void> {
  const handle: FileHandle = await open(file, 'r')
  try {
    const { size } = await handle.stat()
    const step = 65_536
    for (let end = size; end > 0; end -= step) {
      const start = Math.max(0, end - step)
      const { buffer } = await handle.read(Buffer.alloc(end - start), 0, end - start, start)
      const at = buffer.lastIndexOf(10)
      if (at === -1 && start > 0) continue
      const keep = start + at + 1
      if (keep < size) await truncate(file, keep)
      return
    }
  } finally {
    await handle.close()
  }
}

async function replace(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}.draft`
  await writeFile(draft, text, { mode: 0o600 })
  await rename(draft, file)
}

/** Adds items; an item with a known id replaces the older version. */
async function merged(file: string, items: readonly { id: string }[]): Promise<string> {
  const known: { id: string }[] = existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as { id: string }[]) : []
  const all = new Map([...known, ...items].map((item) => [item.id, item]))
  return `${JSON.stringify([...all.values()], null, 1)}\n`
}

function checked(file: string, incident: Incident): Incident {
  const parsed = incidentSchema.safeParse(incident)
  if (parsed.success) return incident
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new RecordingError('invalid', { file }, issues.join('; '))
}

const row = ({ time, service, instance, indicator, unit, value }: Sample): string =>
  `${formatInstant(time)},${cell(service)},${cell(instance ?? '')},${cell(indicator)},${cell(unit ?? '')},${value}`

const logRow = ({ timestamp, service, instance, level, message, traceId, spanId, attributes }: RecordedLogLine) =>
  JSON.stringify({
    timestamp: formatInstant(timestamp),
    service,
    instance,
    level,
    message,
    trace_id: traceId,
    span_id: spanId,
    attributes,
  })

const spanRow = ({ traceId, spanId, parentSpanId, service, name, start, end, status, attributes }: Span) =>
  JSON.stringify({
    trace_id: traceId,
    span_id: spanId,
    parent_span_id: parentSpanId,
    service,
    name,
    start: formatInstant(start),
    end: formatInstant(end),
    status,
    attributes,
  })
