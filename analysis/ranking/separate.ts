/** Two faults at once: which of the disturbed services has one of its own beside the first. */
import { INCIDENT_SCORE } from '../investigate.ts'
import type { CallEdge } from '../observations.ts'
import type { Family } from './families.ts'
import type { Paths } from './graph.ts'
import type { Suspect } from './services.ts'

/** A caller in trouble passes these on: it asks less, or in vain, or again. */
const OF_CALLERS: ReadonlySet<Family> = new Set<Family>(['traffic', 'logs', 'paths', 'waiting'])

/** As loud as an incident, with no path of calls between the two, or over while the first goes on. */
export function isSeparate(one: Suspect, top: Suspect, edges: readonly CallEdge[], isOnPath: Paths): boolean {
  if (one.own < INCIDENT_SCORE) return false
  if (one.phase === 'over' && top.phase === 'going_on') return true
  if (isOnPath(top.service, one.service) !== false) return false
  const isShared = edges.some(({ from, to }) => to === one.service && isOnPath(top.service, from) === true)
  return !isShared || isAtFault(one)
}

/** By more than what whoever calls it may have brought about. */
const isAtFault = ({ families, logs }: Suspect): boolean =>
  [...families].some(([family, score]) => !OF_CALLERS.has(family) && score >= INCIDENT_SCORE) ||
  logs.some(({ severity }) => severity === 'critical')
