/** When the incidents of a report went on. Between incidents that are hours apart nothing was wrong: that time is not counted. */
import type { Facts } from './facts.ts'
import { causeKey, incidentResults, timesOf } from './times.ts'

/** ms since the epoch */
export interface Period {
  began: number
  /** when it was mitigated or, if that is unknown, resolved; null: it was not, as far as known */
  ended: number | null
}

/** In order; periods that overlap are one. */
export const periodsOf = (facts: Facts): Period[] => joined(endedByAnother(separate(facts)))

interface Part extends Period {
  causes: ReadonlySet<string>
}

/** Sessions belong together if they name the same incident. */
function separate(facts: Facts): Part[] {
  const parts: Facts[] = []
  for (const one of [
    ...facts.sessions.map((session) => ({ session, ids: session.request.incident_ids })),
    ...facts.incidentIds.map((id) => ({ session: null, ids: [id] })),
  ]) {
    // prettier-ignore
    const same = parts.filter(({ incidentIds }) => incidentIds.some((id) => one.ids.includes(id)))
    const incidentIds = [...new Set([...same.flatMap((part) => part.incidentIds), ...one.ids])]
    const sessions = [...same.flatMap((part) => part.sessions), ...(one.session === null ? [] : [one.session])]
    const incidents = facts.incidents.filter(({ id }) => incidentIds.includes(id))
    parts.splice(0, parts.length, ...parts.filter((part) => !same.includes(part)), { ...facts, incidentIds, sessions, incidents }) // prettier-ignore
  }
  return parts.flatMap((part) => {
    const { began, mitigated, resolved } = timesOf(part)
    const { at } = began
    if (at === null) return []
    const causes = new Set(incidentResults(part).flatMap((result) => causeKey(result) ?? []))
    return [{ began: at, ended: [mitigated.at, resolved.at].find((end) => end !== null && end >= at) ?? null, causes }]
  })
}

/** What ended an incident ended the others of its cause that were going on. */
const endedByAnother = (parts: readonly Part[]): Period[] =>
  parts.map(({ began, ended, causes }) => {
    const others = parts.filter((one) => [...one.causes].some((cause) => causes.has(cause)))
    const ends = others.flatMap((one) => (one.ended !== null && one.ended >= began ? [one.ended] : []))
    return { began, ended: ended ?? ends.toSorted((one, other) => one - other)[0] ?? null }
  })

function joined(periods: readonly Period[]): Period[] {
  const apart: Period[] = []
  for (const next of periods.toSorted((one, other) => one.began - other.began)) {
    const last = apart.at(-1)
    if (last === undefined || (last.ended !== null && last.ended < next.began)) apart.push({ ...next })
    else last.ended = last.ended === null || next.ended === null ? null : Math.max(last.ended, next.ended)
  }
  return apart
}

/** ms; null: not all have ended, or there is none. */
export const durationOf = (periods: readonly Period[]): number | null =>
  periods.length === 0 || periods.some(({ ended }) => ended === null)
    ? null
    : periods.reduce((sum, { began, ended }) => sum + (ended! - began), 0)
