/** Cells that hold numbers as people and their tools write them: with a unit, and with the decimal mark of where they live. */
import { parseValue } from '../../recording/samples.ts'

export type DecimalMark = '.' | ','

export interface Cell {
  /** NaN: no value */
  number: number
  /** as written; '' without one */
  unit: string
}

const ABSENT = /^(-|–|—|undefined|no data)$/i
const CURRENCY = /^[$€£¥]\s*/
const FORM = /^([+\-−]?)\s*(\d[\d.,'’\u00a0\u202f ]*|[.,]\d+)(e[+-]?\d+)?([^]*)$/i
const PLAIN: Readonly<Record<DecimalMark, RegExp>> = {
  '.': /^(?:\d+(?:\.\d*)?|\.\d+)$/,
  ',': /^(?:\d+(?:,\d*)?|,\d+)$/,
}
/** Thousands apart, or as in India hundreds of them. */
const GROUPED: Readonly<Record<DecimalMark, RegExp>> = {
  '.': /^\d{1,3}(?:([,'’\u00a0\u202f ])\d{2,3})*[,'’\u00a0\u202f ]\d{3}(?:\.\d*)?$/,
  ',': /^\d{1,3}(?:([.'’\u00a0\u202f ])\d{2,3})*[.'’\u00a0\u202f ]\d{3}(?:,\d*)?$/,
}

/** null: no number, with a unit or without. */
export function cellOf(text: string, mark: DecimalMark): Cell | null {
  const trimmed = text.trim()
  const plain = ABSENT.test(trimmed) ? NaN : parseValue(trimmed)
  if (plain !== null && (mark === '.' || !/\d/.test(trimmed))) return { number: plain, unit: '' }
  const currency = CURRENCY.exec(trimmed)?.[0] ?? ''
  const [, sign = '', written = '', exponent = '', rest = ''] = FORM.exec(trimmed.slice(currency.length)) ?? []
  const digits = numberOf(written.trim(), mark)
  // no unit has digits, but dates, addresses and 0x10 have
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

/** What the numbers of a file say of their decimal mark: `sure` where some can be read in one way only. */
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
  // where cells stand between semicolons, commas were taken
  return { mark: cellMark === ';' && unclear > 0 ? ',' : '.', sure: unclear === 0 }
}

/** One comma before three digits: 1,234. Nobody writes thousands of nothing: 0,123. */
const isEither = (number: string): boolean => /^[1-9]\d{0,2},\d{3}$/.test(number)
