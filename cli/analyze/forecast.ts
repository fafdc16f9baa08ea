/** `sre analyze forecast`: forecasts series, and when they reach a capacity. */
import { forecast, stepsUntil, type Forecast } from '../../analysis/forecasts/forecast.ts'
import { wholeOf } from '../../analysis/metrics/meaning.ts'
import { RecordingError } from '../../recording/recording-error.ts'
import type { Warnings } from '../../recording/warnings.ts'
import { eachInput, type InputOptions, warningsOf } from './inputs.ts'
import { readSeries } from './series-file.ts'
import { formatTime } from './times.ts'
import { sparkline } from './sparkline.ts'
import { progress, show, write, type Surface } from './surface.ts'
import { type Line, paint } from '../terminal/line.ts'
import type { Language } from '../../gateway/present/language.ts'
import { labelled, noted } from '../../gateway/present/words.ts'
import { table } from './table.ts'

export interface ForecastCommandOptions extends InputOptions {
  horizon: number
  season?: number
  level: number
  capacity?: number
  json?: boolean
}

/** Points of one series, in file order. */
interface Points {
  times: number[]
  values: number[]
  /** how the file writes its timestamps */
  like: string
  unit: string
}

/** Maximum number of points per file, including filled gaps. */
const MOST_POINTS = 10_000_000

interface History {
  series: string
  /** ms or index, evenly spaced */
  times: number[]
  values: Float64Array
  step: number
  /** how the file writes its timestamps */
  like: string
  unit: string
}

interface Produced {
  series: string
  points: { step: number; timestamp: string; mean: number; lower: number; upper: number }[]
  history: Float64Array
  /** timestamps at which the capacity is reached (the last one of the history if it already is); null: not within the horizon */
  reaches?: { mean: string | null; lower: string | null; upper: string | null; already: boolean }
}

const HEADER = 'series,step,timestamp,mean,lower,upper'
const REACHES = ',capacity_mean,capacity_lower,capacity_upper'

export async function analyzeForecast(
  files: readonly string[],
  options: ForecastCommandOptions,
  surface: Surface,
): Promise<number> {
  const csv = !options.json && !surface.outIsTerminal
  if (csv) await write(surface, `${HEADER}${options.capacity === undefined ? '' : REACHES}\n`)
  return eachInput(files, options, surface, async (file, warnings) => {
    const series = [...(await readPoints(file, warnings))]
    const short = series.flatMap(([name, points]) => (isShort(points) ? [name] : []))
    const long = series.filter(([, points]) => !isShort(points))
    const shown = progress(surface)
    let steps = 0
    for (const [at, [name, points]] of long.entries()) {
      shown.show(`${file}: ${at + 1} of ${long.length} series`)
      const history = evened(name, points, MOST_POINTS - steps, file, warnings)
      steps += history.values.length
      const produced = produce(history, options, file)
      shown.end()
      if (csv || options.json) await write(surface, csv ? csvOf(produced) : jsonOf(file, produced, warnings))
      else await show(surface, readable(file, produced, options, surface))
    }
    if (short.length > 0) throw new RecordingError('invalid', { file }, tooShort(short))
  })
}

async function readPoints(file: string, warnings: Warnings): Promise<Map<string, Points>> {
  const rows = new Map<string, Points>()
  let count = 0
  for await (const { series, time, value, timestamp, unit, line } of readSeries(file, warnings)) {
    const known = rows.get(series) ?? { times: [], values: [], like: timestamp, unit }
    known.unit = unit
    rows.set(series, known)
    if (Number.isNaN(value)) {
      warnings.add({ file, line, column: 1 }, 'no value: interpolated')
      continue
    }
    count += 1
    if (count > MOST_POINTS)
      throw new RecordingError('too_long', { file, line, column: 1 }, `more than ${MOST_POINTS} points`)
    known.times.push(time)
    known.values.push(value)
  }
  if (count === 0) throw new RecordingError('invalid', { file }, 'no values to forecast from')
  return rows
}

const isShort = ({ times }: Points): boolean => times.every((time) => time === times[0])

const named = (series: string): string => (series === '' ? '' : `${series}: `)

function tooShort(names: readonly string[]): string {
  const [first = ''] = names
  const who = names.length > 1 ? `${first} (and ${names.length - 1} more series): ` : named(first)
  return `${who}at least two timestamps with a value are needed to determine the step`
}

/** Sorts the points, keeps the last value per timestamp, and fills gaps by linear interpolation. */
function evened(series: string, points: Points, most: number, file: string, warnings: Warnings): History {
  const byTime = new Map(points.times.map((time, at) => [time, points.values[at] ?? NaN]))
  if (byTime.size < points.times.length) warnings.add({ file }, 'repeated timestamp: the last value counts')
  const times = [...byTime.keys()].sort((a, b) => a - b)
  const gaps = times.slice(1).map((time, at) => time - (times[at] ?? 0))
  const step = gaps.toSorted((a, b) => a - b)[gaps.length >> 1] ?? 1
  const values: number[] = []
  if (!(gaps.reduce((sum, gap) => sum + gap / step, 1) <= most))
    throw new RecordingError('too_long', { file }, `${named(series)}more than ${MOST_POINTS} steps after filling gaps`) // prettier-ignore
  for (const [at, time] of times.entries()) {
    const value = byTime.get(time) ?? NaN
    const missing = at === 0 ? 0 : Math.round((time - (times[at - 1] ?? time)) / step) - 1
    const before = values.at(-1) ?? value
    if (missing > 0) warnings.add({ file }, 'gap: filled by linear interpolation')
    for (let gap = 1; gap <= missing; gap += 1) values.push(before + ((value - before) * gap) / (missing + 1))
    values.push(value)
  }
  return { series, times, values: Float64Array.from(values), step, like: points.like, unit: points.unit }
}

