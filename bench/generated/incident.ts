/**
 * One generated case: a system of a family, its traffic, what goes wrong with it (or nothing), and what was observed. Everything follows from the seed. A
 * fault counts only if its node or its users feel it, in comparison with the same course without the fault: otherwise it is made stronger or drawn anew.
 */
import type { Alert, Observations } from '../../analysis/observations.ts'
import type { Side } from '../division.ts'
import { EMPTY } from '../rankings/cases.ts'
import { type Chance, chanceFrom } from './chance.ts'
import { type Changed, drawChanges } from './changes.ts'
import { families, type Family } from './families.ts'
import { drawFault, type Fault } from './faults.ts'
import { seriesOf } from './metrics.ts'
import { type Course, type Load, simulate } from './simulate.ts'
import { drawSystem, type System } from './system.ts'
import { logsOf, spansOf } from './told.ts'
import { drawTraffic, type Surge } from './traffic.ts'

export interface Incident {
  id: string
  family: Family
  /** kind of the fault, `surge` or `quiet` */
  kind: string
  /** the faulty service; null: nothing is wrong */
  truth: string | null
  /** id of the change that did it; null: none did */
  guilty: string | null
  scene: Changed['scene']
  front: string
  services: number
  observations: Observations
}

const QUIET = 0.25
const SURGES = 0.4
const LARGE = 0.04

export const incidentOf = (side: Side, seed: number): Incident => drawIncident(familyOf(side, seed), seed)

/** In turn, so that each has the same number of cases. */
export function familyOf(side: Side, seed: number): Family {
  const own = families.filter((family) => family.side === side)
  return own[seed % own.length]!
}

export function drawIncident(family: Family, seed: number): Incident {
  // the seeds of two families are far apart
  const chance = chanceFrom(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(families.indexOf(family) + 1, 0x85ebca6b))
  const size = chance.happens(LARGE) ? chance.whole(family.size[1], 200) : chance.whole(...family.size)
  const system = drawSystem(chance, family.shape, size)
  const time = drawTime(chance, family)
  const plan = { system, time, family, chance }
  if (!chance.happens(QUIET)) return observed(plan, felt(plan), seed)
  return observed(plan, chance.happens(SURGES) ? surging(plan) : { course: run(plan, { load: trafficOf(plan, null) }), fault: null, isSurge: false }, seed) // prettier-ignore
}

interface Time {
  step: number
  /** ticks */
  count: number
  /** seconds since the first tick: the onset, the start of the window, and the end */
  onset: number
  windowStart: number
  end: number
  /** ms since the epoch of the first tick */
  began: number
}

const SOME_DAY = Date.UTC(2026, 0, 5)

function drawTime(chance: Chance, { steps }: Family): Time {
  const step = chance.pick(steps)
  const [before, during] = [chance.whole(120, 400), chance.whole(12, 60)]
  const onset = before * step
  const window = Math.min(before, chance.whole(0, 40))
  const began = SOME_DAY + chance.whole(0, 27 * 24 * 60) * 60_000
  return { step, count: before + during, onset, windowStart: (before - window) * step, end: (before + during) * step, began } // prettier-ignore
}

interface Plan {
  system: System
  time: Time
  family: Family
  chance: Chance
}

const trafficOf = ({ time, chance }: Plan, surge: Surge | null): Load => drawTraffic(chance, time.began / 1000, surge)

interface Run {
  load: Load
  fault?: Fault | null
  seed?: number
  /** the first tick; absent: from the beginning */
  from?: number
}

const run = (
  { system, time: { step, count }, chance }: Plan,
  { load, fault = null, seed = chance.whole(1, 1e9), from = 0 }: Run,
): Course =>
  // prettier-ignore
  simulate({ system, load, fault, step, ticks: [from, count], chance: chanceFrom(seed) })

const TRIES = 30

/** A fault that is felt, and its course. */
function felt(plan: Plan): Happened {
  const { system, time, chance } = plan
  const [load, seed, from] = [trafficOf(plan, null), chance.whole(1, 1e9), Math.floor(time.onset / time.step) - 2]
  const without = run(plan, { load, seed, from })
  const used = usedBy(plan, without)
  const drawn = (): Fault => fitting(drawFault(chance, { nodes: system.nodes, among: used, start: time.onset }), time)
  let fault = drawn()
  for (let tried = 1; tried < TRIES && !isFelt(plan, fault, run(plan, { load, fault, seed, from }), without); tried++)
    fault = tried % 3 === 0 ? drawn() : { ...fault, strength: 2 * fault.strength }
  return { course: run(plan, { load, fault, seed }), fault, isSurge: false }
}

/** Nodes that work on a fair share of the requests from outside; now and then, any. */
function usedBy({ system, chance }: Plan, { ticks }: Course): number[] {
  const all = [...system.nodes.keys()]
  const [tick, outside] = [ticks.at(-1)!, [...system.entries.values()].reduce((sum, rate) => sum + rate, 0)]
  const used = all.filter((index) => tick[index]!.arrivals > USED * outside)
  return chance.happens(RARELY_USED) || used.length === 0 ? all : used
}

const USED = 0.1

/** What grows has grown well before the end. */
const fitting = (fault: Fault, { end, onset }: Time): Fault => ({ ...fault, ramp: Math.min(fault.ramp, (end - onset) / 2) }) // prettier-ignore

