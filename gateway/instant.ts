import type { FormatDefinition } from 'ajv'
import { fullFormats } from 'ajv-formats/dist/formats.js'

const { validate } = fullFormats['date-time'] as FormatDefinition<string>
const parts = /^(\d{4}-\d\d-\d\d)t(\d\d:\d\d):(\d\d)(\.\d+)?(z|[+-]\d\d:\d\d)$/i

/** Ms since the epoch of an RFC 3339 timestamp with offset; NaN for other text. A leap second becomes the first second of the next minute. */
export function instantOf(text: string): number {
  const [, date, minute, second, fraction = '', offset = ''] = parts.exec(text) ?? []
  if (date === undefined || !(validate as (text: string) => boolean)(text)) return Number.NaN
  const leaps = second === '60'
  return Date.parse(`${date}T${minute}:${leaps ? '59' : second}${fraction}${offset.toUpperCase()}`) + (leaps ? 1000 : 0)
}
