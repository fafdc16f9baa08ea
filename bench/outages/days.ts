/** Bad days of the synthetic shop, drawn from a seed, each with its ground truth. The truth is stored next to the observations, not in them. */
import type { Verdict } from '../../analysis/verdict.ts'
import { randomFrom } from '../rankings/measures.ts'
import { between, pick, WINDOWS } from './draw.ts'
import { APART, type Day, type Fault, NOW, type Outage } from './shop.ts'

export interface Question {
  day: Day
  /** the faulty service; null: nothing is wrong */
  truth: string | null
}

type Draw = (random: () => number) => { day: Omit<Day, 'seed'>; truth: string | null }

const CHAIN = ['storefront', 'orders', 'inventory']
const FAULTS: readonly Fault[] = ['slow', 'errors', 'dead']
/** Faults in which the service still answers, slowly or wrongly. */
const ANSWERING = FAULTS.slice(0, 2)
const LONG = 1800

const asked = 'storefront'

/** Still going on, for one to five minutes, but no longer than the window. */
const goingOn = (random: () => number, service: string, since: number): Outage => ({
  service,
  fault: pick(random, FAULTS),
  start: -Math.min(since - 20, between(random, 60, 300)),
  end: 0,
})

/** Lasted one and a half to three and a half minutes, and ended some time before the window. */
function before(random: () => number, service: string, fault: Fault, since: number): Outage {
  const start = -since - between(random, 260, 1460)
  return { service, fault, start, end: start + between(random, 90, 200) }
}

/** Lasted some minutes in the first half of a long window. */
const earlyIn = (random: () => number, service: string, fault: Fault): Outage => ({
  service,
  fault,
  start: between(random, -1500, -1200),
  end: between(random, -1000, -800),
})

export const DAYS: Readonly<Record<string, Draw>> = {
  'nothing happens': (random) => ({ truth: null, day: { since: pick(random, WINDOWS), asked, outages: [] } }),
  'an outage goes on': (random) => {
    const [truth, since] = [pick(random, CHAIN), pick(random, WINDOWS)]
    return { truth, day: { since, asked, outages: [goingOn(random, truth, since)] } }
  },
  'the same again within the hour': (random) => {
    const [truth, since] = [pick(random, CHAIN), pick(random, WINDOWS)]
    const now = goingOn(random, truth, since)
    return { truth, day: { since, asked, outages: [before(random, truth, now.fault, since), now] } }
  },
  'another within the hour': (random) => {
    const [truth, since] = [pick(random, CHAIN), pick(random, WINDOWS)]
    const other = pick(random, CHAIN.filter((service) => service !== truth)) // prettier-ignore
    const outages = [before(random, other, pick(random, FAULTS), since), goingOn(random, truth, since)]
    return { truth, day: { since, asked, outages } }
  },
  'recovered before the window': (random) => {
    const since = pick(random, WINDOWS)
    const outages = [before(random, pick(random, CHAIN), pick(random, FAULTS), since)]
    return { truth: null, day: { since, asked, outages } }
  },
  'recovered within the window': (random) => {
    const truth = pick(random, CHAIN)
    return { truth, day: { since: LONG, asked, outages: [earlyIn(random, truth, pick(random, FAULTS))] } }
  },
  'one recovered within the window, another goes on': (random) => {
    const truth = pick(random, CHAIN)
    const other = pick(random, CHAIN.filter((service) => service !== truth)) // prettier-ignore
    const outages = [earlyIn(random, other, pick(random, FAULTS)), goingOn(random, truth, LONG)]
    return { truth, day: { since: LONG, asked, outages } }
  },
  'one apart recovered, after which a release broke another': (random) => {
    const truth = pick(random, CHAIN)
    const now = goingOn(random, truth, LONG)
    const outages = [earlyIn(random, APART, pick(random, ANSWERING)), now]
    const changes = [{ id: 'release', service: truth, timestamp: NOW + (now.start - 5) * 1000 }]
    return { truth, day: { since: LONG, asked, outages, changes } }
  },
  'two at once, of which no calls connect the other': (random) => {
    const truth = pick(random, CHAIN)
    const apart = { service: APART, fault: pick(random, ANSWERING), start: -between(random, 300, 900), end: 0 }
    return { truth, day: { since: LONG, asked, outages: [apart, goingOn(random, truth, LONG)] } }
  },
}

export function questionOf(kind: string, seed: number): Question {
  const { day, truth } = DAYS[kind]!(randomFrom(seed * 7919))
  return { day: { ...day, seed }, truth }
}

export type Judgement = 'right' | 'another blamed' | 'left open' | 'false alarm' | 'false all-clear'

export function judged({ verdict, rootCauses: [first] }: Verdict, truth: string | null): Judgement {
  if (verdict === 'inconclusive') return 'left open'
  if (truth === null) return verdict === 'nothing_wrong' ? 'right' : 'false alarm'
  if (verdict === 'nothing_wrong') return 'false all-clear'
  return first?.service === truth ? 'right' : 'another blamed'
}
