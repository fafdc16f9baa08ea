/** Reads metrics.csv (`timestamp,service,instance,indicator,unit,value`) into series; rows may be in any order. */
import type { Series } from '../analysis/observations.ts'
import { columnOf, misfit, splitRow } from './csv.ts'
import { parseInstant } from './instant.ts'
import { MOST_SAMPLES, MOST_SERIES } from './limits.ts'
import { RecordingError, type Place, type RecordingErrorCode } from './recording-error.ts'
import type { Warnings } from './warnings.ts'

export const COLUMNS = ['timestamp', 'service', 'instance', 'indicator', 'unit', 'value'] as const

/** Initial capacity of a series; small, because among half a million series many have a single point. */
const FIRST_POINTS = 16

interface Growing {
  identity: Pick<Series, 'service' | 'instance' | 'indicator' | 'unit'>
  times: Float64Array
  values: Float64Array
  length: number
  /** number of rows out of order since the last sort, and the line of the first */
  late: number
  firstLate: number
}

/**
 * Keeps one series per service, instance, indicator and unit. A row without a value, with NaN or with an infinity is a missing point; rows
 * out of order are sorted; the last of several rows with the same timestamp counts. Each of these gives a warning.
 */
export class SeriesTable {
  readonly #series = new Map<string, Growing>()
  /** the text between timestamp and value → its series, so that most rows need not be split */
  readonly #byMiddle = new Map<string, Growing>()
  readonly #warnings: Warnings
  readonly #file: string
  #order: number[] | null = null
  #width = 0
  #inOrder = false
  #lastText = ''
  #lastTime = NaN
  #rows = 0

  constructor(file: string, warnings: Warnings) {
    this.#file = file
    this.#warnings = warnings
  }

  get rows(): number {
    return this.#rows
  }

  /** Rows can only be read after the header. */
  get hasHeader(): boolean {
    return this.#order !== null
  }

  /** Adds one line; the first is the header. Throws `RecordingError` with line and column. */
  add(line: string, number: number): void {
    if (line === '' || this.#addKnown(line, number)) return
    const cells = splitRow(line)
    if (cells === null) throw this.#bad(number, line.indexOf('"') + 1, 'a quote is not closed')
    if (this.#order === null) {
      this.#order = this.#readHeader(cells, line, number)
      return
    }
    const [timestamp = -1, service = -1, instance = -1, indicator = -1, unit = -1, value = -1] = this.#order
    const wrong = misfit(line, cells, this.#width)
    if (wrong !== null) throw this.#bad(number, wrong.column, wrong.reason)
    const text = cells[value]!
    const time = this.#time(cells[timestamp]!)
    if (Number.isNaN(time)) throw this.#badCell(line, number, timestamp, cells, 'is not an RFC 3339 time with a zone')
    if (!cells[service]) throw this.#badCell(line, number, service, cells, 'is not a service name')
    if (!cells[indicator]) throw this.#badCell(line, number, indicator, cells, 'is not an indicator name')
    const parsed = parseValue(text)
    if (parsed === null) throw this.#badCell(line, number, value, cells, 'is not a number')
    this.#count(number)
    if (!Number.isFinite(parsed)) {
      const reason = Number.isNaN(parsed) ? 'no value: treated as missing' : 'an infinite value: treated as missing'
      this.#warnings.add({ file: this.#file, line: number, column: columnOf(line, value) }, reason)
      return
    }
    const series = this.#seriesOf([cells[service], cells[instance] ?? '', cells[indicator], cells[unit] ?? ''], number)
    append(series, time, parsed, number)
    if (this.#inOrder && cells.length === this.#width && !line.includes('"')) this.#byMiddle.set(middleOf(line), series)
  }

  /** Fast path for a plain row of a known series; false: the row must be parsed in full. */
  #addKnown(line: string, number: number): boolean {
    const series = this.#byMiddle.get(middleOf(line))
    if (series === undefined) return false
    const time = this.#time(line.slice(0, line.indexOf(',')))
    const text = line.slice(line.lastIndexOf(',') + 1)
    const value = text === '' || /^.[xob]/i.test(text) ? NaN : Number(text)
    if (Number.isNaN(time) || !Number.isFinite(value)) return false
    this.#count(number)
    append(series, time, value, number)
    return true
  }

  /** The series so far. The arrays are views that later rows do not change. */
  snapshot(): Series[] {
    return [...this.#series.values()].map((series) => {
      if (series.late > 0) this.#settle(series)
      const { identity, times, values, length } = series
      return { ...identity, times: times.subarray(0, length), values: values.subarray(0, length) }
    })
  }

  #settle(series: Growing): void {
    const { late, firstLate } = series
    const place = { file: this.#file, line: firstLate, column: 1 }
    const same = sortSeries(series)
    if (same > 0) this.#warnings.add(place, 'samples with the same timestamp: the last one counts', same)
    else this.#warnings.add(place, 'samples out of order: sorted by timestamp', late)
  }

  #readHeader(cells: readonly string[], line: string, number: number): number[] {
    const names = cells.map((name) => name.trim().toLowerCase())
    const order = COLUMNS.map((column) => names.indexOf(column))
    const absent = COLUMNS.filter((column, at) => order[at] === -1 && column !== 'instance' && column !== 'unit')
    this.#width = cells.length
    this.#inOrder = cells.length === COLUMNS.length && order.every((index, at) => index === at)
    if (absent.length === 0) return order
    throw this.#bad(number, 1, `the header has no ${absent.join(', ')}: ${JSON.stringify(line.slice(0, 80))}`)
  }

