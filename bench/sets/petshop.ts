/**
 * PetShop, low traffic (Hardt et al., "The PetShop dataset", CLeaR 2024; amazon-science, CC-BY-4.0): a trace map of 40 nodes, a broken service level
 * at the front door, five samples of five minutes, and two undisturbed days to compare with.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CallEdge, Observations, Series, TimeRange } from '../../analysis/observations.ts'
import { csvRows, cut, EMPTY, MINUTE, seriesOf, type EvaluationCase, type EvaluationSet } from '../rankings/cases.ts'

const STEP = 5 * MINUTE
const WINDOW = 5 * STEP
/** Distance between fault-free windows, taken from the second undisturbed day. */
const QUIET_EVERY = 8 * STEP

interface Target {
  target: { node: string; metric: string; timestamp: number }
  root_cause: { node: string }
}

export function petshop(root: string): EvaluationSet {
  const edges = readGraph(join(root, 'graph.csv'))
  const normal = readSeries(join(root, 'noissue', 'metrics.csv'))
  const range = rangeOf(normal)
  const issues = ['train', 'test'].flatMap((part) => {
    const dir = join(root, part)
    return existsSync(dir) ? readdirSync(dir).sort().map((issue) => ({ dir: join(dir, issue), id: `${part}/${issue}` })) : [] // prettier-ignore
  })
  return {
    name: 'petshop',
    cases: [
      ...issues.map(({ dir, id }) => issueCase(dir, id, normal, range, edges)),
      ...quietWindows(normal, range, edges),
    ],
  }
}

/** The two days before anything was injected. */
export function undisturbed(root: string): { series: Series[]; edges: CallEdge[]; range: TimeRange } {
  const series = joined(readSeries(join(root, 'noissue', 'metrics.csv')), [])
  return { series, edges: readGraph(join(root, 'graph.csv')), range: rangeOf(series) }
}

const common = { system: 'petshop' }

function issueCase(
  dir: string,
  id: string,
  normal: readonly Series[],
  range: TimeRange,
  edges: CallEdge[],
): EvaluationCase {
  const { target, root_cause } = JSON.parse(readFileSync(join(dir, 'target.json'), 'utf8')) as Target
  return {
    ...common,
    group: `petshop, ${target.metric}`,
    id,
    truth: root_cause.node,
    front: target.node,
    observations: () => {
      const series = readSeries(join(dir, 'metrics.csv'))
      return question(normal, range, series, rangeOf(series), edges, target)
    },
  }
}

function quietWindows(normal: readonly Series[], range: TimeRange, edges: CallEdge[]): EvaluationCase[] {
  const half = range.start + Math.floor((range.end - range.start) / 2 / STEP) * STEP
  const count = Math.floor((range.end - half - WINDOW) / QUIET_EVERY)
  return Array.from({ length: count }, (_, index) => {
    const start = half + index * QUIET_EVERY
    const window = { start, end: start + WINDOW }
    const baseline = { start: range.start, end: half }
    return {
      ...common,
      group: 'petshop, fault-free',
      id: `quiet-${index}`,
      truth: null,
      front: 'PetSite',
      observations: () => question(cut(normal, [baseline]), baseline, cut(normal, [window]), window, edges),
    }
  })
}

function question(
  normal: readonly Series[],
  baseline: TimeRange,
  disturbed: readonly Series[],
  window: TimeRange,
  edges: CallEdge[],
  target?: Target['target'],
): Observations {
  const alert =
    target === undefined
      ? {}
      : { alert: { service: target.node, summary: `${target.metric} of ${target.node}`, labels: { metric: target.metric } } } // prettier-ignore
  return { ...EMPTY, ...alert, window, baseline, edges, series: joined(normal, disturbed) }
}

function joined(before: readonly Series[], during: readonly Series[]): Series[] {
  const all = new Map<string, Series>()
  for (const one of [...before, ...during]) {
    const key = `${one.service}\0${one.indicator}`
    const known = all.get(key)
    all.set(key, known === undefined ? one : { ...one, times: Float64Array.of(...known.times, ...one.times), values: Float64Array.of(...known.values, ...one.values) }) // prettier-ignore
  }
  const ordered = ({ times, values, ...rest }: Series): Series => {
    const order = [...times.keys()].sort((a, b) => times[a]! - times[b]!)
    return { ...rest, times: Float64Array.from(order, (at) => times[at]!), values: Float64Array.from(order, (at) => values[at]!) } // prettier-ignore
  }
  return [...all.values()].map(ordered)
}

function readSeries(file: string): Series[] {
  const [services, metrics, statistics, , ...rows] = csvRows(file)
  const times = rows.map((row) => Number(row[0]) * 1000)
  return services!.slice(1).map((service, index) => {
    const indicator = `${metrics![index + 1]}_${statistics![index + 1]}`.toLowerCase()
    return seriesOf({ service, indicator }, times, rows.map((row) => row[index + 1])) // prettier-ignore
  })
}

function readGraph(file: string): CallEdge[] {
  const [header, ...rows] = csvRows(file)
  return rows.flatMap(([from, ...cells]) =>
    cells.flatMap((cell, index) => (Number(cell) > 0 ? [{ from: from!, to: header![index + 1]! }] : [])),
  )
}

function rangeOf(series: readonly Series[]): TimeRange {
  const first = Math.min(...series.flatMap(({ times }) => times[0] ?? []))
  const last = Math.max(...series.flatMap(({ times }) => times.at(-1) ?? []))
  return { start: first, end: last + STEP }
}
