/**
 * Splits a window with several outages into separate incidents. The outage still going on at the end of the window is diagnosed; earlier ones
 * are only listed.
 */
import { seriesOfUsers } from './earlier-incidents.ts'
import { largest, smallest } from './extremes.ts'
import { pausesIn, suspectedIn } from './metrics/disturbed.ts'
import type { Observations } from './observations.ts'

/** A disturbance that ends less than this before the end of the window counts as still going on. */
const STILL_MS = 60_000
/** Minimum length of an earlier outage within the window. */
const SHORTEST_MS = 60_000

export interface Episodes {
  /** input for the last outage alone, with all time before it as baseline */
  last: Observations
  /** input for the time before it */
  before: Observations
}

/** null: at most one outage, or the last one is over. `observations.series` are prepared. */
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

/** Drops the given onset, because it is unknown which outage it belongs to. */
const withoutClaim = ({ onset: _onset, ...rest }: Observations): Observations => rest
