/**
 * The two systems of Nezha (Yu et al., ESEC/FSE 2023; IntelligentDDS/Nezha, MIT): OnlineBoutique with metrics, TrainTicket with metrics, logs and
 * traces. Each fault is diagnosed over the minutes after it, against the nearest undisturbed half hour of the day, and again against the half hour
 * before, which contains other faults as on a bad day.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LogLine, Observations, Series, Span, TimeRange } from '../../analysis/observations.ts'
import { csvRows, cut, EMPTY, MINUTE, seriesOf, type EvaluationCase, type EvaluationSet } from '../rankings/cases.ts'
import { edgesOf, indicatorOf, logLinesOf, NOT_MEASURED, serviceOf, spanOf } from '../excerpt-train-ticket.ts'

const BASELINE = 30 * MINUTE
const WINDOW = 5 * MINUTE
/** Minutes after a fault that still show it or its aftermath. */
const QUIET_AFTER = 25 * MINUTE
const QUIET_EVERY = 10 * MINUTE

interface Fault {
  inject_time: string
  inject_pod: string
  inject_type: string
}

const instantOf = (text: string): number => Date.parse(`${text.slice(0, 19).replace(' ', 'T')}Z`)

export function onlineBoutique(root: string): EvaluationSet {
  const days = readdirSync(root).filter((name) => existsSync(join(root, name, 'metric')))
  const cases = days.flatMap((day) => {
    const dir = join(root, day)
    const series = readMetrics(join(dir, 'metric'))
    const [, ...calls] = csvRows(join(dir, 'metric', 'dependency.csv'))
    const edges = calls.map(([from, to]) => ({ from: from!, to: to! }))
    const names = { system: 'nezha-online-boutique', group: 'nezha OnlineBoutique', front: 'frontend' }
    return casesOf(names, day, readFaults(join(dir, `${day}-fault_list.json`)), (baseline, window) => ({
      ...EMPTY,
      edges,
      baseline,
      window,
      series: cut(series, [baseline, window]),
    }))
  })
  return { name: 'nezha-online-boutique', cases }
}

export function trainTicket(root: string): EvaluationSet {
  const day = readdirSync(root).find((name) => existsSync(join(root, name, 'metric')))!
  const dir = join(root, day)
  const series = readMetrics(join(dir, 'metric'))
  const faults = readFaults(join(dir, 'fault_list.json'))
  const names = { system: 'nezha-train-ticket', group: 'nezha TrainTicket', front: 'ts-ui-dashboard' }
  const cases = casesOf(names, day, faults, (baseline, window, truth) => {
    const told = truth === null ? [] : [readTold(dir, window.start)]
    // With an undisturbed baseline, logs and spans are compared with fault-free minutes; otherwise with the minute before.
    const isUndisturbed = baseline.end !== window.start
    const normal = truth === null || !isUndisturbed ? [] : [shifted(readNormal(join(root, 'normal')), baseline.end)]
    const during = isUndisturbed ? told.map((one) => from(window.start, one)) : told
    const logs = [...normal, ...during].flatMap((one) => one.logs)
    const spans = [...normal, ...during].flatMap((one) => one.spans)
    return { ...EMPTY, logs, spans, edges: edgesOf(spans), baseline, window, series: cut(series, [baseline, window]) }
  })
  return { name: 'nezha-train-ticket', cases: [...cases, ...cutInTwo(names, readNormal(join(root, 'normal')))] }
}

type Names = Pick<EvaluationCase, 'system' | 'group' | 'front'>

function casesOf(
  names: Names,
  day: string,
  faults: readonly Fault[],
  ask: (baseline: TimeRange, window: TimeRange, truth: string | null) => Observations,
): EvaluationCase[] {
  const instants = faults.map((fault) => instantOf(fault.inject_time))
  const quiet = quietTimes(instants)
  const before = (at: number): TimeRange => ({ start: at - BASELINE, end: at })
  const from = (at: number): TimeRange => ({ start: at, end: at + WINDOW })
  const injected = faults.flatMap((fault, index): EvaluationCase[] => {
    const at = instants[index]!
    const truth = serviceOf(fault.inject_pod)
    const id = `${day} ${fault.inject_time.slice(11)} ${truth} ${fault.inject_type}`
    const nearest = quiet.toSorted((a, b) => Math.abs(a - at) - Math.abs(b - at))[0] ?? at
    return [
      { ...names, id, kind: fault.inject_type, truth, observations: () => ask(before(nearest), from(at), truth) },
      { ...names, group: `${names.group}, against the half hour before, with its faults`, id, kind: fault.inject_type, truth, observations: () => ask(before(at), from(at), truth) }, // prettier-ignore
    ]
  })
  const undisturbed = quiet.map((at): EvaluationCase => ({
    ...names,
    group: `${names.group}, fault-free`,
    id: `${day} quiet ${new Date(at).toISOString().slice(11, 16)}`,
    truth: null,
    observations: () => ask(before(at), from(at), null),
  }))
  return [...injected, ...undisturbed]
}

