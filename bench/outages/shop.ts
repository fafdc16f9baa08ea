/**
 * A small synthetic shop with several outages in a row, as on a bad day: three services in a chain and one apart, sampled every ten seconds with a
 * rate window of half a minute. Callers suffer from their callees. Seeded; contains no public data.
 */
import type { CallEdge, Change, Observations, Series, TimeRange } from '../../analysis/observations.ts'
import { randomFrom } from '../rankings/measures.ts'

export type Fault = 'slow' | 'errors' | 'dead'

/** Seconds relative to the request; negative is before it. `end` 0: still going on. */
export interface Outage {
  service: string
  fault: Fault
  start: number
  end: number
}

export interface Day {
  seed: number
  outages: readonly Outage[]
  /** seconds of the diagnosed window */
  since: number
  asked: string
  changes?: readonly Pick<Change, 'id' | 'service' | 'timestamp'>[]
}

export const EDGES: readonly CallEdge[] = [
  { from: 'storefront', to: 'orders' },
  { from: 'orders', to: 'inventory' },
]
/** A service without callers and callees. */
export const APART = 'reports'
export const SERVICES = ['storefront', 'orders', 'inventory', APART]

/** Time of the request, ms since the epoch. */
export const NOW = Date.parse('2026-03-02T10:00:00Z')
const STEP_S = 10
const RATE_WINDOW_S = 30
const FEWEST_BEFORE_S = 30 * 60
const OWN_MS: Readonly<Record<string, number>> = { storefront: 9, orders: 14, inventory: 6, [APART]: 40 }
const RATE: Readonly<Record<string, number>> = { storefront: 20, orders: 12, inventory: 12, [APART]: 2 }

/** The levels of a service at one moment, without noise. */
interface Moment {
  latency: number
  errors: number
  traffic: number
  isUp: boolean
}

export function observationsOf(day: Day): Observations {
  const window: TimeRange = { start: NOW - day.since * 1000, end: NOW }
  const baseline = { start: window.start - Math.max(day.since, FEWEST_BEFORE_S) * 1000, end: window.start }
  const random = randomFrom(day.seed)
  const amounts = new Map(
    day.outages.map((one) => [one, { slowMs: 250 + 700 * random(), share: 0.2 + 0.5 * random() }]),
  )
  const instants = instantsBetween(baseline.start, window.end)
  const shown = instants.map((instant) => momentsAt((instant - NOW) / 1000, day.outages, amounts))
  return {
    window,
    baseline,
    asked: day.asked,
    series: SERVICES.flatMap((service) => seriesOf(service, instants, shown, random)),
    logs: [],
    spans: [],
    edges: EDGES,
    changes: (day.changes ?? []).map((one) => ({ ...one, type: 'DEPLOYMENT', summary: `deploy ${one.service}` })),
  }
}

const instantsBetween = (start: number, end: number): number[] =>
  Array.from({ length: Math.floor((end - start) / (STEP_S * 1000)) }, (_, index) => start + index * STEP_S * 1000)

type Amounts = ReadonlyMap<Outage, { slowMs: number; share: number }>

/** Computed from the last callee up. The rate window makes an outage begin and end gradually. */
function momentsAt(second: number, outages: readonly Outage[], amounts: Amounts): Map<string, Moment> {
  const moments = new Map<string, Moment>()
  for (const service of ['inventory', 'orders', 'storefront', APART]) {
    const callee = moments.get(EDGES.find(({ from }) => from === service)?.to ?? '')
    const moment = { latency: OWN_MS[service]!, errors: 0.001, traffic: RATE[service]!, isUp: true }
    if (callee !== undefined) {
      moment.latency += callee.isUp ? callee.latency : 3
      moment.errors = 1 - (1 - moment.errors) * (1 - 0.9 * (callee.isUp ? callee.errors : 1))
    }
    for (const outage of outages.filter((one) => one.service === service)) {
      const part = shareOf(outage, second)
      if (part === 0) continue
      const { slowMs, share } = amounts.get(outage)!
      if (outage.fault === 'slow') moment.latency += part * slowMs
      if (outage.fault === 'errors') moment.errors = Math.min(1, moment.errors + part * share)
      if (outage.fault === 'dead') moment.isUp = false
    }
    moments.set(service, moment)
  }
  return moments
}

/** Share of the rate window that ends here which lies in the outage. */
function shareOf({ fault, start, end }: Outage, second: number): number {
  if (fault === 'dead') return second >= start && (end === 0 || second < end) ? 1 : 0
  const until = end === 0 ? Infinity : end
  return Math.max(0, Math.min(second, until) - Math.max(second - RATE_WINDOW_S, start)) / RATE_WINDOW_S
}

function seriesOf(
  service: string,
  instants: readonly number[],
  shown: readonly ReadonlyMap<string, Moment>[],
  random: () => number,
): Series[] {
  const noise = (share: number): number => 1 + share * (random() + random() + random() - 1.5)
  const rows = shown.flatMap((moments, index) => {
    const { latency, errors, traffic, isUp } = moments.get(service)!
    if (!isUp) return []
    const seen = traffic * noise(0.15)
    const failed = Math.round(seen * RATE_WINDOW_S * errors * noise(0.3)) / (seen * RATE_WINDOW_S)
    return [{ time: instants[index]!, p50: latency * noise(0.08), p95: latency * 2.2 * noise(0.15), failed, seen }]
  })
  const series = (indicator: string, unit: string, valueOf: (row: (typeof rows)[number]) => number): Series => ({
    service,
    indicator,
    unit,
    times: Float64Array.from(rows, ({ time }) => time),
    values: Float64Array.from(rows, valueOf),
  })
  return [
    series('latency_p50', 'ms', ({ p50 }) => p50),
    series('latency_p95', 'ms', ({ p95 }) => p95),
    series('error_ratio', 'ratio', ({ failed }) => Math.min(1, failed)),
    series('request_rate', '1/s', ({ seen }) => seen),
    series('cpu', 'cores', ({ seen }) => 0.01 * seen * noise(0.1)),
    series('memory', 'bytes', () => 2e8 * noise(0.02)),
  ]
}
