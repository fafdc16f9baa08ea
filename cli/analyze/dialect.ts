/** Detects the format of a series file from its first lines: separator, columns, decimal mark and date order. */
import { splitRow } from '../../recording/csv.ts'
import { cellOf, type DecimalMark, decimalMarkOf } from './cells.ts'
import { dayOrderOf, parseTime } from './times.ts'

export interface Dialect {
  /** separator between cells */
  mark: string
  /** number of cells in the header or first row */
  width: number
  timestamp: number
  /** columns whose text identifies the series */
  names: readonly number[]
  /** `name`: of the column; '' if it is called value */
  values: readonly { at: number; name: string }[]
  decimal: DecimalMark
  dayFirst: boolean
  /** lines before the first row */
  skipped: number
  /** warnings about ambiguous decisions */
  said: readonly string[]
}

const MARKS = [',', ';', '\t']
const PARTED: Readonly<Record<string, string>> = { ';': 'semicolons', '\t': 'tabs' }
const TIMES = /^(timestamp|time|date|datetime|date_time|ds|index|ts)$/
const SERIES = /^(series|series_id|unique_id|id|metric)$/
const VALUES = /^(value|y|v)$/

/** Maximum number of columns: each costs time for every row. */
export const MOST_COLUMNS = 10_000

/** `lines`: the first non-empty lines. null: not a series file. */
export function dialectOf(lines: readonly string[]): Dialect | null {
  // the separator declared by some spreadsheets
  const told = /^"?sep=(.)"?$/i.exec(lines[0] ?? '')?.[1]
  const rows = told === undefined ? lines : lines.slice(1)
  const first = rows[0] ?? ''
  const marks = told === undefined ? MARKS.filter((mark) => first.includes(mark)) : [told]
  for (const mark of marks) {
    const found = writtenWith(mark, rows)
    if (found !== null) return { ...found, skipped: found.skipped + lines.length - rows.length }
  }
  return null
}

function writtenWith(mark: string, lines: readonly string[]): Dialect | null {
  const [first = [], ...rest] = lines.map((line) => splitRow(line, mark) ?? [])
  const columns = columnsOf(first, rest.filter((cells) => cells.length === first.length)) // prettier-ignore
  if (columns === null) return null
  const rows = columns.skipped === 0 ? [first, ...rest] : rest
  const texts = columns.values.flatMap(({ at }) => rows.map((cells) => cells[at] ?? ''))
  const decimal = decimalMarkOf(texts, mark)
  const order = dayOrderOf(rows.map((cells) => cells[columns.timestamp] ?? ''))
  const said = [
    ...(mark === ',' ? [] : [`cells are separated by ${PARTED[mark] ?? JSON.stringify(mark)}`]),
    ...(decimal.mark === ',' ? ['numbers have a decimal comma'] : []),
    ...(decimal.sure ? [] : [`a comma before three digits, as in 1,234, is ambiguous: read as a ${decimal.mark === ',' ? 'decimal mark' : 'thousands separator'} in the whole file`]), // prettier-ignore
    ...(order.sure ? [] : ['dates such as 03/04/2026 are ambiguous: read as month/day in the whole file']), // prettier-ignore
  ]
  return { ...columns, mark, decimal: decimal.mark, dayFirst: order.dayFirst, said }
}

type Columns = Pick<Dialect, 'width' | 'timestamp' | 'names' | 'values' | 'skipped'>

/** Finds the columns by name. Without a column called value, every other numeric column is a series; without a header, two columns are one series, three are several. */
function columnsOf(first: readonly string[], rows: readonly (readonly string[])[]): Columns | null {
  const names = first.map((cell) => cell.trim().toLowerCase())
  const width = first.length
  const timestamp = names.findIndex((name) => TIMES.test(name))
  const series = names.findIndex((name) => SERIES.test(name))
  const value = names.findIndex((name) => VALUES.test(name))
  const skipped = 1
  if (timestamp === -1) return unnamed(first)
  if (value !== -1) return { width, timestamp, names: series === -1 ? [] : [series], values: [{ at: value, name: '' }], skipped } // prettier-ignore
  const others = first.flatMap((cell, at) => (at === timestamp || (cell.trim() === '' && at === width - 1) ? [] : [{ at, name: cell.trim() }])) // prettier-ignore
  const values = others.filter(({ at }) => at !== series && isMostly(rows, at))
  const held = new Set(values.map(({ at }) => at))
  const labels = others.flatMap(({ at }) => (held.has(at) ? [] : [at]))
  return values.length === 0 ? null : { width, timestamp, names: labels, values, skipped }
}

const holdsNumber = (text: string): boolean => (cellOf(text, '.') ?? cellOf(text, ',')) !== null

/** Whether most cells of a column are numbers; a few unreadable ones do not matter. */
const isMostly = (rows: readonly (readonly string[])[], at: number): boolean =>
  rows.filter((cells) => holdsNumber(cells[at] ?? '')).length >= rows.length / 2

function unnamed(first: readonly string[]): Columns | null {
  const width = first.length
  const [timestamp, value] = [width - 2, width - 1]
  if ((width !== 2 && width !== 3) || Number.isNaN(parseTime(first[timestamp]!.trim()))) return null
  return { width, timestamp, names: width === 3 ? [0] : [], values: [{ at: value, name: '' }], skipped: 0 }
}