/** Instants with undisturbed time before and after, between the faults of a day and in the two hours after the last. */
function quietTimes(faults: readonly number[]): number[] {
  const sorted = [...faults].sort((a, b) => a - b)
  return sorted.flatMap((fault, index) => {
    const next = sorted[index + 1] ?? fault + 150 * MINUTE
    const first = fault + QUIET_AFTER + BASELINE
    const count = Math.max(0, Math.floor((next - WINDOW - first) / QUIET_EVERY) + 1)
    return Array.from({ length: count }, (_, at) => first + at * QUIET_EVERY)
  })
}

const readFaults = (file: string): Fault[] =>
  Object.values(JSON.parse(readFileSync(file, 'utf8')) as Record<string, Fault[]>).flat()

/** Indicators with the unit in brackets, as the exporter names them. The front's own file has the users' view. */
function readMetrics(dir: string): Series[] {
  const files = readdirSync(dir).filter((name) => name.endsWith('_metric.csv') || name === 'front_service.csv')
  return files.sort().flatMap((name) => {
    const [header, ...rows] = csvRows(join(dir, name)) as [string[], string[], ...string[][]]
    const times = rows.map((row) => instantOf(row[header.indexOf('Time')]!))
    const pod = rows[0][header.indexOf('PodName')]
    const service = pod === undefined ? rows[0][header.indexOf('ServiceName')]!.toLowerCase() : serviceOf(pod)
    return header.flatMap((column, index) => {
      if (NOT_MEASURED.includes(column)) return []
      const identity = { service, ...indicatorOf(column), ...(pod === undefined ? {} : { instance: pod }) }
      return [seriesOf(identity, times, rows.map((row) => row[index]))] // prettier-ignore
    })
  })
}

/** Where the fault-free minutes are split into baseline and window, as shares of their requests. */
const CUTS = [0.4, 0.5, 0.6]

/** Fault-free logs and spans, diagnosed as if something were wrong, without metrics. */
const cutInTwo = (names: Names, told: Told): EvaluationCase[] => {
  const first = new Map<string, number>()
  for (const { traceId, start } of told.spans) first.set(traceId, Math.min(first.get(traceId) ?? start, start))
  const begun = [...first.values()].sort((a, b) => a - b)
  return CUTS.map((share) => ({
    ...names,
    group: `${names.group}, fault-free minutes of logs and spans`,
    id: `normal, cut at ${share * 100} %`,
    truth: null,
    observations: () => {
      const [start, split, last] = [begun[0]!, begun[Math.floor(share * begun.length)]!, begun.at(-1)!]
      const [baseline, window] = [
        { start, end: split },
        { start: split, end: last + 1 },
      ]
      return { ...EMPTY, ...told, edges: edgesOf(told.spans), baseline, window }
    },
  }))
}

interface Told {
  logs: LogLine[]
  spans: Span[]
}

/** Logs and spans of a fault are in three files, each named for the minute it ends, so the first one is the time before. */
function readTold(dir: string, at: number): Told {
  const minutes = [0, 1, 2].map((offset) => new Date(at + offset * MINUTE).toISOString().slice(11, 16).replace(':', '_')) // prettier-ignore
  return { logs: minutes.flatMap((minute) => logsOf(dir, minute)), spans: minutes.flatMap((minute) => spansOf(dir, minute)) } // prettier-ignore
}

/** The fault-free minutes the authors compare with. */
function readNormal(dir: string): Told {
  const minutes = readdirSync(join(dir, 'log')).map((name) => name.slice(0, 5))
  return { logs: minutes.flatMap((minute) => logsOf(dir, minute)), spans: minutes.flatMap((minute) => spansOf(dir, minute)) } // prettier-ignore
}

const logsOf = (dir: string, minute: string): LogLine[] => rowsOf(dir, 'log', minute).flatMap(logLinesOf)
const spansOf = (dir: string, minute: string): Span[] => rowsOf(dir, 'trace', minute).map(spanOf)

function rowsOf(dir: string, kind: 'log' | 'trace', minute: string): Record<string, string>[] {
  const file = join(dir, kind, `${minute}_${kind}.csv.gz`)
  if (!existsSync(file)) return []
  const [header, ...rows] = csvRows(file)
  return rows.map((row) => Object.fromEntries(header!.map((name, index) => [name, row[index]!])))
}

const from = (start: number, { logs, spans }: Told): Told => ({
  logs: logs.filter(({ timestamp }) => timestamp >= start),
  spans: spans.filter((span) => span.start >= start),
})

/** Shifted as a whole, so that the last one is right before `end`. */
function shifted({ logs, spans }: Told, end: number): Told {
  const by = end - 1 - [...logs.map(({ timestamp }) => timestamp), ...spans.map(({ start }) => start)].reduce((a, b) => Math.max(a, b), 0) // prettier-ignore
  return {
    logs: logs.map((line) => ({ ...line, timestamp: line.timestamp + by })),
    spans: spans.map((span) => ({ ...span, start: span.start + by, end: span.end + by })),
  }
}
