/**
 * Judges which change (deployment, configuration, scaling) could be the cause, and why others are not. A cause precedes its effect (Granger,
 * "Investigating causal relations", Econometrica 1969), and a fault affects the callers. Closeness in time alone proves nothing ("what
 * touched it last" is only a start: Beyer et al., "Site Reliability Engineering", 2016, ch. 12).
 */
import type { CallEdge, Change, Series, TimeRange } from '../observations.ts'
import { type Known, onsetRange } from '../metrics/onset.ts'
import type { Text } from '../verdict.ts'
import { timingAmong } from './change-timing.ts'
import { isWhole, type Paths, pathsIn } from './graph.ts'
import { returnsAmong, undoneBy } from './undone.ts'

const FADES_MS = 5 * 60_000
/** Clock skew and scrape intervals: a change may be recorded slightly after its effect is visible. */
const LATE_MS = 90_000
const LONG_BEFORE = 0.05
/** Moves further away than this cannot be tied to a change. */
const NEAR_MS = FADES_MS * Math.log(1 / LONG_BEFORE)
/** Weight of a change with one reason against it. It is not zero, because samples are coarse and not every failure reaches the callers. */
const DOUBTED = 0.5

/** What was observed of a service. */
export interface Seen {
  service: string
  /** at least one of its signals moved */
  moved: boolean
  /** latency or errors moved, which callers pass on to their own callers */
  suffers: boolean
  /** it had recovered by the end of the window */
  isOver: boolean
  /** the series that moved */
  series: readonly Series[]
}

export interface Circumstances {
  changes: readonly Change[]
  onset: number
  known: Known
  edges: readonly CallEdge[]
  /** the alerted service and everything it calls, directly or not; null: unknown */
  reached: ReadonlySet<string> | null
}

export interface JudgedChange {
  change: Change
  /** 0..1: how plausible it is as the cause of its service's symptoms */
  guilt: number
  /** the first reason against it; null: none */
  against: Text | null
  /** log of how much likelier its time is if it did it (change-timing.ts); null: it cannot be the cause */
  timing: number | null
}

/** Keeps the order of the changes; `services`: most suspect first, by their own signals. */
export function judgeChanges(services: readonly Seen[], circumstances: Circumstances): JudgedChange[] {
  const byService = new Map(services.map((one) => [one.service, one]))
  const began = beginningsOf(circumstances)
  // indexed once: checking each change against all edges and changes would be quadratic
  const calls = { whole: isWhole(circumstances.edges), byCallee: Map.groupBy(circumstances.edges, ({ to }) => to) }
  const innocents = innocentsByType(circumstances)
  const precededBy = precededAmong(services, circumstances, began)
  const clear = clearByOrder(circumstances)
  const timing = timingAmong(circumstances, services.length)
  return circumstances.changes.map((change): JudgedChange => {
    const over = clear(change)
    if (over !== null) return { change, guilt: 0, against: over, timing: null }
    const seen = byService.get(change.service)
    // without data on what it changed, nothing speaks for the change except its time
    if (seen === undefined) return { change, guilt: 0, against: unmoved(change), timing: timing(change, null) }
    const cleared = clearedBy(change, seen, began)
    if (cleared !== null) return { change, guilt: 0, against: cleared, timing: null }
    const doubts = [
      ...outsideOf(circumstances, seen),
      ...unfelt(calls, seen, byService),
      ...precededBy(seen),
      ...usuallyInnocent(innocents.get(change.type) ?? 0),
    ]
    const near = nearness(change, circumstances)
    const isLong = near <= LONG_BEFORE
    return {
      change,
      guilt: isLong ? 0 : doubts.reduce((left, { counts }) => left * counts, near),
      against: isLong ? LONG_AGO : (doubts[0]?.reason ?? null),
      timing: timing(change, began(seen)),
    }
  })
}

/** What the order of the changes alone says against one; null: nothing. */
function clearByOrder(circumstances: Circumstances): (change: Change) => Text | null {
  const { changes, onset } = circumstances
  const [undone, returns] = [undoneBy(onset, changes), returnsAmong(changes)]
  return (change) => {
    if (cameAfter(change, circumstances)) return AFTER
    if (undone.has(change)) return UNDONE
    return returns.has(change) ? RETURNED : null
  }
}

/** After the onset, or after the window. */
const cameAfter = ({ timestamp }: Change, { onset, known }: Circumstances): boolean =>
  timestamp > onset + LATE_MS || timestamp > known.window.end

const AFTER: Text = { en: 'it came after the onset', zh: '發生在異常開始之後' }

const UNDONE: Text = { en: 'it was rolled back before the onset', zh: '在異常開始之前已退版' }

const RETURNED: Text = { en: 'it brought back the release that ran before', zh: '它恢復了先前執行的版本' }

