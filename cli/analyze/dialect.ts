/** How a series file is written, decided once from its beginning: what stands between cells, which columns there are, how numbers and days are meant. */
import { splitRow } from '../../recording/csv.ts'
import { cellOf, type DecimalMark, decimalMarkOf } from './cells.ts'
import { dayOrderOf, parseTime } from './times.ts'

export interface Dialect {
  /** between cells */
  mark: string
  /** of the header, or of the first row */
  width: number
  timestamp: number
  /** columns whose text tells one series from the next */
  names: readonly number[]
  /** `name`: of the column; '' where it is called value */
  values: readonly { at: number; name: string }[]
  decimal: DecimalMark
  dayFirst: boolean
  /** lines before the first row */
  skipped: number
  /** what was decided that another might have decided otherwise */
  said: readonly string[]
}

const MARKS = [',', ';', '\t']
const PARTED: Readonly<Record<string, string>> = { ';': 'semicolons', '\t': 'tabs' }
const TIMES = /^(timestamp|time|date|datetime|date_time|ds|index|ts)$/
const SERIES = /^(series|series_id|unique_id|id|metric)$/
const VALUES = /^(value|y|v)$/

/** No tool shows more, and each costs every row. */
export const MOST_COLUMNS = 10_000

/** `lines`: the first ones, none of them empty. null: they are no series. */
export function dialectOf(lines: readonly string[]): Dialect | null {
  // what some spreadsheets write, and read
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
    ...(mark === ',' ? [] : [`cells are parted by ${PARTED[mark] ?? JSON.stringify(mark)}: read so`]),
    ...(decimal.mark === ',' ? ['numbers have a decimal comma: read so'] : []),
    ...(decimal.sure ? [] : [`a comma before three digits, as in 1,234, may stand before thousands or decimals: taken for ${decimal.mark === ',' ? 'decimals' : 'thousands'} in the whole file`]), // prettier-ignore
    ...(order.sure ? [] : ['days such as 03/04/2026 may begin with the month or the day: taken for the month in the whole file']), // prettier-ignore
  ]
  return { ...columns, mark, decimal: decimal.mark, dayFirst: order.dayFirst, said }
}

type Columns = Pick<Dialect, 'width' | 'timestamp' | 'names' | 'values' | 'skipped'>

/** Names count. Without a column called value every other one that holds numbers is a series; without names, two columns are one and three are several. */
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

/** A few cells that cannot be read make a column of numbers no column of names. */
const isMostly = (rows: readonly (readonly string[])[], at: number): boolean =>
  rows.filter((cells) => holdsNumber(cells[at] ?? '')).length >= rows.length / 2

function unnamed(first: readonly string[]): Columns | null {
  const width = first.length
  const [timestamp, value] = [width - 2, width - 1]
  if ((width !== 2 && width !== 3) || Number.isNaN(parseTime(first[timestamp]!.trim()))) return null
  return { width, timestamp, names: width === 3 ? [0] : [], values: [{ at: value, name: '' }], skipped: 0 }
}