function produce(history: History, options: ForecastCommandOptions, file: string): Produced {
  const { series, times, values, step, like, unit } = history
  const { horizon, season, level, capacity } = options
  const all = wholeOf({ indicator: series, unit }) ?? (capacity === 1 || capacity === 100 ? capacity : null)
  const predicted = forecast(values, {
    horizon,
    level,
    ...(season === undefined ? {} : { season }),
    ...(all === null ? {} : { whole: all }),
  })
  if (![predicted.mean, predicted.lower, predicted.upper].every((path) => path.every(Number.isFinite)))
    throw new RecordingError('invalid', { file }, `${named(series)}the values are too far apart to compute with`)
  const end = times.at(-1) ?? 0
  if (!isIndex(like) && !(end + horizon * step <= LAST_INSTANT))
    throw new RecordingError('invalid', { file }, `${named(series)}the forecast exceeds the range of timestamps`)
  const at = (steps: number): string => formatTime(whole(end + steps * step, like), like)
  const points = Array.from({ length: horizon }, (_, index) => ({
    step: index + 1,
    timestamp: at(index + 1),
    mean: predicted.mean[index] ?? NaN,
    lower: predicted.lower[index] ?? NaN,
    upper: predicted.upper[index] ?? NaN,
  }))
  if (capacity === undefined) return { series, points, history: values }
  const steps = stepsUntil(predicted, values[values.length - 1]!, capacity)
  const reached = (path: keyof Forecast): string | null => {
    const until = steps[path]
    return until === null ? null : at(until)
  }
  return {
    series,
    points,
    history: values,
    reaches: { mean: reached('mean'), lower: reached('lower'), upper: reached('upper'), already: steps.mean === 0 },
  }
}

/** largest valid timestamp, ms since the epoch */
const LAST_INSTANT = 8.64e15
const isIndex = (like: string): boolean => /^-?\d+(?:\.\d+)?$/.test(like)

/** Rounds timestamps to the second, and an index to two decimals. */
const whole = (time: number, like: string): number =>
  isIndex(like) ? Number(time.toFixed(2)) : Math.round(time / 1_000) * 1_000

const short = (value: number): string => String(Number(value.toPrecision(10)))

function csvOf({ series, points, reaches }: Produced): string {
  const name = /[",\n]/.test(series) ? `"${series.replaceAll('"', '""')}"` : series
  const rest = reaches ? `,${reaches.mean ?? ''},${reaches.lower ?? ''},${reaches.upper ?? ''}` : ''
  return points
    .map(
      ({ step, timestamp, mean, lower, upper }) =>
        `${name},${step},${timestamp},${short(mean)},${short(lower)},${short(upper)}${rest}\n`,
    ) // prettier-ignore
    .join('')
}

function jsonOf(file: string, { series, points, reaches }: Produced, known: Warnings): string {
  const warnings = warningsOf(known.list())
  if (reaches === undefined) return `${JSON.stringify({ file, series, points, warnings })}\n`
  const { mean, lower, upper } = reaches
  return `${JSON.stringify({ file, series, points, capacity_reached: { mean, lower, upper }, warnings })}\n`
}

const WORDS = {
  en: { titles: ['timestamp', 'mean', 'lower', 'upper'], reached: 'reaches', between: 'between', never: 'not within the horizon', already: 'has reached or passed' }, // prettier-ignore
  'zh-TW': {
    titles: ['時間', '平均', '下限', '上限'],
    reached: '達到',
    between: '介於',
    never: '預測期間內不會',
    already: '已達到或超過',
  },
} as const

function readable(file: string, produced: Produced, options: ForecastCommandOptions, surface: Surface): Line[] {
  const { series, points, history, reaches } = produced
  const words = WORDS[surface.language]
  const recent = history.slice(-4 * options.horizon)
  const all = [...recent, ...points.map(({ mean }) => mean)]
  const line = sparkline(
    all,
    surface.columns,
    (at) => at >= recent.length,
    (text) => paint('cyan', text),
  )
  const rows = points.map(({ timestamp, mean, lower, upper }) => [timestamp, ...[mean, lower, upper].map((value) => value.toPrecision(5))]) // prettier-ignore
  const capacity = reaches === undefined ? [] : [reachedText(reaches, options.capacity, surface.language)]
  return [
    series === '' ? file : `${file} ${series}`,
    line,
    ...table([words.titles, ...rows], surface.columns),
    ...capacity,
  ]
}

function reachedText(
  { mean, lower, upper, already }: NonNullable<Produced['reaches']>,
  capacity: number | undefined,
  language: Language,
): string {
  const words = WORDS[language]
  if (already) return `${words.already} ${capacity}`
  const between = lower === null && upper === null ? '' : `${words.between} ${upper ?? '-'} / ${lower ?? '-'}`
  return labelled(language, `${words.reached} ${capacity}`, noted(language, mean ?? words.never, between))
}
