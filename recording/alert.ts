/** Parses the alert of incident.json: in our own format, or an item of `alerts` as sent by Alertmanager and similar tools. */
import { smallest } from '../analysis/extremes.ts'
import type { Alert } from '../analysis/observations.ts'
import type { Incident } from './incident.ts'
import { parseInstant } from './instant.ts'

/** Names for the time an alert fired: `startsAt`, `activeAt`, `fired_at`, `started_at`, `since`. */
export const FIRED = /^(starts|started|active|fired|since)(_?at)?$/i

export const ENDED = /^(ends|ended|resolved)(_?at)?$/i
const FIRES = /^(firing|active|suppressed|unprocessed|alerting|open|triggered|acknowledged)$/i
const OVER = /^(resolved|inactive|pending|ok|normal|ended|closed|expired)$/i

export interface AlertState {
  /** as sent: `firing` and `active` (Alertmanager), `inactive` (Prometheus), `alerting` (Grafana) */
  status: string | null
  /** ms since the epoch; null: unknown, or not ended */
  ended: number | null
}

/** Whether the alert is firing at `now` (ms since the epoch). For firing alerts Alertmanager sends an end in the future or none (year 1). */
export function firesAt({ status, ended }: AlertState, now: number): boolean {
  if (ended !== null && ended > now) return true
  if (status !== null && FIRES.test(status)) return true
  return ended === null && !OVER.test(status ?? '')
}

/** The alert with its state at `now`, ms since the epoch. */
export function alertOf(alert: NonNullable<Incident['alert']>, now: number): Alert {
  const { labels = {}, annotations = {} } = alert
  const { service = labels['service'], severity = labels['severity'] } = alert
  const summary = alert.summary ?? annotations['summary'] ?? annotations['description'] ?? labels['alertname'] ?? ''
  // payloads have these times next to the labels, people sometimes write them as labels
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

/** The status as a string, or from Alertmanager's `{state}`; null: anything else. */
export function statusOf(status: unknown): string | null {
  const text = typeof status === 'object' && status !== null && 'state' in status ? status.state : status
  return typeof text === 'string' ? text : null
}

/** Times in the fields whose name matches. The year 1 means unknown. */
export const instantsIn = (fields: object, name: RegExp): number[] =>
  Object.entries(fields)
    .flatMap(([key, value]: [string, unknown]) =>
      name.test(key) && typeof value === 'string' ? parseInstant(value) : [],
    )
    .filter((instant) => instant > 0)
