/**
 * Several outages in one window are several incidents. What goes on at its end is what is asked about; what ended before is told, and
 * explains nothing of it.
 */
import { seriesOfUsers } from './earlier-incidents.ts'
import { largest, smallest } from './extremes.ts'
import { pausesIn, suspectedIn } from './metrics/disturbed.ts'
import type { Observations } from './observations.ts'

/** At the end of the window: what lasted until so long before goes on. */
const STILL_MS = 60_000
/** Of the window, what an earlier one takes at least. */
const SHORTEST_MS = 60_000

export interface Episodes {
  /** asks about the last one alone; all before is what it is compared with */
  last: Observations
  /** asks about the time before it */
  before: Observations
}

/** null: there is one at most, or the last of several is over. `observations.series` are prepared. */
export function episodesOf(observations: Observations): Episodes | null {
  const { window, baseline, series } = observations
  const first = series.reduce((least, { times }) => Math.min(least, times[0] ?? least), window.start)
  const start = baseline === undefined || baseline.start > window.start ? first : baseline.start
  const known = { start, end: window.end }
  const users = seriesOfUsers(observations)
  const found = [...suspectedIn(users, known), ...pausesIn(users, series, known)].sort((a, b) => a.start - b.start)
  const goingOn = found.filter(({ end }) => end >= window.end - STILL_MS)
  const begins = smallest(goingOn.map((one) => one.start))
  const ended = found.filter(({ start, end }) => end < begins && end - Math.max(start, window.start) >= SHORTEST_MS)
  const until = largest(ended.map(({ end }) => end))
  if (goingOn.length === 0 || ended.length === 0) return null
  return {
    last: { ...withoutClaim(observations), window: { start: until, end: window.end }, baseline: { start, end: until } },
    before: { ...withoutClaim(observations), window: { start: window.start, end: until } },
  }
}

/** Claimed was the beginning of one of them, and not of which. */
const withoutClaim = ({ onset: _onset, ...rest }: Observations): Observations => rest
