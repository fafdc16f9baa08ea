/**
 * Handles a short history that contains a known incident that is over. Half a minute of calm before it is enough to diagnose it; with the
 * whole history as baseline, the incident would look normal.
 */
import { largest, smallest } from './extremes.ts'
import { firstOf, isMeasured } from './measured.ts'
import { leftOut, merged } from './metrics/disturbed.ts'
import { countWithin } from './metrics/samples.ts'
import type { Change, Disturbed, Observations, TimeRange } from './observations.ts'
import { changedText } from './text.ts'
import type { EarlierIncident, RootCause, Text, Verdict } from './verdict.ts'

export interface Ended {
  /** whether it overlaps the requested window */
  isAsked: boolean
  /** input to diagnose the incident alone, as of its end */
  before: Observations
  /** input to diagnose the time since, against all calm time; `onset`: the diagnosed onset of the incident */
  since(onset: number | null): Observations
  /** the verdict marked as over, with the change after which it recovered */
  over(verdict: Verdict): Verdict
  /** the incident as an entry in the result for the time since */
  toldAs(over: Verdict): EarlierIncident
  /** says how short the baseline is */
  missing: Text
}

export interface Since {
  observations: Observations
  /** incidents that were over before the alert fired */
  earlier: readonly EarlierIncident[]
}

/** An incident starts before it is noticed: by at most this share of the earlier data, and at most this long. */
const [AHEAD, AHEAD_MS] = [1 / 3, 60_000]
/** Minimum number of samples since its end: fewer do not prove that the recovery lasts. */
const FEWEST_SINCE = 8

/**
 * A firing alert is not about an incident that was over before it fired. If a short history has no calm time besides that incident, only
 * the time since its end is used, and the incident is only reported beside it.
 */
export function sinceLastEnded(given: Observations): Since {
  const { window, baseline, alert, disturbed = [] } = given
  const whole = { observations: given, earlier: [] }
  if (baseline !== undefined || alert?.since === undefined || alert.resolved === true) return whole
  const ended = disturbed.filter(({ end }) => end > window.start && end <= alert.since!)
  const until = largest(ended.map(({ end }) => end))
  if (ended.length === 0 || isCalmIn(given, { start: window.start, end: until }, merged(ended))) return whole
  const gone = { start: window.start, end: until }
  const observations = {
    ...given,
    window: { start: until, end: window.end },
    disturbed: disturbed.filter(({ end }) => end > until),
    series: given.series.map((one) => leftOut(one, [gone])),
    logs: given.logs.filter(({ timestamp }) => timestamp >= until),
    spans: given.spans.filter((span) => span.start >= until),
  }
  return { observations, earlier: merged(ended).map((range) => earlierIn(range, ended)) }
}

/** As one incident, of the service that was noticed first. */
function earlierIn(range: TimeRange, ended: readonly Disturbed[]): EarlierIncident {
  const own = ended.filter(({ start, end }) => start < range.end && end > range.start)
  const [first] = own.toSorted((a, b) => noticed(a) - noticed(b))
  return { service: first?.service ?? '', since: first === undefined ? range.start : noticed(first), until: range.end }
}

const noticed = ({ seen, start }: Disturbed): number => seen ?? start

/** The last known incident that ended by the end of the window; null: none, no data before it, or the baseline has calm time without it. */
export function endedIn(given: Observations): Ended | null {
  const { window, baseline, disturbed = [] } = given
  if (baseline === undefined || baseline.end > window.start) return null
  const first = firstOf({ series: given.series, window: { start: baseline.start, end: window.end } })
  const known = disturbed.filter(({ end }) => end > first && end <= window.end)
  const apart = merged(known.map(({ start, end }) => ({ start, end })))
  const last = apart.at(-1)
  if (last === undefined || isCalmIn(given, baseline, apart)) return null
  const own = known.filter(({ end }) => end > last.start)
  const rest = withoutClaims(given, known.filter(({ end }) => end <= last.start)) // prettier-ignore
  const [seen, until] = [smallest(own.map((one) => one.seen ?? one.start)), last.end]
  if (seen <= first) return null
  const begins = seen - Math.min(AHEAD_MS, AHEAD * (seen - first))
  const begun = given.changes.filter(({ timestamp }) => timestamp <= seen)
  const start = Math.max(until, window.start)
  return {
    isAsked: until > window.start,
    // a change after the incident was noticed cannot have caused it
    before: {
      ...rest,
      alert: { summary: '', since: seen, labels: {}, resolved: true },
      baseline: { start: first, end: begins },
      window: { start: begins, end: until },
      changes: begun,
    },
    since: (onset) => ({
      ...rest,
      window: { start, end: window.end },
      baseline: { start: first, end: start },
      disturbed: [...(rest.disturbed ?? []), { ...own.at(-1), start: Math.min(onset ?? seen, seen), end: until }],
    }),
    over: (verdict) => overBy(until, verdict, given, given.changes.filter(({ timestamp }) => timestamp > seen && timestamp <= until)), // prettier-ignore
    toldAs: ({ rootCauses: [cause], onset }) => ({ service: cause?.service ?? '', since: cause?.since ?? onset ?? seen, until }), // prettier-ignore
    missing: shortText(first, seen),
  }
}

/** Whether the baseline has data outside `apart`. */
const isCalmIn = (given: Observations, baseline: TimeRange, apart: readonly TimeRange[]): boolean =>
  isMeasured({ ...given, series: given.series.map((one) => leftOut(one, apart)) }, baseline)

function withoutClaims(given: Observations, disturbed: Observations['disturbed'] & object): Observations {
  const { baseline: _baseline, onset: _onset, alert: _alert, ...rest } = given
  return { ...rest, disturbed }
}

function overBy(until: number, verdict: Verdict, { series, window }: Observations, since: readonly Change[]): Verdict {
  const after = { start: until, end: window.end }
  const samples = largest(
    series.map(({ times }) => countWithin(times, after)),
    0,
  )
  const phase = samples < FEWEST_SINCE ? 'recovering' : 'over'
  const [first] = verdict.rootCauses
  const change = since.findLast(({ service }) => service === first?.service)
  // a service that recovered slightly earlier than the rest is not a separate fault
  const isEarly = (one: RootCause) => one.phase === 'over' && first?.phase === 'going_on'
  return {
    ...verdict,
    phase,
    ...(change === undefined ? {} : { cameBackAfter: changedText(change) }),
    rootCauses: verdict.rootCauses.map((one) =>
      one.phase === null
        ? one
        : { ...one, phase, until: phase === 'over' ? until : null, isSeparate: one.isSeparate && !isEarly(one) },
    ),
  }
}

function shortText(first: number, seen: number): Text {
  const [clock, seconds] = [new Date(first).toISOString().slice(11, 19), Math.max(0, Math.round((seen - first) / 1000))]
  return {
    en: `data starts at ${clock} UTC, only ${seconds} s before the incident was noticed: a short baseline`,
    zh: `資料自 ${clock} UTC 才開始，距發現事故僅 ${seconds} 秒：基準時段過短`,
  }
}
