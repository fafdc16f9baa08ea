/** The alert of incident.json: in our own words, or an item of `alerts` as Alertmanager and its kin send it. */
import { smallest } from '../analysis/extremes.ts'
import type { Alert } from '../analysis/observations.ts'
import type { Incident } from './incident.ts'
import { parseInstant } from './instant.ts'

/** As alert rules and their receivers name when it fired: `startsAt`, `activeAt`, `fired_at`, `started_at`, `since`. */
export const FIRED = /^(starts|started|active|fired|since)(_?at)?$/i

export const ENDED = /^(ends|ended|resolved)(_?at)?$/i
const FIRES = /^(firing|active|suppressed|unprocessed|alerting|open|triggered|acknowledged)$/i
const OVER = /^(resolved|inactive|pending|ok|normal|ended|closed|expired)$/i

export interface AlertState {
  /** in the words of whoever sent it: Alertmanager's `firing` and `active`, Prometheus' `inactive`, Grafana's `alerting` */
  status: string | null
  /** ms since the epoch; null: not known, or not yet */
  ended: number | null
}

/** At `now` (ms since the epoch). Of what fires Alertmanager tells an end to come, or none: the year 1. */
export function firesAt({ status, ended }: AlertState, now: number): boolean {
  if (ended !== null && ended > now) return true
  if (status !== null && FIRES.test(status)) return true
  return ended === null && !OVER.test(status ?? '')
}

/** As it was at `now`, ms since the epoch. */
export function alertOf(alert: NonNullable<Incident['alert']>, now: number): Alert {
  const { labels = {}, annotations = {} } = alert
  const { service = labels['service'], severity = labels['severity'] } = alert
  const summary = alert.summary ?? annotations['summary'] ?? annotations['description'] ?? labels['alertname'] ?? ''
  // beside the labels, where every payload has it, or among them, where people write it
  const fired = [...instantsIn(alert, FIRED), ...instantsIn(labels, FIRED)]
  const ended = [...instantsIn(alert, ENDED), ...instantsIn(labels, ENDED)]
  const state = {
    status: statusOf(alert['status']) ?? statusOf(alert['state']),
    ended: ended.length === 0 ? null : smallest(ended),
  }
  return {
    summary,
    labels,
    ...(service === undefined ? {} : { service }),
    ...(severity === undefined ? {} : { severity }),
    ...(fired.length === 0 ? {} : { since: smallest(fired) }),
    ...(firesAt(state, now) ? {} : { resolved: true }),
  }
}

/** A text, or Alertmanager's `{state}`; null: anything else. */
export function statusOf(status: unknown): string | null {
  const text = typeof status === 'object' && status !== null && 'state' in status ? status.state : status
  return typeof text === 'string' ? text : null
}

/** Of the fields with such a name. The year 1 is how a time that is not known is written. */
export const instantsIn = (fields: object, name: RegExp): number[] =>
  Object.entries(fields)
    .flatMap(([key, value]: [string, unknown]) =>
      name.test(key) && typeof value === 'string' ? parseInstant(value) : [],
    )
    .filter((instant) => instant > 0)