/** 1 right before the onset, decaying with age; 0 after it. */
const nearness = (change: Change, circumstances: Circumstances): number =>
  cameAfter(change, circumstances) ? 0 : Math.exp(-Math.max(0, circumstances.onset - change.timestamp) / FADES_MS)

type Beginnings = (seen: Seen) => TimeRange | null

/** When the signals of a service began to move; searched around the onset, and cached. */
function beginningsOf({ known, onset }: Circumstances): Beginnings {
  const { window } = known
  const among = {
    start: Math.max(window.start, onset - NEAR_MS - LATE_MS),
    end: Math.min(window.end, onset + NEAR_MS),
  }
  const found = new Map<Seen, TimeRange | null>()
  return (seen) => {
    if (!found.has(seen)) found.set(seen, onsetRange(seen.series, known, among))
    return found.get(seen)!
  }
}

const LONG_AGO: Text = { en: 'it came long before the onset', zh: '遠早於異常發生' }

const unmoved = ({ service }: Change): Text => ({
  en: `no signal of ${service || 'what it changed'} moved`,
  zh: `${service === '' ? '被變更的對象' : `${service} `}的訊號沒有變化`,
})

/** null: it may be the cause. */
function clearedBy(change: Change, seen: Seen, began: Beginnings): Text | null {
  if (!seen.moved) return unmoved(change)
  const own = began(seen)
  return own !== null && own.end < change.timestamp - LATE_MS
    ? { en: `signals of ${seen.service} moved before the change`, zh: `${seen.service} 的訊號在變更之前就已異常` }
    : null
}

/** A reason to suspect a change less, and the factor it is scaled by. */
interface Doubt {
  counts: number
  reason: Text
}

const outsideOf = ({ reached }: Circumstances, { service }: Seen): Doubt[] =>
  reached === null || reached.has(service)
    ? []
    : [{ counts: DOUBTED, reason: { en: `the alerted service does not call ${service}`, zh: `發出告警的服務不會呼叫 ${service}` } }] // prettier-ignore

interface Calls {
  whole: boolean
  byCallee: ReadonlyMap<string, readonly CallEdge[]>
}

function unfelt({ whole, byCallee }: Calls, { service }: Seen, byService: ReadonlyMap<string, Seen>): Doubt[] {
  const callers = (byCallee.get(service) ?? []).filter(({ from }) => from !== service)
  if (callers.length === 0 || !whole || callers.some(({ from }) => byService.get(from)?.suffers)) return []
  return [{ counts: DOUBTED, reason: { en: `no caller of ${service} was affected`, zh: `呼叫 ${service} 的服務都未受影響` } }] // prettier-ignore
}

/** A doubt if the most suspect other service that could explain this one moved clearly earlier. */
function precededAmong(
  services: readonly Seen[],
  { edges }: Circumstances,
  began: Beginnings,
): (seen: Seen) => Doubt[] {
  const known = new Map<Seen, Doubt[]>()
  const isOnPath = pathsIn(edges)
  return (seen) => {
    if (!known.has(seen)) known.set(seen, preceded(seen, services, isOnPath, began))
    return known.get(seen)!
  }
}

function preceded(seen: Seen, services: readonly Seen[], isOnPath: Paths, began: Beginnings): Doubt[] {
  const mayExplain = (one: Seen): boolean =>
    one !== seen && !(one.isOver && !seen.isOver) && isOnPath(one.service, seen.service) !== false
  const other = services.find(mayExplain)
  const [own, others] = [began(seen), other === undefined || !other.moved ? null : began(other)]
  if (own === null || others === null || !(others.end < own.start)) return []
  return [{ counts: DOUBTED, reason: { en: `${other!.service} moved before ${seen.service}`, zh: `${other!.service} 比 ${seen.service} 更早出現異常` } }] // prettier-ignore
}

/**
 * A doubt if earlier changes of the same type were harmless. Weighted by Laplace's rule of succession (1774: a Beta(1, 1) prior), relative to
 * its value for a first change.
 */
function usuallyInnocent(count: number): Doubt[] {
  if (count === 0) return []
  return [{ counts: 2 / (2 + count), reason: { en: `${count} earlier ${count === 1 ? 'change' : 'changes'} of this type broke nothing`, zh: `先前 ${count} 次同類變更均未引發異常` } }] // prettier-ignore
}

function innocentsByType(circumstances: Circumstances): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const one of circumstances.changes)
    if (one.timestamp < circumstances.onset && nearness(one, circumstances) <= LONG_BEFORE)
      counts.set(one.type, (counts.get(one.type) ?? 0) + 1)
  return counts
}

/** A change without a service belongs to the only service named in its file paths. */
export function withService(change: Change, services: ReadonlySet<string>): Change {
  if (change.service !== '' || change.detail === undefined) return change
  const parts = new Set(JSON.stringify(change.detail).split(/[^\w.-]+/))
  const named = [...parts].filter((part) => services.has(part))
  return named.length === 1 ? { ...change, service: named[0]! } : change
}
