/** What clocks show in a time zone. */

export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
export type Day = (typeof DAYS)[number]

export const MINUTE = 60_000
const DAY = 86_400_000

/** By zone: making one takes longer than using it. */
const formats = new Map<string, Intl.DateTimeFormat>()

/** The date and time there at `now` (ms since the epoch), as ms since the epoch if they were UTC; to the second. */
function shownIn(zone: string, now: number): number {
  const format = formats.get(zone) ?? new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' }) // prettier-ignore
  formats.set(zone, format)
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, Number(value)]))
  const [year, month, ...rest] = (['year', 'month', 'day', 'hour', 'minute', 'second'] as const).map((type) => parts.get(type)!) // prettier-ignore
  return Date.UTC(year!, month! - 1, ...rest)
}

/** `zone`: IANA time zone; `now`: ms since the epoch; `minute`: after midnight. */
export function localTime(zone: string, now: number): { day: Day; minute: number } {
  const shown = shownIn(zone, now)
  return { day: DAYS[new Date(shown).getUTCDay()]!, minute: Math.floor((shown % DAY) / MINUTE) }
}

export const dayBefore = (day: Day): Day => DAYS[(DAYS.indexOf(day) + 6) % 7]!

/** When clocks there show this (a date and time without offset): never where they are put forward over it, twice where they are put back over it. */
export function momentsOf(zone: string, shown: string): number[] {
  const wanted = Date.parse(`${shown}Z`)
  const offsets = new Set([wanted - DAY, wanted + DAY].map((near) => shownIn(zone, near) - near))
  return [...offsets].map((offset) => wanted - offset).filter((moment) => shownIn(zone, moment) === wanted)
}
