/**
 * What is wrong, since when, because of what: from numbers, log lines, changes and the call graph, without a model. Pure: no I/O, no
 * clock. Each service that was seen is ranked; every claim cites evidence.
 */
import { concludeOne, type Conclusion } from './against-before.ts'
import { sinceLastEnded } from './ended.ts'
import { episodesOf } from './episodes.ts'
import { smallest } from './extremes.ts'
import { recordedOf } from './history.ts'
import { median } from './metrics/robust.ts'
import { countWithin, prepared } from './metrics/samples.ts'
import type { Observations } from './observations.ts'
import { unlessRepeated } from './repeated.ts'
import { firingIn, standingIn, standsAgainst } from './standing.ts'
import type { EarlierIncident, Verdict } from './verdict.ts'

export const diagnose = (observations: Observations): Verdict => conclude(observations).verdict

/** The verdict with the signs its confidence rests on. */
export function conclude(given: Observations): Conclusion {
  const asked = sinceLastEnded(given)
  const recorded = recordedOf(asked)
  if (recorded === null) return concludeRecorded(asked)
  const within = concludeRecorded(recorded.observations)
  // who was compared with the window alone is not cleared by it
  const { signs, verdict } = within.verdict.verdict === 'incident' ? within : concludeRecorded(asked)
  return { signs, verdict: { ...verdict, missing: [recorded.missing, ...verdict.missing] } }
}

function concludeRecorded(given: Observations): Conclusion {
  const known = { ...given, series: given.series.map(prepared) }
  const standing = standingIn(known)
  const concluded = unlessRepeated(given, known, concludeEpisodes(given, known))
  if (standing.length === 0) return concluded
  const moved = new Set(
    concluded.verdict.rootCauses.filter(({ phase }) => phase !== null).map(({ service }) => service),
  )
  const isExplained = standing.every(({ service, series }) => series === null || moved.has(service))
  const found = isExplained && concluded.verdict.verdict === 'incident' ? concluded : lookAgain(given, concluded)
  return { ...found, verdict: standsAgainst(found.verdict, standing) }
}

/** Several outages in one window: the one that goes on is told, and what was before it. */
function concludeEpisodes(given: Observations, known: Observations): Conclusion {
  const episodes = episodesOf(known)
  const last = episodes === null ? null : concludeOne(episodes.last)
  if (episodes === null || last?.verdict.verdict !== 'incident') return concludeOne(given)
  return { ...last, verdict: { ...last.verdict, earlier: earlierIn(concludeOne(episodes.before).verdict) } }
}

/** What of an incident that is over concerns the next one. */
const earlierIn = ({ verdict, rootCauses: [cause], phase, onset }: Verdict): EarlierIncident[] =>
  verdict !== 'incident' || cause === undefined || onset === null
    ? []
    : [{ service: cause.service, since: cause.since ?? onset, until: phase === 'over' ? cause.until : null }]

/** The last minutes alone: what began late in a long window moves little of it. So many samples of the typical series tell. */
const LATELY_MS = 5 * 60_000
const FEWEST = 8

function lookAgain(given: Observations, concluded: Conclusion): Conclusion {
  const { window, baseline, onset: _onset, ...rest } = given
  // what an alert is about began when it was seen: the time since then is no baseline. One that fires for longer tells nothing of the window
  const seen = firingIn(given).flatMap(({ since = -Infinity }) => (since > window.start ? [since] : []))
  const start = Math.min(window.end - LATELY_MS, smallest(seen))
  const samples = median(given.series.map(({ times }) => countWithin(times, { start, end: window.end })))
  if (!(start > window.start) || samples < FEWEST) return concluded
  const before = { start: Math.min(baseline?.start ?? window.start, window.start), end: start }
  const again = concludeOne({ ...rest, window: { start, end: window.end }, baseline: before })
  return again.verdict.verdict === 'incident' ? again : concluded
}