  #count(number: number): void {
    this.#rows += 1
    if (this.#rows > MOST_SAMPLES) throw this.#bad(number, 1, `more than ${MOST_SAMPLES} samples`, 'too_long')
  }

  #time(text: string): number {
    if (text === this.#lastText) return this.#lastTime
    this.#lastText = text
    this.#lastTime = parseInstant(text)
    return this.#lastTime
  }

  #seriesOf(names: readonly [string, string, string, string], number: number): Growing {
    const key = names.join('\0')
    const known = this.#series.get(key)
    if (known) return known
    if (this.#series.size >= MOST_SERIES) throw this.#bad(number, 1, `more than ${MOST_SERIES} series`, 'too_long')
    const [service, instance, indicator, unit] = names
    const identity = { service, indicator, ...(instance === '' ? {} : { instance }), ...(unit === '' ? {} : { unit }) }
    const made: Growing = {
      identity,
      times: new Float64Array(FIRST_POINTS),
      values: new Float64Array(FIRST_POINTS),
      length: 0,
      late: 0,
      firstLate: 0,
    }
    this.#series.set(key, made)
    return made
  }

  #badCell(line: string, number: number, index: number, cells: readonly string[], reason: string): RecordingError {
    return this.#bad(number, columnOf(line, index), `${JSON.stringify(cells[index]!.slice(0, 80))} ${reason}`)
  }

  #bad(line: number, column: number, reason: string, code: RecordingErrorCode = 'invalid'): RecordingError {
    const place: Place = { file: this.#file, line, column }
    return new RecordingError(code, place, reason)
  }
}

/** null: not a number; not finite: a missing point. */
export function parseValue(text: string): number | null {
  const trimmed = text.trim()
  if (trimmed === '' || /^(nan|null|none|na|n\/a)$/i.test(trimmed)) return NaN
  if (/^[+-]?inf(inity)?$/i.test(trimmed)) return trimmed.startsWith('-') ? -Infinity : Infinity
  const value = Number(trimmed)
  return Number.isNaN(value) || /^[+-]?0[xob]/i.test(trimmed) ? null : value
}

const middleOf = (line: string): string => line.slice(line.indexOf(','), line.lastIndexOf(','))

function append(series: Growing, time: number, value: number, line: number): void {
  const { length } = series
  if (length > 0 && time <= series.times[length - 1]!) {
    if (series.late === 0) series.firstLate = line
    series.late += 1
  }
  if (length === series.times.length) {
    series.times = doubled(series.times)
    series.values = doubled(series.values)
  }
  series.times[length] = time
  series.values[length] = value
  series.length += 1
}

function doubled(from: Float64Array): Float64Array {
  const to = new Float64Array(from.length * 2)
  to.set(from)
  return to
}

/** Sorts into new arrays, so that existing views do not change. Returns the number of points with a duplicate timestamp. */
function sortSeries(series: Growing): number {
  const at = Array.from({ length: series.length }, (_, index) => index)
  at.sort((a, b) => series.times[a]! - series.times[b]! || a - b)
  const times = new Float64Array(series.times.length)
  const values = new Float64Array(series.values.length)
  let length = 0
  for (const index of at) {
    const time = series.times[index]!
    if (length > 0 && times[length - 1] === time) length -= 1
    times[length] = time
    values[length] = series.values[index]!
    length += 1
  }
  const same = series.length - length
  Object.assign(series, { times, values, length, late: 0 })
  return same
}
