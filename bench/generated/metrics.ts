/** What is measured of a course, in the naming custom of a family: noisy, with samples missing, and from one side only where nothing else is there. */
import type { Series } from '../../analysis/observations.ts'
import type { Chance } from './chance.ts'
import type { Custom, Family, Name } from './families.ts'
import type { Course, Tick } from './simulate.ts'
import type { Node, System } from './system.ts'

interface Measured {
  system: System
  course: Course
  family: Family
  /** ms of the first tick */
  began: number
  chance: Chance
}

/** Value of one tick; null: no sample. */
type Gauge = (tick: Tick, chance: Chance) => number | null

interface Metric {
  name: Name
  value: Gauge
}

export function seriesOf(measured: Measured): Series[] {
  const { system, family, chance } = measured
  return system.nodes.flatMap((node, index) => {
    const metrics = metricsOf(node, measured)
    const isSplit = family.perInstance && node.replicas > 1 && node.role !== 'external'
    const instances = isSplit ? Array.from({ length: Math.min(node.replicas, 3) }, (_, at) => `${node.name}-${at}`) : [undefined] // prettier-ignore
    return instances.flatMap((instance) => {
      const skew = chance.around(1, isSplit ? 0.06 : 0)
      return metrics.flatMap(({ name, value }) => sampled(measured, index, { identity: identityOf(node, instance, name), value, skew })) // prettier-ignore
    })
  })
}

const identityOf = (
  node: Node,
  instance: string | undefined,
  { name, unit }: Name,
): Omit<Series, 'times' | 'values'> => ({
  // prettier-ignore
  service: node.name,
  indicator: name,
  ...(instance === undefined ? {} : { instance }),
  ...(unit === undefined ? {} : { unit }),
})

/** Providers are known from outside only: by what their callers see. */
const isOutsideOnly = ({ role }: Node): boolean => role === 'external'

const BYTES = 2 ** 30

function metricsOf(node: Node, { family: { custom, clientMetrics }, course: { step }, chance }: Measured): Metric[] {
  const requests = (tick: Tick): number => Math.max(0.2, tick.arrivals) * step
  const seen = (tick: Tick): { latency: number; errors: number } | null => (isOutsideOnly(node) ? tick.outside : tick.isDown ? null : tick) // prettier-ignore
  const noisy = (value: number, tick: Tick, spread: number): number => value * Math.max(0.1, 1 + (spread * chance.normal()) / Math.sqrt(requests(tick)) + 0.02 * chance.normal()) // prettier-ignore
  const failed = (tick: Tick): number => {
    const all = requests(tick)
    return Math.min(all, chance.count(all * (seen(tick)?.errors ?? 0))) / all
  }
  const golden: Metric[] = [
    { name: custom.requests, value: (tick) => (tick.isDown && !isOutsideOnly(node) ? null : chance.count(tick.arrivals * step) / step) }, // prettier-ignore
    { name: custom.errors, value: (tick) => (seen(tick) === null ? null : errorsAs(custom, failed(tick), tick.arrivals)) }, // prettier-ignore
    ...custom.latency.map((name): Metric => ({ name, value: (tick) => latencyAt(seen(tick)?.latency, node.spread, name.quantile, (value) => noisy(value, tick, quantileSpread(name.quantile, node.spread))) })), // prettier-ignore
  ]
  const called: Metric[] = clientMetrics && node.calls.length > 0 ? [{ name: custom.client, value: (tick) => (tick.isDown ? null : noisy(slowestCall(tick), tick, 1)) }] : [] // prettier-ignore
  if (isOutsideOnly(node)) return golden
  return [...golden, ...called, ...(node.role === 'balancer' ? [] : resources(node, custom, chance))]
}

const slowestCall = ({ calls }: Tick): number => Math.max(...calls.map(({ tried }) => tried))

function resources(node: Node, custom: Custom, chance: Chance): Metric[] {
  const jitter = (value: number): number => Math.max(0, value * (1 + 0.04 * chance.normal()) + 0.004 * Math.abs(chance.normal())) // prettier-ignore
  const up = (of: (tick: Tick) => number | null) => (tick: Tick): number | null => (tick.isDown ? null : of(tick)) // prettier-ignore
  const amount = (share: number, { as }: { as: string }, whole: number): number => (as === 'percent' ? 100 * share : as === 'share' ? share : share * whole) // prettier-ignore
  const all: Metric[] = [
    { name: custom.cpu, value: up(({ cpu }) => amount(Math.min(1, jitter(cpu)), custom.cpu, node.cores)) },
    { name: custom.memory, value: up(({ memory }) => amount(Math.min(1, memory * (1 + 0.01 * chance.normal())), custom.memory, BYTES)) }, // prettier-ignore
    { name: custom.workers, value: up(({ busy }) => Math.min(1, jitter(busy))) },
    { name: custom.steal, value: up(({ steal }) => Math.min(1, jitter(steal))) },
  ]
  if (node.role === 'database' || node.role === 'worker') all.push({ name: custom.disk, value: up(({ disk }) => Math.min(1, jitter(disk))) }) // prettier-ignore
  if (node.role !== 'cache') all.push({ name: custom.backlog, value: up(({ backlog }) => Math.round(backlog + chance.count(0.3))) }) // prettier-ignore
  if (node.role === 'cache') all.push({ name: custom.hits, value: up(({ hits }) => Math.min(1, jitter(hits ?? 1))) })
  return all
}

function errorsAs({ errors: { as } }: Custom, share: number, arrivals: number): number {
  if (as === 'rate') return share * arrivals
  return as === 'good' ? 1 - share : share
}

const QUANTILES: Readonly<Record<number, number>> = { 0.5: 0, 0.9: 1.2816, 0.95: 1.6449, 0.99: 2.3263 }

/** Of a lognormal time with this mean. */
function latencyAt(
  mean: number | undefined,
  spread: number,
  quantile: number | 'mean',
  noisy: (value: number) => number,
): number | null {
  // prettier-ignore
  if (mean === undefined || mean <= 0) return null
  return noisy(quantile === 'mean' ? mean : mean * Math.exp(QUANTILES[quantile]! * spread - spread ** 2 / 2))
}

/** High quantiles of few requests are uncertain. */
const quantileSpread = (quantile: number | 'mean', spread: number): number => spread * (quantile === 'mean' || quantile === 0.5 ? 1 : quantile === 0.99 ? 4 : 2) // prettier-ignore

const MISSING = 0.002

interface Sampled {
  identity: Omit<Series, 'times' | 'values'>
  value: Gauge
  skew: number
}

function sampled(
  { course: { ticks, step }, began, family: { custom }, chance }: Measured,
  index: number,
  { identity, value, skew }: Sampled,
): Series[] {
  // prettier-ignore
  const factor = Object.values(custom).flat().find((name: Name) => name.name === identity.indicator)?.per ?? 1
  const [times, values]: [number[], number[]] = [[], []]
  for (const [at, tick] of ticks.entries()) {
    const measured = value(tick[index]!, chance)
    if (measured === null || chance.happens(MISSING)) continue
    times.push(began + at * step * 1000)
    values.push(measured * factor * skew)
  }
  return times.length < 3 ? [] : [{ ...identity, times: Float64Array.from(times), values: Float64Array.from(values) }]
}
