import type { LogLine, Series } from '../../../analysis/observations.ts'
import { openGrowing } from '../../../recording/growing.ts'
import { readRecording, type Recording } from '../../../recording/read.ts'
import { unreadText } from '../../../recording/rows.ts'
import { basename } from 'node:path'

/** A recording to query; `read` returns everything recorded so far. */
export interface RecordingSource {
  dir: string
  /** the namespace of everything in it; null: not stated */
  namespace: string | null
  read(): Promise<Recording>
}

/** A finished recording, read once. */
export function finishedRecording(dir: string, namespace: string | null = null): RecordingSource {
  let recording: Promise<Recording> | null = null
  return { dir, namespace, read: () => (recording ??= readRecording(dir)) }
}

/** A recording still being written: each question reads what was appended. */
export function growingRecording(dir: string, namespace: string | null = null): RecordingSource {
  const growing = openGrowing(dir)
  return { dir, namespace, read: () => growing.refresh() }
}

/** A recording states at most one namespace, and a strict query must not return what may belong to another. */
export const isElsewhere = (
  source: RecordingSource,
  { namespace = null, strict = false }: { namespace?: string | null; strict?: boolean },
): boolean => strict && (source.namespace === null || source.namespace !== namespace)

/** Warnings about unreadable parts of a file, for every answer that uses that file. */
export const unreadOf = ({ warnings }: Recording, name: string): string[] =>
  warnings.flatMap((warning) =>
    warning.unreadOf !== undefined && basename(warning.place.file).startsWith(name) ? unreadText(warning).en : [],
  )

interface ByService {
  series: ReadonlyMap<string, readonly Series[]>
  logs: ReadonlyMap<string, readonly LogLine[]>
}
const known = new WeakMap<Recording, ByService>()

/** Indexed once per recording; lines stay in time order. */
export function byService(recording: Recording): ByService {
  const sorted = known.get(recording) ?? {
    series: Map.groupBy(recording.observations.series, ({ service }) => service),
    logs: Map.groupBy(recording.observations.logs, ({ service }) => service),
  }
  known.set(recording, sorted)
  return sorted
}
