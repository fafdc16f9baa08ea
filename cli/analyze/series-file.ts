/** A series somebody exported: CSV with a timestamp and a value, read as a stream. */
import { columnOf, misfit, splitRow } from '../../recording/csv.ts'
import { isDay, parseInstant } from '../../recording/instant.ts'
import { readLines } from '../../recording/lines.ts'
import { RecordingError } from '../../recording/recording-error.ts'
import type { Warnings } from '../../recording/warnings.ts'
import { parseValue } from '../../recording/samples.ts'

export interface SeriesRow {
  /** '' where the file holds one series */
  series: string
  /** as written */
  timestamp: string
  /** ms since the epoch, or the index where timestamps are whole numbers below 10^9 */
  time: number
  /** NaN: no value */
  value: number
  line: number
}

interface Columns {
  /** of the header, or of the first row */
  width: number
  series: number
  timestamp: number
  value: number
}

const ZONE = /(?:Z|UTC|[+-]\d\d:?\d\d)$/i

/** Rows in the order of the file; those that cannot be read are left out, and counted. Throws `RecordingError` with line and column. */
export async function* readSeries(file: string, warnings: Warnings): AsyncGenerator<SeriesRow> {
  let columns: Columns | null = null
  const zones = new Set<boolean>()
  const rows = warnings.rows(file)
  for await (const { first, lines } of readLines({ file, warnings }))
    for (const [at, text] of lines.entries()) {
      if (text.trim() === '') continue
      const line = first + at
      if (columns === null) {
        const header = headerOf(cellsOf(text, file, line), file, line)
        columns = header.columns
        if (header.isHeader) continue
      }
      let row: SeriesRow
      try {
        row = rowOf(cellsOf(text, file, line), columns, text, file, line)
      } catch (error) {
        rows.leaveOut(error)
        continue
      }
      rows.took(1)
      if (zones.size < 2 && /^\d{4}-/.test(row.timestamp) && zones.add(ZONE.test(row.timestamp)).size === 2)
        warnings.add({ file, line, column: columnOf(text, columns.timestamp) }, 'timestamps with a zone and without one: those without are taken as UTC') // prettier-ignore
      yield row
    }
  if (columns === null) throw bad(file, 1, 1, 'the file is empty')
  rows.refuseIfNone()
}

function cellsOf(text: string, file: string, line: number): string[] {
  const cells = splitRow(text)
  if (cells === null) throw bad(file, line, text.indexOf('"') + 1, 'a quote is not closed')
  return cells
}

/** Names count; without names, two columns are a series and three are several. */
function headerOf(cells: readonly string[], file: string, line: number): { columns: Columns; isHeader: boolean } {
  const names = cells.map((cell) => cell.trim().toLowerCase())
  const named = (...wanted: string[]): number => names.findIndex((name) => wanted.includes(name))
  const columns = {
    width: cells.length,
    series: named('series', 'series_id', 'unique_id', 'id', 'metric'),
    timestamp: named('timestamp', 'time', 'date', 'datetime', 'ds', 'index'),
    value: named('value', 'y', 'v'),
  }
  if (columns.timestamp !== -1 && columns.value !== -1) return { columns, isHeader: true }
  const [timestamp, value] = [cells.length - 2, cells.length - 1]
  const isRow = (cells.length === 2 || cells.length === 3) && !Number.isNaN(parseTime(cells[timestamp] ?? ''))
  if (isRow)
    return { columns: { width: cells.length, series: cells.length === 3 ? 0 : -1, timestamp, value }, isHeader: false }
  throw bad(file, line, 1, `the header needs timestamp and value: ${JSON.stringify(cells.join(',').slice(0, 80))}`)
}

function rowOf(cells: readonly string[], columns: Columns, text: string, file: string, line: number): SeriesRow {
  const wrong = misfit(text, cells, columns.width)
  if (wrong !== null) throw bad(file, line, wrong.column, wrong.reason)
  const timestamp = cells[columns.timestamp]!.trim()
  const time = parseTime(timestamp)
  if (Number.isNaN(time))
    throw bad(
      file,
      line,
      columnOf(text, columns.timestamp),
      `${JSON.stringify(timestamp.slice(0, 80))} is not a timestamp`,
    )
  const raw = cells[columns.value]!
  const value = parseValue(raw)
  if (value === null)
    throw bad(file, line, columnOf(text, columns.value), `${JSON.stringify(raw.slice(0, 80))} is not a number`)
  const series = columns.series === -1 ? '' : cells[columns.series]!
  return { series, timestamp, time, value: Number.isFinite(value) ? value : NaN, line }
}

/** RFC 3339; the same without a zone, which is then UTC; a day; or a number: an index, seconds or ms since the epoch. */
export function parseTime(text: string): number {
  if (/^-?\d+(?:\.\d+)?$/.test(text)) {
    const number = Number(text)
    if (!Number.isFinite(number)) return NaN
    return number >= 1e9 && number < 1e11 ? number * 1_000 : number
  }
  const instant = parseInstant(text)
  if (!Number.isNaN(instant)) return instant
  const plain = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?( ?(?:Z|UTC|[+-]\d\d:?\d\d))?$/.exec(text)
  if (plain === null) return NaN
  const [, day = '', clock = '00:00:00', zone = 'Z'] = plain
  if (!isDay(day)) return NaN
  return Date.parse(`${day}T${clock}${zone.trim().replace('UTC', 'Z')}`)
}

/** Instants as text again: as RFC 3339, or the number where the file had numbers. */
export const formatTime = (time: number, like: string): string => {
  if (!/^-?\d+(?:\.\d+)?$/.test(like)) return new Date(time).toISOString().replace('.000Z', 'Z')
  return Number(like) >= 1e9 && Number(like) < 1e11 ? String(time / 1_000) : String(time)
}

const bad = (file: string, line: number, column: number, reason: string): RecordingError =>
  new RecordingError('invalid', { file, line, column }, reason)
