/** Reads a recording that is still being written; each refresh reads only what was appended. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Span } from '../analysis/observations.ts'
import { readDocuments } from './documents.ts'
import { readLines, type LineBatch } from './lines.ts'
import { parsed, parseLogLine, parseSpan, type RecordedLogLine } from './log-lines.ts'
import { addSamples, assemble, readIncident, type Recording } from './read.ts'
import { RecordingError } from './recording-error.ts'
import { SeriesTable } from './samples.ts'
import { Warnings } from './warnings.ts'

export interface GrowingRecording {
  dir: string
  /** reads what was appended and returns everything so far; concurrent calls share one read */
  refresh(): Promise<Recording>
  /** how much the last `refresh` read */
  appended(): { samples: number; logs: number; spans: number }
}

const FILES = ['metrics.csv', 'logs.jsonl', 'traces.jsonl'] as const

/**
 * An incomplete last line is left for the next refresh. The files must not be compressed. A recording whose beginning was trimmed is read
 * again from the start, so that memory matches the files. `refresh` throws `RecordingError` `unreadable` if a file became shorter, because
 * it is then a different recording.
 */
export function openGrowing(dir: string): GrowingRecording {
  let reading = readFrom(dir)
  let generation: Generation | null = null
  let running: Promise<Recording> | null = null

  async function read(): Promise<Recording> {
    for (;;) {
      const before = await generationOf(dir)
      if (generation !== null && isAnother(generation, before)) reading = readFrom(dir)
      generation = before
      const outcome = await reading.refresh().then(
        (recording) => ({ recording }),
        (error: unknown) => ({ error }),
      )
      // a trim happened during the read, so the result is inconsistent: read again
      if (isAnother(before, await generationOf(dir))) continue
      if ('error' in outcome) throw outcome.error
      return outcome.recording
    }
  }

  return {
    dir,
    appended: () => reading.appended(),
    refresh: () => {
      running ??= read().finally(() => {
        running = null
      })
      return running
    },
  }
}

/** Identifies a version of the files: their inodes and the start of the window, which changes before an inode can be reused. */
interface Generation {
  files: readonly (number | null)[]
  start: string
}

async function generationOf(dir: string): Promise<Generation> {
  const files = await Promise.all(FILES.map(async (name) => (await statOf(join(dir, name)))?.ino ?? null))
  return { files, start: (await readIncident(dir)).window.start }
}

const isAnother = (one: Generation, other: Generation): boolean =>
  one.start !== other.start || one.files.some((file, at) => file !== null && other.files[at] !== null && file !== other.files[at]) // prettier-ignore

function readFrom(dir: string) {
  const warnings = new Warnings()
  const series = new SeriesTable(join(dir, 'metrics.csv'), warnings)
  const logs: RecordedLogLine[] = []
  const spans: Span[] = []
  const readers = {
    samples: tail(join(dir, 'metrics.csv'), warnings, (batch, file) => addSamples(series, batch, warnings.rows(file))),
    logs: tail(join(dir, 'logs.jsonl'), warnings, (batch, file) => {
      for (const line of parsed(batch, file, warnings, parseLogLine)) logs.push(line)
    }),
    spans: tail(join(dir, 'traces.jsonl'), warnings, (batch, file) => {
      for (const span of parsed(batch, file, warnings, parseSpan)) spans.push(span)
    }),
  }
  let last = { samples: 0, logs: 0, spans: 0 }

  return {
    appended: () => last,
    async refresh(): Promise<Recording> {
      const before = { samples: series.rows, logs: logs.length, spans: spans.length }
      for (const reader of Object.values(readers)) await reader()
      last = {
        samples: series.rows - before.samples,
        logs: logs.length - before.logs,
        spans: spans.length - before.spans,
      }
      const incident = await readIncident(dir)
      return assemble({ dir, incident, series, logs, spans, documents: await readDocuments(dir, warnings), warnings })
    },
  }
}

/** Each call passes on the complete lines after the position where the last call ended. */
function tail(file: string, warnings: Warnings, take: (batch: LineBatch, file: string) => void): () => Promise<void> {
  let from = { byte: 0, line: 1 }
  return async () => {
    const size = (await statOf(file))?.size ?? 0
    if (size < from.byte) throw new RecordingError('unreadable', { file }, 'became shorter while it was being read')
    if (size > from.byte) await readOn()
    warnings.rows(file).refuseIfNone()
  }

  async function readOn(): Promise<void> {
    for await (const batch of readLines({ file, warnings, from, takeUnended: false })) {
      take(batch, file)
      from = { byte: from.byte + batch.bytes, line: from.line + batch.lines.length }
    }
  }
}

/** null: does not exist (yet). */
const statOf = (file: string) => stat(file).catch(() => null)
