import type { FormatDefinition } from 'ajv'
import { fullFormats } from 'ajv-formats/dist/formats.js'

const { validate } = fullFormats['date-time'] as FormatDefinition<string>
const parts = /^(\d{4}-\d\d-\d\d)t(\d\d:\d\d):(\d\d)(\.\d+)?(z|[+-]\d\d:\d\d)$/i

/**
 * Ms since the epoch of an RFC 3339 time with its offset; NaN for any other text. A leap second is the first one of the next minute,
 * as clocks count that have none.
 */
export function instantOf(text: string): number {
  const [, date, minute, second, fraction = '', offset = ''] = parts.exec(text) ?? []
  if (date === undefined || !(validate as (text: string) => boolean)(text)) return Number.NaN
  const leaps = second === '60'
  return Date.parse(`${date}T${minute}:${leaps ? '59' : second}${fraction}${offset.toUpperCase()}`) + (leaps ? 1000 : 0)
}
