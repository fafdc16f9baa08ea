/** The series of a recording, of its metrics.csv alone, or of another CSV with timestamps and values. */
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Series } from '../../analysis/observations.ts'
import type { Call } from '../../analysis/watch/watched.ts'
import { readMetrics, readRecording } from '../../recording/read.ts'
import { RecordingError, type Warning } from '../../recording/recording-error.ts'
import type { Warnings } from '../../recording/warnings.ts'
import { readSeries } from '../analyze/series-file.ts'

export interface Measured {
  series: readonly Series[]
  /** who calls whom; empty: unknown */
  calls: readonly Call[]
  /** of reading a recording, beside those in the given `Warnings` */
  warnings: Warning[]
}

const METRICS = /^metrics\.csv(\.gz)?$/
/** Smaller timestamps are indexes, which have no length. */
const FIRST_TIME = 1e10

/** Throws `RecordingError`, also if nothing was measured. */
export async function measuredIn(file: string, warnings: Warnings, { strict = false }): Promise<Measured> {
  const isFolder = await stat(file).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!isFolder) {
    const series = METRICS.test(basename(file)) ? (await readMetrics(file, warnings)).snapshot() : await seriesOf(file, warnings) // prettier-ignore
    return { series, calls: [], warnings: [] }
  }
  const { observations, warnings: found } = await readRecording(file, { strict })
  const { series, edges } = observations
  if (series.length === 0) throw new RecordingError('invalid', { file }, 'no metrics to watch')
  return { series, calls: edges, warnings: found }
}

/** The service is the file's name without its ending. */
async function seriesOf(file: string, warnings: Warnings): Promise<Series[]> {
  const service = basename(file).replace(/(\.csv)?(\.gz)?$/i, '') || file
  const found = new Map<string, { unit: string; points: Map<number, number> }>()
  for await (const { series, time, value, unit, line } of readSeries(file, warnings)) {
    if (time < FIRST_TIME) throw new RecordingError('invalid', { file, line, column: 1 }, 'an index instead of a timestamp: to watch a series, it must be known when it was measured') // prettier-ignore
    const name = series === '' ? 'value' : series
    const one = found.get(name) ?? { unit, points: new Map<number, number>() }
    found.set(name, one)
    if (Number.isNaN(value)) warnings.add({ file, line, column: 1 }, 'no value: treated as missing')
    else if (one.points.has(time)) warnings.add({ file, line, column: 1 }, 'repeated timestamp: the last one counts')
    if (!Number.isNaN(value)) one.points.set(time, value)
  }
  const measured = [...found].flatMap(([indicator, { unit, points }]) => {
    const sorted = [...points].sort(([a], [b]) => a - b)
    const [times, values] = [sorted.map(([time]) => time), sorted.map(([, value]) => value)].map((all) => Float64Array.from(all)) as [Float64Array, Float64Array] // prettier-ignore
    return times.length === 0 ? [] : [{ service, indicator, ...(unit === '' ? {} : { unit }), times, values }]
  })
  if (measured.length === 0) throw new RecordingError('invalid', { file }, 'no values to watch')
  return measured
}
