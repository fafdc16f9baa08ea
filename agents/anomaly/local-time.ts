/** What clocks show in a time zone. */

export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
export type Day = (typeof DAYS)[number]

export const MINUTE = 60_000
const DAY = 86_400_000

/** Clocks are put forward and back on a quarter of an hour, UTC. */
const QUARTER = 15 * MINUTE

interface Zone {
  format: Intl.DateTimeFormat
  /** the last offset, and the quarter of an hour that it is of */
  quarter: number
  offset: number
}
/** Kept, because formats are slow to make and to use. */
const zones = new Map<string, Zone>()

/** ms by which clocks there are ahead of UTC at `now` (ms since the epoch). */
function offsetIn(name: string, now: number): number {
  const zone = zones.get(name) ?? { format: formatIn(name), quarter: NaN, offset: NaN }
  zones.set(name, zone)
  const quarter = Math.floor(now / QUARTER) * QUARTER
  if (zone.quarter !== quarter) {
    const parts = new Map(zone.format.formatToParts(quarter).map(({ type, value }) => [type, Number(value)]))
    const [year, month, ...rest] = (['year', 'month', 'day', 'hour', 'minute', 'second'] as const).map((type) => parts.get(type)!) // prettier-ignore
    zone.offset = Date.UTC(year!, month! - 1, ...rest) - quarter
    zone.quarter = quarter
  }
  return zone.offset
}

const formatIn = (timeZone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' }) // prettier-ignore

/** `zone`: IANA time zone; `now`: ms since the epoch; `minute`: after midnight. */
export function localTime(zone: string, now: number): { day: Day; minute: number } {
  const shown = now + offsetIn(zone, now)
  return { day: DAYS[new Date(shown).getUTCDay()]!, minute: Math.floor((shown % DAY) / MINUTE) }
}

export const dayBefore = (day: Day): Day => DAYS[(DAYS.indexOf(day) + 6) % 7]!

/** When clocks there show this (a date and time without offset): never where they are put forward over it, twice where they are put back over it. */
export function momentsOf(zone: string, shown: string): number[] {
  const wanted = Date.parse(`${shown}Z`)
  const offsets = new Set([wanted - DAY, wanted + DAY].map((near) => offsetIn(zone, near)))
  return [...offsets].flatMap((offset) => (offsetIn(zone, wanted - offset) === offset ? wanted - offset : []))
}
