/** Two simultaneous faults: whether a disturbed service has a fault of its own, unrelated to the first. */
import { INCIDENT_SCORE } from '../investigate.ts'
import type { CallEdge } from '../observations.ts'
import type { Family } from './families.ts'
import type { Paths } from './graph.ts'
import type { Suspect } from './services.ts'

/** Symptoms that a failing caller can cause: fewer, failed or repeated requests. */
const OF_CALLERS: ReadonlySet<Family> = new Set<Family>(['traffic', 'logs', 'paths', 'waiting'])

/** Severe enough for an incident, and either over while the first is going on, or not connected to the first by calls. */
export function isSeparate(one: Suspect, top: Suspect, edges: readonly CallEdge[], isOnPath: Paths): boolean {
  if (one.own < INCIDENT_SCORE) return false
  if (one.phase === 'over' && top.phase === 'going_on') return true
  if (isOnPath(top.service, one.service) !== false) return false
  const isShared = edges.some(({ from, to }) => to === one.service && isOnPath(top.service, from) === true)
  return !isShared || isAtFault(one)
}

/** It has evidence that a caller cannot have caused. */
const isAtFault = ({ families, logs }: Suspect): boolean =>
  [...families].some(([family, score]) => !OF_CALLERS.has(family) && score >= INCIDENT_SCORE) ||
  logs.some(({ severity }) => severity === 'critical')
