/** Past incidents as entries of the memory, and which of them a new one looks like. Pure. */
import type { Entry, PastIncident } from './entry.ts'

const MOST_CHARACTERS = 4000

/** `time`: when it began, ms since the epoch. One entry for each session, whatever is learned of it later. */
export const incidentEntry = (incident: PastIncident, time: number): Entry => ({
  ...{ id: incident.session_id, source: incident.incident_ids[0] ?? incident.session_id },
  headings: [incident.cause.en],
  text: [incident.cause.zh, wordsOfAction(incident), ...incident.templates].join('\n').slice(0, MOST_CHARACTERS).toWellFormed(), // prettier-ignore
  services: [incident.service],
  time,
  incident,
})

const wordsOfAction = ({ indicator, change, helped }: PastIncident): string =>
  [indicator, change, helped === null ? null : `${helped.type} ${helped.service}`].filter((one) => one !== null).join(' ') // prettier-ignore

/** What a diagnosis found of its first cause. */
export type Seen = Pick<PastIncident, 'service' | 'indicator' | 'change' | 'templates'>

/**
 * How much they have in common besides the service: the indicator, the kind of change, and log templates that were new. 0: nothing, or another service, so it
 * does not look like it, however near its words are.
 */
export function likeness(seen: Seen, past: PastIncident): number {
  if (seen.service !== past.service) return 0
  const templates = seen.templates.filter((one) => past.templates.includes(one)).length
  return (
    Number(seen.indicator !== null && seen.indicator === past.indicator) +
    Number(seen.change !== null && seen.change === past.change) +
    Math.min(1, templates)
  )
}
