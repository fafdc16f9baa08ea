/** The alert of incident.json: in our own words, or an item of `alerts` as Alertmanager and its kin send it. */
import { smallest } from '../analysis/extremes.ts'
import type { Alert } from '../analysis/observations.ts'
import type { Incident } from './incident.ts'
import { parseInstant } from './instant.ts'

/** As alert rules and their receivers name when it fired: `startsAt`, `activeAt`, `fired_at`, `started_at`, `since`. */
const FIRED = /^(starts|started|active|fired|since)(_?at)?$/i

export function alertOf(alert: NonNullable<Incident['alert']>): Alert {
  const { labels = {}, annotations = {} } = alert
  const { service = labels['service'], severity = labels['severity'] } = alert
  const summary = alert.summary ?? annotations['summary'] ?? annotations['description'] ?? labels['alertname'] ?? ''
  // beside the labels, where every payload has it, or among them, where people write it
  const fired = [...instantsIn(alert, FIRED), ...instantsIn(labels, FIRED)]
  return {
    summary,
    labels,
    ...(service === undefined ? {} : { service }),
    ...(severity === undefined ? {} : { severity }),
    ...(fired.length === 0 ? {} : { since: smallest(fired) }),
  }
}

/** Of the fields with such a name. The year 1 is how a time that is not known is written. */
const instantsIn = (fields: object, name: RegExp): number[] =>
  Object.entries(fields)
    .flatMap(([key, value]: [string, unknown]) =>
      name.test(key) && typeof value === 'string' ? parseInstant(value) : [],
    )
    .filter((instant) => instant > 0)
