/** Parses numbers in cells as spreadsheets and tools write them: with units, thousands separators and a local decimal mark. */
import { parseValue } from '../../recording/samples.ts'

export type DecimalMark = '.' | ','

export interface Cell {
  /** NaN: no value */
  number: number
  /** as written; '' if there is none */
  unit: string
}

const ABSENT = /^(-|–|—|undefined|no data)$/i
const CURRENCY = /^[$€£¥]\s*/
const FORM = /^([+\-−]?)\s*(\d[\d.,'’\u00a0\u202f ]*|[.,]\d+)(e[+-]?\d+)?([^]*)$/i
const PLAIN: Readonly<Record<DecimalMark, RegExp>> = {
  '.': /^(?:\d+(?:\.\d*)?|\.\d+)$/,
  ',': /^(?:\d+(?:,\d*)?|,\d+)$/,
}
/** Digits grouped by thousands, or as in India by hundreds above the thousands. */
const GROUPED: Readonly<Record<DecimalMark, RegExp>> = {
  '.': /^\d{1,3}(?:([,'’\u00a0\u202f ])\d{2,3})*[,'’\u00a0\u202f ]\d{3}(?:\.\d*)?$/,
  ',': /^\d{1,3}(?:([.'’\u00a0\u202f ])\d{2,3})*[.'’\u00a0\u202f ]\d{3}(?:,\d*)?$/,
}

/** null: not a number. */
export function cellOf(text: string, mark: DecimalMark): Cell | null {
  const trimmed = text.trim()
  const plain = ABSENT.test(trimmed) ? NaN : parseValue(trimmed)
  if (plain !== null && (mark === '.' || !/\d/.test(trimmed))) return { number: plain, unit: '' }
  const currency = CURRENCY.exec(trimmed)?.[0] ?? ''
  const [, sign = '', written = '', exponent = '', rest = ''] = FORM.exec(trimmed.slice(currency.length)) ?? []
  const digits = numberOf(written.trim(), mark)
  // a rest with digits is not a unit but a date, an address or 0x10
  if (digits === null || /\d/.test(rest)) return null
  const unit = (rest.trim() + currency.trim()).slice(0, LONGEST_UNIT)
  return { number: Number(`${sign === '' || sign === '+' ? '' : '-'}${digits}${exponent}`), unit }
}

const LONGEST_UNIT = 20

function numberOf(written: string, mark: DecimalMark): string | null {
  if (!/\d/.test(written)) return null
  if (PLAIN[mark].test(written)) return written.replace(mark, '.')
  if (!GROUPED[mark].test(written)) return null
  const groups = mark === '.' ? /[,'’\u00a0\u202f ]/g : /[.'’\u00a0\u202f ]/g
  return written.replace(groups, '').replace(mark, '.')
}

/** Detects the decimal mark of a file; `sure`: at least one number is unambiguous, or none is ambiguous. */
export function decimalMarkOf(texts: readonly string[], cellMark: string): { mark: DecimalMark; sure: boolean } {
  let [points, commas, unclear] = [0, 0, 0]
  for (const text of texts) {
    const [, , written = ''] = FORM.exec(text.trim().replace(CURRENCY, '')) ?? []
    const number = written.trim()
    if (!number.includes(',')) points += /\.\d+$/.test(number) && !/\.\d{3}$/.test(number) ? 1 : 0
    else if (isEither(number)) unclear += 1
    else if (numberOf(number, ',') !== null) commas += 1
    else if (numberOf(number, '.') !== null) points += 1
  }
  if (points !== commas) return { mark: commas > points ? ',' : '.', sure: true }
  // semicolons between cells suggest that the comma is the decimal mark
  return { mark: cellMark === ';' && unclear > 0 ? ',' : '.', sure: unclear === 0 }
}

/** Whether a number is ambiguous: one comma before three digits, as in 1,234 (but not 0,123). */
const isEither = (number: string): boolean => /^[1-9]\d{0,2},\d{3}$/.test(number)