/** At the end users wait at least a fifth longer, or one more of a hundred requests fails; or, for what is rarely used, its callers do. */
function isFelt({ system, chance }: Plan, { node }: Fault, course: Course, without: Course): boolean {
  const [now, before] = [course.ticks.at(-1)!, without.ticks.at(-1)!]
  const isWorse = (one: Suffered | null, other: Suffered | null): boolean =>
    one !== null && other !== null && (one.errors > other.errors + 0.01 || one.latency > 1.2 * other.latency + 0.0005)
  const isFeltByUsers = [...system.entries.keys()].some((entry) => isWorse(now[entry]!, before[entry]!))
  return isFeltByUsers || (chance.happens(RARELY_USED) && isWorse(now[node]!.outside, before[node]!.outside))
}

const RARELY_USED = 0.1

/** More requests than usual, as many as nobody feels. */
function surging(plan: Plan): Happened {
  const { time, chance } = plan
  const [seed, from] = [chance.whole(1, 1e9), Math.floor(time.onset / time.step) - 2]
  const traffic = chance.whole(1, 1e9)
  const load = (by: number): Load => drawTraffic(chanceFrom(traffic), time.began / 1000, { start: time.onset, by })
  const without = run(plan, { load: load(1), seed, from }).ticks.at(-1)!
  const isHarmless = (by: number): boolean =>
    run(plan, { load: load(by), seed, from }).ticks.at(-1)!.every(({ errors, latency }, index) => errors < without[index]!.errors + 0.001 && latency < 1.08 * without[index]!.latency) // prettier-ignore
  let by = chance.between(1.3, 2.2)
  while (by > 1.02 && !isHarmless(by)) by = 1 + (by - 1) / 1.6
  return { course: run(plan, { load: load(by), seed }), fault: null, isSurge: by > 1.02 }
}

interface Suffered {
  latency: number
  errors: number
}

interface Happened {
  course: Course
  fault: Fault | null
  isSurge: boolean
}

const ALERTED = 0.85
const KNOWN_ONSET = 0.15

function observed(plan: Plan, { course, fault, isSurge }: Happened, seed: number): Incident {
  const { system, time, family, chance } = plan
  const at = (second: number): number => time.began + second * 1000
  const changed = drawChanges({ system, fault, began: time.began, onset: at(time.onset), end: at(time.end), chance })
  const told = { system, course, began: time.began, fault, chance }
  const alert = fault !== null && chance.happens(ALERTED) ? alertOn(plan, course) : null
  const edges = chance.happens(family.graph) ? system.nodes.flatMap(({ name, calls }) => calls.map(({ to }) => ({ from: name, to: system.nodes[to]!.name }))) : [] // prettier-ignore
  const entry = busiest(system)
  return {
    id: `${family.shape}-${seed}`,
    family,
    kind: fault?.kind.name ?? (isSurge ? 'surge' : 'quiet'),
    truth: fault === null ? null : system.nodes[fault.node]!.name,
    guilty: changed.guilty,
    scene: changed.scene,
    front: system.nodes[entry]!.name,
    services: system.nodes.length,
    observations: {
      ...EMPTY,
      ...rangesOf(plan),
      ...(fault !== null && chance.happens(KNOWN_ONSET) ? { onset: at(time.onset) } : {}),
      ...(alert === null ? {} : { alert }),
      series: seriesOf({ ...told, family }),
      logs: chance.happens(family.logs) ? logsOf(told) : [],
      spans: chance.happens(family.traces) ? spansOf(told, family.clientMetrics) : [],
      edges,
      changes: changed.changes,
    },
  }
}

/** With a baseline of its own, or with one window in which the time before the onset is the baseline. */
function rangesOf({ time: { began, windowStart, end }, chance }: Plan): Pick<Observations, 'window' | 'baseline'> {
  const [start, last] = [began + windowStart * 1000, began + end * 1000]
  return chance.happens(0.5) ? { window: { start, end: last }, baseline: { start: began, end: start } } : { window: { start: began, end: last } } // prettier-ignore
}

const busiest = ({ entries }: System): number => [...entries].reduce((most, one) => (one[1] > most[1] ? one : most))[0]

/** On the entry that changed most, by what its users feel. */
function alertOn({ system, time: { onset, step, began } }: Plan, { ticks }: Course): Alert | null {
  const before = ticks[Math.max(0, Math.floor(onset / step) - 1)]!
  const worst = [...system.entries.keys()]
    .map((entry) => ({
      entry,
      errors: ticks.at(-1)![entry]!.errors - before[entry]!.errors,
      slower: ticks.at(-1)![entry]!.latency / before[entry]!.latency,
    })) // prettier-ignore
    .reduce((most, one) => (one.errors * 10 + one.slower > most.errors * 10 + most.slower ? one : most))
  if (worst.errors < 0.01 && worst.slower < 1.2) return null
  const service = system.nodes[worst.entry]!.name
  const metric = worst.errors >= 0.01 ? 'errors' : 'latency'
  const since = ticks.findIndex((tick, at) => at * step >= onset && (metric === 'errors' ? tick[worst.entry]!.errors > before[worst.entry]!.errors + 0.005 : tick[worst.entry]!.latency > 1.1 * before[worst.entry]!.latency)) // prettier-ignore
  return { service, summary: `${metric} of ${service}`, severity: 'P2', since: began + Math.max(since, 0) * step * 1000 + 120_000, labels: { metric } } // prettier-ignore
}
