/** Parses timestamps in the formats that tools export. */
import { isDay, parseInstant } from '../../recording/instant.ts'

const NUMBER = /^-?\d+(?:\.\d+)?$/
const DATE = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$|^(\d{1,2})([-/.])(\d{1,2})\5(\d{4})$/
const CLOCK = /^(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*([ap]\.?m\.?)?$/i
const PARTS = /^([\d/.-]+)(?:(?:,?\s+|T)(\d{1,2}:[\d:.,]+(?:\s*[ap]\.?m\.?)?))?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?$/i

/**
 * RFC 3339; the same without a zone, read as UTC; a date, in any of the usual orders; or a number: an index, or seconds, ms, µs or ns since
 * the epoch. NaN: anything else. `dayFirst`: whether 03/04/2026 is 3 April.
 */
export function parseTime(text: string, dayFirst = false): number {
  if (NUMBER.test(text)) {
    const number = Number(text)
    return Number.isFinite(number) ? number * unitMs(Math.abs(number)) : NaN
  }
  const instant = parseInstant(text)
  if (!Number.isNaN(instant)) return instant
  const [, date = '', clock = '00:00', zone = 'Z'] = PARTS.exec(text) ?? []
  const [day, time] = [dayIn(date, dayFirst), clockIn(clock)]
  if (day === null || time === null || !isDay(day)) return NaN
  return Date.parse(`${day}T${time}${zone.toUpperCase().replace(/UTC|GMT/, 'Z')}`)
}

/** Numbers below 10^9 are an index. */
const unitMs = (size: number): number => (size < 1e9 ? 1 : size < 1e11 ? 1_000 : size < 1e14 ? 1 : size < 1e17 ? 1e-3 : 1e-6) // prettier-ignore

function dayIn(date: string, dayFirst: boolean): string | null {
  const found = DATE.exec(date)
  if (found === null) return null
  const [, year, month, day, first = '', mark, second = '', after] = found
  if (year !== undefined) return `${year}-${month!.padStart(2, '0')}-${day!.padStart(2, '0')}`
  // dots are European: the day comes first
  const [ofDay, ofMonth] = dayFirst || mark === '.' ? [first, second] : [second, first]
  return `${after}-${ofMonth.padStart(2, '0')}-${ofDay.padStart(2, '0')}`
}

function clockIn(clock: string): string | null {
  const found = CLOCK.exec(clock)
  if (found === null) return null
  const [, hour = '', minute = '', second = '00', fraction = '0', half] = found
  const of12 = (Number(hour) % 12) + (half?.toLowerCase().startsWith('p') === true ? 12 : 0)
  return `${String(half === undefined ? Number(hour) : of12).padStart(2, '0')}:${minute}:${second}.${fraction.slice(0, 3)}`
}

/** Detects the order of dates such as 03/04/2026; `sure`: at least one is unambiguous, or there are none. */
export function dayOrderOf(texts: readonly string[]): { dayFirst: boolean; sure: boolean } {
  const dates = texts.flatMap((text) => {
    const found = /^(\d{1,2})[-/](\d{1,2})[-/]\d{4}\b/.exec(text)
    return found === null ? [] : [found]
  })
  const dayFirst = dates.some(([, first]) => Number(first) > 12)
  return { dayFirst, sure: dates.length === 0 || dayFirst || dates.some(([, , second]) => Number(second) > 12) }
}

/** Formats a time as RFC 3339, or as a number if the file has numbers. */
export const formatTime = (time: number, like: string): string => {
  if (!NUMBER.test(like)) return new Date(time).toISOString().replace('.000Z', 'Z')
  return String(Math.round((time / unitMs(Math.abs(Number(like)))) * 1e6) / 1e6)
}
