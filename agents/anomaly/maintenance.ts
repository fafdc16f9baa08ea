/** Announced maintenance: what goes off in it is kept out. Pure. */
import type { TimeRange } from '../../analysis/observations.ts'
import type { Exception } from '../../analysis/watch/exceptions.ts'
import { matchesPattern } from '../../tenants/pattern.ts'
import { type Day, dayBefore, localTime, MINUTE } from './local-time.ts'

export interface Weekly {
  /** on which it begins */
  days: readonly Day[]
  /** minutes after midnight; `to` before `from` crosses midnight */
  from: number
  to: number
  /** IANA time zone */
  zone: string
}

export interface Maintenance {
  /** names with `*` for any characters */
  services: readonly string[]
  /** null: all */
  indicators: readonly string[] | null
  /** a time range is once, ms since the epoch */
  window: TimeRange | Weekly
}

export const isAbout = ({ services }: Pick<Maintenance, 'services'>, service: string): boolean =>
  services.some((pattern) => matchesPattern(pattern, service))

/** When it is open between the start and the end of `range`, in order; the first one may have begun, and the last one may end, outside of it. */
export function openings(window: Maintenance['window'], { start, end }: TimeRange): TimeRange[] {
  if ('start' in window) return window.start <= end && window.end > start ? [window] : []
  const open: TimeRange[] = []
  // minute by minute, because the clocks of the zone may be put forward or back
  for (let minute = Math.floor(start / MINUTE) * MINUTE; minute <= end; minute += MINUTE) {
    if (!isOpen(window, minute)) continue
    const last = open.at(-1)
    if (last?.end === minute) last.end += MINUTE
    else open.push({ start: minute, end: minute + MINUTE })
  }
  return open
}

const WEEK = 7 * 24 * 60 * MINUTE

/** The one that is open at `now`, or else the next. null: there is none any more. */
export const nextOpening = (window: Maintenance['window'], now: number): TimeRange | null =>
  openings(window, { start: now, end: 'start' in window ? Infinity : now + 2 * WEEK })[0] ?? null

function isOpen({ days, from, to, zone }: Weekly, now: number): boolean {
  const { day, minute } = localTime(zone, now)
  if (from < to) return days.includes(day) && minute >= from && minute < to
  return minute >= from ? days.includes(day) : minute < to && days.includes(dayBefore(day))
}

/** What is kept out of what is judged from the start to the end of `range`. */
export const maintenanceOf = (
  all: readonly Maintenance[],
  services: readonly string[],
  range: TimeRange,
): Exception[] =>
  all.flatMap((maintenance) => {
    const { indicators, window } = maintenance
    const times = openings(window, range)
    const which = times.length === 0 ? [] : services.filter((service) => isAbout(maintenance, service))
    const about = { reason: 'maintenance', ...(indicators === null ? {} : { indicators }) } as const
    return which.flatMap((service) => times.map((time) => ({ service, ...time, ...about })))
  })
