/** `sre analyze anomalies`: scores each point of a series against the points before it. */
import { StreamDetector, type Judged } from '../../analysis/anomalies/stream-detector.ts'
import { cell } from '../../recording/csv.ts'
import { RecordingError } from '../../recording/recording-error.ts'
import type { Warnings } from '../../recording/warnings.ts'
import { eachInput, type InputOptions, warningsOf } from './inputs.ts'
import { readSeries } from './series-file.ts'
import { sparkline } from './sparkline.ts'
import { progress, show, write, type Surface } from './surface.ts'
import { paint } from '../terminal/line.ts'
import { table } from './table.ts'
import { targetOf, writeWhole } from './targets.ts'

export interface AnomaliesOptions extends InputOptions {
  output?: string
  json?: boolean
}

interface Point extends Judged {
  /** absent if the file has a single series */
  series?: string
  timestamp: string
  value: number
}

/** Maximum number of points held in memory for JSON or a table. */
const MOST_POINTS = 10_000_000
const HEADER = 'timestamp,value,expected,lower,upper,score,anomaly'

export async function analyzeAnomalies(
  files: readonly string[],
  options: AnomaliesOptions,
  surface: Surface,
): Promise<number> {
  const { output } = options
  const forPeople = output === undefined && (options.json === true || surface.outIsTerminal)
  return eachInput(files, options, surface, async (file, warnings) => {
    if (forPeople) await summarize(file, warnings, options, surface)
    else if (output === undefined) for await (const row of rows(file, warnings, surface)) await write(surface, row)
    else await writeWhole(targetOf(file, output), rows(file, warnings, surface))
  })
}

async function* judged(file: string, warnings: Warnings, surface: Surface): AsyncGenerator<Point> {
  const shown = progress(surface)
  const each = new Map<string, { detector: StreamDetector; last: number }>()
  let [count, known] = [0, 0]
  for await (const { series, several, timestamp, time, value, line } of readSeries(file, warnings)) {
    const own = each.get(series) ?? { detector: new StreamDetector(), last: -Infinity }
    const { detector, last } = own
    each.set(series, own)
    if (time === last) warnings.add({ file, line, column: 1 }, 'repeated timestamp: treated as the next point')
    if (time < last) warnings.add({ file, line, column: 1 }, 'timestamp out of order: treated as the next point')
    if (Number.isNaN(value)) warnings.add({ file, line, column: 1 }, 'no value: not scored')
    else known += 1
    own.last = time
    count += 1
    if (count % 10_000 === 0) shown.show(`${file}: ${count} points`)
    yield { ...(several ? { series } : {}), timestamp, value, ...detector.judge(time, value) }
  }
  shown.end()
  if (known === 0) throw new RecordingError('invalid', { file }, 'no values to score')
}

async function* rows(file: string, warnings: Warnings, surface: Surface): AsyncGenerator<string> {
  let header = ''
  for await (const point of judged(file, warnings, surface)) {
    if (header === '') yield (header = `${HEADER}${point.series === undefined ? '' : ',series'}\n`)
    yield rowOf(point)
  }
}

const rowOf = ({ series, timestamp, value, expected, lower, upper, score, anomaly }: Point): string =>
  `${cell(timestamp)},${[value, expected, lower, upper].map(cellOf).join(',')},${Number(score.toFixed(4))},${anomaly ? 1 : 0}${series === undefined ? '' : `,${cell(series)}`}\n`

const cellOf = (value: number | null): string =>
  value === null || Number.isNaN(value) ? '' : String(Number(value.toPrecision(10)))

async function summarize(
  file: string,
  warnings: Warnings,
  { json }: AnomaliesOptions,
  surface: Surface,
): Promise<void> {
  const { language } = surface
  const values: number[] = []
  const anomalies: Point[] = []
  const places = new Set<number>()
  for await (const point of judged(file, warnings, surface)) {
    if (values.length >= MOST_POINTS) throw new RecordingError('too_long', { file }, `more than ${MOST_POINTS} points: use CSV output, which has no limit`) // prettier-ignore
    if (point.anomaly) places.add(values.length)
    if (point.anomaly) anomalies.push(point)
    values.push(point.value)
  }
  if (json)
    return write(
      surface,
      `${JSON.stringify({ file, points: values.length, anomalies, warnings: warningsOf(warnings.list()) })}\n`,
    )
  const line = sparkline(
    values,
    surface.columns,
    (at) => places.has(at),
    (text) => paint('red', text),
  )
  const head =
    language === 'en'
      ? `${file}: ${values.length} points, ${anomalies.length} anomalies`
      : `${file}：${values.length} 點，${anomalies.length} 個異常`
  const named = anomalies[0]?.series !== undefined
  const titles = language === 'en' ? [...(named ? ['series'] : []), 'timestamp', 'value', 'expected', 'score'] : [...(named ? ['序列'] : []), '時間', '值', '預期', '分數'] // prettier-ignore
  const rows = anomalies
    .toSorted((a, b) => b.score - a.score)
    .slice(0, 20)
    .map(({ series, timestamp, value, expected, score }) => [
      ...(series === undefined ? [] : [series]),
      timestamp,
      cellOf(value),
      cellOf(expected),
      score.toFixed(3),
    ])
  await show(surface, [head, line, ...(rows.length === 0 ? [] : table([titles, ...rows], surface.columns))])
}
