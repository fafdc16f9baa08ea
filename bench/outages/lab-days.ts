/** Bad days of the lab, drawn from a seed and simulated, each with its ground truth. The truth is stored next to the observations, not in them. */
import { asFarAsSeen } from '../../agents/assistant/missing.ts'
import { diagnose } from '../../analysis/diagnose.ts'
import type { Observations } from '../../analysis/observations.ts'
import type { Verdict } from '../../analysis/verdict.ts'
import type { ServiceName } from '../../lab/releases.ts'
import { edges, replay, type Replayed } from '../../lab/replay/replay.ts'
import type { Fault, Outage } from '../../lab/replay/stage.ts'
import { randomFrom } from '../rankings/measures.ts'
import { between, pick, WINDOWS } from './draw.ts'

export interface LabDay {
  /** time of the request, ms since the epoch */
  now: number
  /** seconds of the window, and of the history before it */
  since: number
  known: number
  outages: readonly Outage[]
  /** the faulty service; null: nothing is wrong */
  truth: ServiceName | null
  /** the expected phase */
  phase: 'going_on' | 'over' | null
}

const SERVICES: readonly ServiceName[] = ['frontend', 'catalog', 'cart', 'checkout', 'payment']
const FAULTS: readonly Fault[] = ['slow', 'failing', 'dead']
const NOW = Date.parse('2026-03-02T10:00:00Z')
const LONG = 1800
export const ASKED = 'frontend'

type Random = () => number
type Told = Pick<LabDay, 'since' | 'truth' | 'phase' | 'outages'>

/** Only the cart has a bad release. */
const faultOf = (random: Random, service: ServiceName): Fault =>
  pick(random, service === 'cart' ? [...FAULTS, 'release'] : FAULTS)

const outage = (service: ServiceName, fault: Fault, start: number, end: number | null): Outage => ({
  service,
  fault,
  start: NOW + start * 1000,
  end: end === null ? null : NOW + end * 1000,
})

/** Still going on, for one and a half to five minutes, but no longer than the window. */
const goingOn = (random: Random, service: ServiceName, fault: Fault, since: number): Outage =>
  outage(service, fault, -Math.min(since - 20, between(random, 90, 300)), null)

/** Lasted one and a half to four minutes, and ended some time before the window. */
function before(random: Random, service: ServiceName, fault: Fault, since: number): Outage {
  const start = -since - between(random, 300, 1460)
  return outage(service, fault, start, start + between(random, 90, 240))
}

const other = (random: Random, truth: ServiceName): ServiceName =>
  pick(random, SERVICES.filter((service) => service !== truth)) // prettier-ignore

export const LAB_DAYS: Readonly<Record<string, (random: Random) => Told>> = {
  'nothing happens': (random) => ({ since: pick(random, WINDOWS), truth: null, phase: null, outages: [] }),
  'an outage goes on': (random) => {
    const [truth, since] = [pick(random, SERVICES), pick(random, WINDOWS)]
    return { since, truth, phase: 'going_on', outages: [goingOn(random, truth, faultOf(random, truth), since)] }
  },
  'the same again within the hour': (random) => {
    const [truth, since] = [pick(random, SERVICES), pick(random, WINDOWS)]
    const fault = faultOf(random, truth)
    const outages = [before(random, truth, fault, since), goingOn(random, truth, fault, since)]
    return { since, truth, phase: 'going_on', outages }
  },
  'another within the hour': (random) => {
    const [truth, since] = [pick(random, SERVICES), pick(random, WINDOWS)]
    const earlier = other(random, truth)
    const outages = [before(random, earlier, faultOf(random, earlier), since), goingOn(random, truth, faultOf(random, truth), since)] // prettier-ignore
    return { since, truth, phase: 'going_on', outages }
  },
  'recovered before the window': (random) => {
    const [service, since] = [pick(random, SERVICES), pick(random, WINDOWS)]
    return { since, truth: null, phase: null, outages: [before(random, service, faultOf(random, service), since)] }
  },
  'recovered within the window': (random) => {
    const truth = pick(random, SERVICES)
    const outages = [outage(truth, faultOf(random, truth), between(random, -1500, -1200), between(random, -1000, -800))]
    return { since: LONG, truth, phase: 'over', outages }
  },
  'rolled back a few minutes ago': (random) => {
    const outages = [outage('cart', 'release', -between(random, 450, 600), -between(random, 180, 300))]
    return { since: LONG, truth: 'cart', phase: 'over', outages }
  },
  'one recovered within the window, another goes on': (random) => {
    const truth = pick(random, SERVICES)
    const earlier = other(random, truth)
    const first = outage(earlier, faultOf(random, earlier), between(random, -1500, -1200), between(random, -1000, -800)) // prettier-ignore
    const outages = [first, goingOn(random, truth, faultOf(random, truth), LONG)]
    return { since: LONG, truth, phase: 'going_on', outages }
  },
}

export function labDayOf(kind: string, seed: number): LabDay {
  const place = Object.keys(LAB_DAYS).indexOf(kind)
  const told = LAB_DAYS[kind]!(randomFrom(seed * 7919 + place * 104_729))
  return { ...told, now: NOW, known: Math.max(told.since, LONG) }
}

export const replayed = (day: LabDay, seed: number): Promise<Replayed> =>
  replay({ start: day.now - (day.since + day.known) * 1000, end: day.now, random: randomFrom(seed), outages: day.outages }) // prettier-ignore

/** Everything that was known at the time of the request. */
export function observationsOf(day: LabDay, { samples, logs, changes }: Replayed): Observations {
  const start = day.now - day.since * 1000
  const isKnown = (instant: number): boolean => instant < day.now
  const known = samples.filter(({ time }) => isKnown(time))
  const series = Map.groupBy(known, ({ service, indicator }) => `${service}\0${indicator}`)
  return {
    window: { start, end: day.now },
    baseline: { start: start - day.known * 1000, end: start },
    asked: ASKED,
    series: [...series.values()].map((points) => ({
      service: points[0]!.service,
      instance: points[0]!.instance,
      indicator: points[0]!.indicator,
      unit: points[0]!.unit,
      times: Float64Array.from(points, ({ time }) => time),
      values: Float64Array.from(points, ({ value }) => value),
    })),
    logs: logs.filter(({ timestamp }) => isKnown(timestamp)),
    spans: [],
    edges,
    changes: changes
      .filter(({ at }) => isKnown(at))
      .map(({ at, type, service, summary, before, after }, index) => ({
        ...{ id: `change-${index}`, type, service, timestamp: at, summary },
        detail: { before, after },
      })),
  }
}

/** What a diagnosis asks; each can be unreachable. */
export const SOURCES = ['golden-signals', 'logs', 'resources'] as const

/** The verdict if one of them did not answer, as the assistant gives it. */
export function takenAway(known: Observations, source: (typeof SOURCES)[number]): Verdict {
  const answers = SOURCES.map((operation) => ({ operation, tool: operation, status: operation === source ? 'failed' : 'ok', incomplete: false }) as const) // prettier-ignore
  const gone = { 'golden-signals': { series: [] }, logs: { logs: [] }, resources: { edges: [] } }[source]
  return asFarAsSeen(diagnose({ ...known, ...gone }), answers)
}
