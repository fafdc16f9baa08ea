/** Streams series from an exported CSV with timestamps and values. The format is detected from the first lines. */
import { columnOf, misfit, splitRow } from '../../recording/csv.ts'
import { type LineBatch, readLines } from '../../recording/lines.ts'
import { RecordingError } from '../../recording/recording-error.ts'
import type { Rows } from '../../recording/rows.ts'
import type { Warnings } from '../../recording/warnings.ts'
import { type Dialect, dialectOf, MOST_COLUMNS } from './dialect.ts'
import { parseTime } from './times.ts'
import { ValueColumn } from './value-column.ts'

export interface SeriesRow {
  /** '' if the file names none */
  series: string
  /** the file may contain other series */
  several: boolean
  /** as written */
  timestamp: string
  /** ms since the epoch, or an index if timestamps are whole numbers below 10^9 */
  time: number
  /** NaN: no value */
  value: number
  /** '' if cells have no unit */
  unit: string
  line: number
}

/** Number of lines used to detect the format. */
const BEGINNING = 1_000
const ZONE = /(?:Z|UTC|GMT|[+-]\d\d:?\d\d)$/i

/** Rows in file order; unreadable ones are skipped and counted. Throws `RecordingError` with line and column. */
export async function* readSeries(file: string, warnings: Warnings): AsyncGenerator<SeriesRow> {
  const rows = warnings.rows(file)
  let reader: RowReader | null = null
  for await (const { first, lines } of begun(readLines({ file, warnings }))) {
    reader ??= readerOf(lines, first, file, warnings)
    for (const [at, text] of lines.entries()) if (text.trim() !== '') yield* reader.read(text, first + at, rows)
  }
  if (reader === null) throw bad(file, 1, 1, 'the file is empty')
  rows.refuseIfNone()
}

/** The same lines, with all lines for format detection in the first batch, which starts with a non-empty line. */
async function* begun(batches: AsyncIterable<LineBatch>): AsyncGenerator<Pick<LineBatch, 'first' | 'lines'>> {
  const held = { first: 0, lines: [] as string[] }
  let isHeld = true
  for await (const { first, lines } of batches) {
    if (!isHeld) yield { first, lines }
    else hold(held, first, lines)
    if (!isHeld || held.lines.length < BEGINNING) continue
    isHeld = false
    yield held
  }
  if (isHeld && held.lines.length > 0) yield held
}

function hold(held: { first: number; lines: string[] }, first: number, lines: readonly string[]): void {
  const from = held.lines.length > 0 ? 0 : lines.findIndex((line) => line.trim() !== '')
  if (from === -1) return
  if (held.lines.length === 0) held.first = first + from
  for (const line of lines.slice(from)) held.lines.push(line)
}

function readerOf(lines: readonly string[], first: number, file: string, warnings: Warnings): RowReader {
  const written = lines.filter((line) => line.trim() !== '').slice(0, BEGINNING)
  const dialect = dialectOf(written)
  if (dialect === null)
    throw bad(
      file,
      first,
      1,
      `the header needs timestamp and value: ${JSON.stringify((written[0] ?? '').slice(0, 80))}`,
    )
  if (dialect.width > MOST_COLUMNS) throw bad(file, first, 1, `more than ${MOST_COLUMNS} columns`)
  for (const reason of dialect.said) warnings.add({ file, line: first, column: 1 }, reason)
  return new RowReader(dialect, file, warnings)
}

class RowReader {
  readonly #dialect: Dialect
  readonly #columns: ValueColumn[]
  readonly #file: string
  readonly #warnings: Warnings
  readonly #zones = new Set<boolean>()
  readonly #told = new Set<string>()
  #skip: number

  constructor(dialect: Dialect, file: string, warnings: Warnings) {
    this.#dialect = dialect
    this.#columns = dialect.values.map(() => new ValueColumn(dialect.decimal))
    this.#file = file
    this.#warnings = warnings
    this.#skip = dialect.skipped
  }

  /** An unreadable cell is skipped; the other cells of the row are still read. */
  *read(text: string, line: number, rows: Rows): Generator<SeriesRow> {
    if (this.#skip > 0) {
      this.#skip -= 1
      return
    }
    const found: SeriesRow[] = []
    try {
      this.#take(text, line, found)
      rows.took(1)
    } catch (error) {
      rows.leaveOut(error)
    }
    yield* found
  }

  #take(text: string, line: number, found: SeriesRow[]): void {
    const { mark, width, timestamp: ofTime, names, values, dayFirst } = this.#dialect
    const cells = splitRow(text, mark)
    if (cells === null) throw bad(this.#file, line, text.indexOf('"') + 1, 'a quote is not closed')
    const wrong = misfit(text, cells, width, mark)
    if (wrong !== null) throw bad(this.#file, line, wrong.column, wrong.reason)
    const timestamp = cells[ofTime]!.trim()
    const time = parseTime(timestamp, dayFirst)
    if (Number.isNaN(time)) throw this.#badCell(text, line, ofTime, timestamp, 'is not a timestamp')
    this.#tellZones(timestamp, text, line)
    const named = names.map((at) => cells[at]!)
    const several = names.length > 0 || values.length > 1
    let first: RecordingError | null = null
    for (const [index, { at, name }] of values.entries()) {
      const column = this.#columns[index]!
      const read = column.read(cells[at]!)
      if (typeof read === 'string') {
        first ??= this.#badCell(text, line, at, cells[at]!, read)
        continue
      }
      for (const reason of read.said) this.#warn(reason, text, line, at)
      const series = [...named, ...(name === '' ? [] : [name])].join(' ')
      found.push({ series, several, timestamp, time, value: read.value, unit: column.unit, line })
    }
    if (first !== null) throw first
  }

  #tellZones(timestamp: string, text: string, line: number): void {
    if (this.#zones.size === 2 || !/^\d{4}-/.test(timestamp)) return
    if (this.#zones.add(ZONE.test(timestamp)).size === 2)
      this.#warnings.add(this.#place(text, line, this.#dialect.timestamp), 'timestamps with and without a zone: those without are read as UTC') // prettier-ignore
  }

  /** Only the first warning of a kind gets its column, because finding the column means reading the line again. */
  #warn(reason: string, text: string, line: number, at: number): void {
    const place = this.#told.has(reason) ? { file: this.#file, line, column: 1 } : this.#place(text, line, at)
    this.#told.add(reason)
    this.#warnings.add(place, reason)
  }

  #place(text: string, line: number, at: number) {
    return { file: this.#file, line, column: columnOf(text, at, this.#dialect.mark) }
  }

  #badCell(text: string, line: number, at: number, cell: string, reason: string): RecordingError {
    const { column } = this.#place(text, line, at)
    return bad(this.#file, line, column, `${JSON.stringify(cell.slice(0, 80))} ${reason}`)
  }
}

const bad = (file: string, line: number, column: number, reason: string): RecordingError =>
  new RecordingError('invalid', { file, line, column }, reason)
