/**
 * Diagnoses an incident from metrics, logs, traces, changes and the call graph, without a language model. Pure: no I/O, no clock. Every
 * service in the data is ranked; every claim cites evidence.
 */
import { concludeOne, type Conclusion } from './against-before.ts'
import { sinceLastEnded } from './ended.ts'
import { episodesOf } from './episodes.ts'
import { smallest } from './extremes.ts'
import { recordedOf } from './history.ts'
import { median } from './metrics/robust.ts'
import { countWithin, preparedAll } from './metrics/samples.ts'
import type { Observations } from './observations.ts'
import { unlessDaily } from './other-days.ts'
import { unlessRepeated } from './repeated.ts'
import { firingIn, standingIn, standsAgainst } from './standing.ts'
import type { EarlierIncident, Verdict } from './verdict.ts'

export const diagnose = (observations: Observations): Verdict => conclude(observations).verdict

/** The verdict, with the inputs of its confidence. */
export function conclude(given: Observations): Conclusion {
  const { observations, earlier } = sinceLastEnded(given)
  const { verdict, ...inputs } = concludeSince(observations)
  return { ...inputs, verdict: { ...verdict, earlier: [...earlier, ...verdict.earlier] } }
}

function concludeSince(asked: Observations): Conclusion {
  const recorded = recordedOf(asked)
  if (recorded === null) return concludeRecorded(asked)
  const within = concludeRecorded(recorded.observations)
  // a comparison within the window alone cannot clear a service
  const { verdict, ...inputs } = within.verdict.verdict === 'incident' ? within : concludeRecorded(asked)
  return { ...inputs, verdict: { ...verdict, missing: [recorded.missing, ...verdict.missing] } }
}

function concludeRecorded(given: Observations): Conclusion {
  const known = { ...given, series: preparedAll(given.series) }
  const standing = standingIn(known)
  const concluded = unlessRepeated(given, known, unlessDaily(given, known, concludeEpisodes(given, known)))
  if (standing.length === 0) return concluded
  const moved = new Set(
    concluded.verdict.rootCauses.filter(({ phase }) => phase !== null).map(({ service }) => service),
  )
  const isExplained = standing.every(({ service, series }) => series === null || moved.has(service))
  const found = isExplained && concluded.verdict.verdict === 'incident' ? concluded : lookAgain(given, concluded)
  return { ...found, verdict: standsAgainst(found.verdict, standing) }
}

/** With several outages in one window, diagnoses the one that is going on and lists earlier ones. */
function concludeEpisodes(given: Observations, known: Observations): Conclusion {
  const episodes = episodesOf(known)
  const last = episodes === null ? null : concludeOne(episodes.last)
  if (episodes === null || last?.verdict.verdict !== 'incident') return concludeOne(given)
  return { ...last, verdict: { ...last.verdict, earlier: earlierIn(concludeOne(episodes.before).verdict) } }
}

/** Summary of an incident that is over, for the verdict on the next one. */
const earlierIn = ({ verdict, rootCauses: [cause], phase, onset }: Verdict): EarlierIncident[] =>
  verdict !== 'incident' || cause === undefined || onset === null
    ? []
    : [{ service: cause.service, since: cause.since ?? onset, until: phase === 'over' ? cause.until : null }]

/** The last minutes are compared on their own, because a late onset barely moves the averages of a long window. */
const LATELY_MS = 5 * 60_000
const FEWEST = 8

function lookAgain(given: Observations, concluded: Conclusion): Conclusion {
  const { window, baseline, onset: _onset, ...rest } = given
  // the time since an alert fired is not baseline; alerts that fired before the window are ignored here
  const seen = firingIn(given).flatMap(({ since = -Infinity }) => (since > window.start ? [since] : []))
  const start = Math.min(window.end - LATELY_MS, smallest(seen))
  const samples = median(given.series.map(({ times }) => countWithin(times, { start, end: window.end })))
  if (!(start > window.start) || samples < FEWEST) return concluded
  const before = { start: Math.min(baseline?.start ?? window.start, window.start), end: start }
  const again = concludeOne({ ...rest, window: { start, end: window.end }, baseline: before })
  return again.verdict.verdict === 'incident' ? again : concluded
}
