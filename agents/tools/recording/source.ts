import type { LogLine, Series } from '../../../analysis/observations.ts'
import { openGrowing } from '../../../recording/growing.ts'
import { readRecording, type Recording } from '../../../recording/read.ts'
import { unreadText } from '../../../recording/rows.ts'
import { basename } from 'node:path'

/** A recording to ask; `read` gives everything there is by now. */
export interface RecordingSource {
  dir: string
  /** where everything in it was recorded; null: it does not say */
  namespace: string | null
  read(): Promise<Recording>
}

/** One that is finished: read once. */
export function finishedRecording(dir: string, namespace: string | null = null): RecordingSource {
  let recording: Promise<Recording> | null = null
  return { dir, namespace, read: () => (recording ??= readRecording(dir)) }
}

/** One that is still being written: each question reads what was appended. */
export function growingRecording(dir: string, namespace: string | null = null): RecordingSource {
  const growing = openGrowing(dir)
  return { dir, namespace, read: () => growing.refresh() }
}

/** A recording knows one namespace at most, and a strict question takes nothing that may be of another. */
export const isElsewhere = (
  source: RecordingSource,
  { namespace = null, strict = false }: { namespace?: string | null; strict?: boolean },
): boolean => strict && (source.namespace === null || source.namespace !== namespace)

/** What could not be read of a file of it, in words: whatever is asked of that file, the answer is lacking by so much. */
export const unreadOf = ({ warnings }: Recording, name: string): string[] =>
  warnings.flatMap((warning) =>
    warning.unreadOf !== undefined && basename(warning.place.file).startsWith(name) ? unreadText(warning).en : [],
  )

interface ByService {
  series: ReadonlyMap<string, readonly Series[]>
  logs: ReadonlyMap<string, readonly LogLine[]>
}
const known = new WeakMap<Recording, ByService>()

/** Sorted out once for all questions about what was read; lines stay in the order of time. */
export function byService(recording: Recording): ByService {
  const sorted = known.get(recording) ?? {
    series: Map.groupBy(recording.observations.series, ({ service }) => service),
    logs: Map.groupBy(recording.observations.logs, ({ service }) => service),
  }
  known.set(recording, sorted)
  return sorted
}
