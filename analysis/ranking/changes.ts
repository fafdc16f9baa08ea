/**
 * Deployments, configuration, scaling: which could have begun it, and why the others did not. A cause comes before what it causes (Granger,
 * "Investigating causal relations", Econometrica 1969), and what breaks is felt by those who call it; nearness in time alone proves
 * nothing (what touched it last is where to begin, and correlation no causation: Beyer et al., "Site Reliability Engineering", 2016, ch. 12).
 */
import type { CallEdge, Change, Series, TimeRange } from '../observations.ts'
import { type Known, onsetRange } from '../metrics/onset.ts'
import type { Text } from '../verdict.ts'
import { isWhole, type Paths, pathsIn } from './graph.ts'

const FADES_MS = 5 * 60_000
/** Clocks and scrapes are not exact: a change may be noted a little after what it did was seen. */
const LATE_MS = 90_000
const LONG_BEFORE = 0.05
/** Signals that moved earlier than a change can be near are not asked about. */
const NEAR_MS = FADES_MS * Math.log(1 / LONG_BEFORE)
/** For what a change counts when something speaks against it that clears it not: samples are coarse, and not every failure is passed on. */
const DOUBTED = 0.5

/** What is known of a service, whether it was changed or not. */
export interface Seen {
  service: string
  /** anything of it moved */
  moved: boolean
  /** something moved that callers pass on to theirs, latency or failures */
  suffers: boolean
  /** what it showed was over at the end of the window */
  isOver: boolean
  /** those that moved */
  series: readonly Series[]
}

export interface Circumstances {
  changes: readonly Change[]
  onset: number
  known: Known
  edges: readonly CallEdge[]
  /** the alerted service and all it calls; null: not known */
  reached: ReadonlySet<string> | null
}

export interface JudgedChange {
  change: Change
  /** 0..1: how far it may have begun what its service shows */
  guilt: number
  /** the first that speaks against it; null: nothing by itself */
  against: Text | null
}

/** Changes in the order given; `services`: the most suspect first, by what they show themselves. */
export function judgeChanges(services: readonly Seen[], circumstances: Circumstances): JudgedChange[] {
  const byService = new Map(services.map((one) => [one.service, one]))
  const began = beginningsOf(circumstances)
  // looked up once: with many changes, each asked of all edges and all changes would take the square of them
  const calls = { whole: isWhole(circumstances.edges), byCallee: Map.groupBy(circumstances.edges, ({ to }) => to) }
  const innocents = innocentsByType(circumstances)
  const precededBy = precededAmong(services, circumstances, began)
  return circumstances.changes.map((change) => {
    const near = nearness(change, circumstances)
    const seen = byService.get(change.service)
    const cleared = cameAfter(change, circumstances) ? AFTER : clearedBy(change, near, seen, began)
    if (seen === undefined || cleared !== null) return { change, guilt: 0, against: cleared }
    const doubts = [
      ...outsideOf(circumstances, seen),
      ...unfelt(calls, seen, byService),
      ...precededBy(seen),
      ...usuallyInnocent(innocents.get(change.type) ?? 0),
    ]
    const guilt = doubts.reduce((left, { counts }) => left * counts, near)
    return { change, guilt, against: doubts[0]?.reason ?? null }
  })
}

/** After the onset, or after all that was looked at. */
const cameAfter = ({ timestamp }: Change, { onset, known }: Circumstances): boolean =>
  timestamp > onset + LATE_MS || timestamp > known.window.end

const AFTER: Text = { en: 'it came after the disturbance began', zh: '發生在異常開始之後' }

/** 1 right before the onset, fading; 0 when it came after. */
const nearness = (change: Change, circumstances: Circumstances): number =>
  cameAfter(change, circumstances) ? 0 : Math.exp(-Math.max(0, circumstances.onset - change.timestamp) / FADES_MS)

type Beginnings = (seen: Seen) => TimeRange | null

/** When the signals of a service began to move, looked for around the onset, and only once. */
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

/** null: it may have begun it. */
function clearedBy(change: Change, near: number, seen: Seen | undefined, began: Beginnings): Text | null {
  if (seen === undefined || !seen.moved)
    return {
      en: `nothing of ${change.service || 'what it changed'} moved`,
      zh: `${change.service === '' ? '被變更的對象' : `${change.service} `}的訊號沒有變化`,
    }
  if (near <= LONG_BEFORE) return { en: 'it came long before the disturbance', zh: '遠早於異常發生' }
  const own = began(seen)
  return own !== null && own.end < change.timestamp - LATE_MS
    ? { en: `the signals of ${seen.service} moved before it`, zh: `${seen.service} 的訊號在變更之前就已異常` }
    : null
}

/** What makes a change less suspect, and what it counts for then. */
interface Doubt {
  counts: number
  reason: Text
}

const outsideOf = ({ reached }: Circumstances, { service }: Seen): Doubt[] =>
  reached === null || reached.has(service)
    ? []
    : [{ counts: DOUBTED, reason: { en: `the alerted service does not call ${service}`, zh: `發出警報的服務不會呼叫 ${service}` } }] // prettier-ignore

interface Calls {
  whole: boolean
  byCallee: ReadonlyMap<string, readonly CallEdge[]>
}

function unfelt({ whole, byCallee }: Calls, { service }: Seen, byService: ReadonlyMap<string, Seen>): Doubt[] {
  const callers = (byCallee.get(service) ?? []).filter(({ from }) => from !== service)
  if (callers.length === 0 || !whole || callers.some(({ from }) => byService.get(from)?.suffers)) return []
  return [{ counts: DOUBTED, reason: { en: `none of the callers of ${service} suffered`, zh: `呼叫 ${service} 的服務都未受影響` } }] // prettier-ignore
}

/** The most suspect of the others that could explain it had certainly begun to move when this service had certainly not. */
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
 * Others of its type came long before the onset and began nothing. The rule of succession (Laplace, 1774: a Beta(1, 1) prior), against what
 * it says of the first.
 */
function usuallyInnocent(count: number): Doubt[] {
  if (count === 0) return []
  return [{ counts: 2 / (2 + count), reason: { en: `${count} of its kind before began nothing`, zh: `先前 ${count} 次同類變更均未引發異常` } }] // prettier-ignore
}

function innocentsByType(circumstances: Circumstances): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const one of circumstances.changes)
    if (one.timestamp < circumstances.onset && nearness(one, circumstances) <= LONG_BEFORE)
      counts.set(one.type, (counts.get(one.type) ?? 0) + 1)
  return counts
}

/** A change that names no service is of the one service whose folder its files lie in. */
export function withService(change: Change, services: ReadonlySet<string>): Change {
  if (change.service !== '' || change.detail === undefined) return change
  const parts = new Set(JSON.stringify(change.detail).split(/[^\w.-]+/))
  const named = [...parts].filter((part) => services.has(part))
  return named.length === 1 ? { ...change, service: named[0]! } : change
}
