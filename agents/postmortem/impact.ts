/** What the incident did to requests, by measurement. Nothing is extrapolated: time without samples is not counted, and reported as unknown. */
import { median } from '../../analysis/metrics/robust.ts'
import type { Objective } from '../../analysis/observations.ts'
import type { Budget, Report, ServiceImpact, Text } from '../../postmortem/report.ts'
import { latencyOf, type Point, type Signal, type Signals, uniqueSources } from './measurements.ts'
import { impact as texts } from './texts.ts'

export interface Span {
  /** ms; null: unknown */
  began: number | null
  /** when it was mitigated or resolved; null: it was not, as far as known */
  ended: number | null
}

const PERIOD_DAYS = 30
/** Thousands of answers may be about one service; a report has to fit into a record. */
const MOST_SOURCES = 50
const DAY_S = 86_400

export interface ImpactOptions {
  services: ReadonlyMap<string, Signals>
  /** services of the incident; other services that were measured do not count */
  involved: readonly string[]
  /** what each service calls; absent: unknown */
  calls: ReadonlyMap<string, readonly string[]>
  span: Span
  objectives: readonly Objective[]
}

export function impactOf({ services, involved, calls, span, objectives }: ImpactOptions): Report['impact'] {
  const { began, ended } = span
  const duration = began === null || ended === null || ended < began ? null : ended - began
  const measured =
    began === null ? [] : involved.flatMap((name) => impactOn(name, services.get(name), { began, ended }))
  const entry = entryOf(
    measured.filter(({ requests }) => requests !== null).map(({ service }) => service),
    calls,
  )
  const unmeasured = involved.filter((name) => !measured.some(({ service }) => service === name))
  return {
    duration_ms: duration,
    entry,
    services: measured,
    budgets: began === null ? [] : measured.flatMap((one) => budgetsOf(one, services, began, objectives)),
    unknown: [
      ...(began === null ? [texts.noOnset] : []),
      ...(began !== null && duration === null ? [texts.noEnd] : []),
      ...unmeasured.map(texts.notMeasured),
      ...measured.flatMap((one) => gapsOf(one, ended)),
      ...(began === null
        ? []
        : measured.flatMap(({ service }) => holesOf(service, services.get(service), { began, ended }))),
      texts.users,
    ],
  }
}

function gapsOf(
  { service, requests, failed_requests: failed, latency, measured }: ServiceImpact,
  ended: number | null,
): Text[] {
  return [
    ...(requests === null ? [texts.noRequests(service)] : []),
    ...(requests !== null && failed === null ? [texts.noErrors(service)] : []),
    ...(latency === null ? [texts.noLatency(service)] : []),
    ...(measured !== null && ended !== null && measured.to < ended ? [texts.cutOff(service, measured.to)] : []),
  ]
}

/** Gaps that are listed per service. */
const MOST_HOLES = 5

/** The report shows seconds. */
const SHORTEST_HOLE_MS = 1000

/** Times within the incident between two samples of the request rate that no sample stands for; a later one may reach back over several. */
function holesOf(service: string, signals: Signals | undefined, { began, ended }: During): Text[] {
  const points = signals?.get('request_rate')?.points ?? []
  let reached = Infinity
  const holes = points
    .toReversed()
    .flatMap(([at, , span], place, backwards) => {
      reached = Math.min(reached, at - span)
      const from = Math.max(backwards[place + 1]?.[0] ?? at, began)
      const to = ended === null ? reached : Math.min(reached, ended)
      return to - from >= SHORTEST_HOLE_MS ? [texts.hole(service, from, to)] : []
    })
    .toReversed()
  const more = holes.length - MOST_HOLES
  return more > 0 ? [...holes.slice(0, MOST_HOLES), texts.moreHoles(service, more)] : holes
}

/** The service that none of the others calls; null: unknown, or several. */
function entryOf(measured: readonly string[], calls: ReadonlyMap<string, readonly string[]>): string | null {
  if (measured.length === 1) return measured[0] ?? null
  if (!measured.every((name) => calls.has(name))) return null
  const called = new Set(measured.flatMap((name) => calls.get(name) ?? []))
  const [first, ...others] = measured.filter((name) => !called.has(name))
  return others.length === 0 ? (first ?? null) : null
}

interface During {
  began: number
  ended: number | null
}

function impactOn(service: string, signals: Signals | undefined, during: During): ServiceImpact[] {
  if (signals === undefined) return []
  const rate = signals.get('request_rate') ?? null
  const ratio = signals.get('error_ratio') ?? null
  const failures = signals.get('error_rate') ?? productOf(rate, ratio)
  const slowest = latencyOf(signals)
  const used = [rate, ratio, failures, slowest].filter((one) => one !== null)
  const measured = spanOf(used, during)
  if (measured === null) return []
  const requests = rate === null ? null : integral(rate, during)
  const failed = failures === null ? null : integral(failures, during)
  return [
    {
      service,
      measured,
      requests,
      failed_requests: failed,
      error_ratio: {
        before: ratio === null ? null : medianOf(before(ratio, during)),
        peak: ratio === null ? null : worstOf(inside(ratio, during)),
        total: requests === null || failed === null || requests === 0 ? null : failed / requests,
      },
      latency: slowest === null ? null : latencyImpact(slowest, during),
      sources: uniqueSources(used.flatMap(({ sources }) => sources)).slice(0, MOST_SOURCES),
    },
  ]
}

const latencyImpact = (signal: Signal, during: During): ServiceImpact['latency'] => ({
  indicator: signal.indicator,
  unit: signal.unit,
  before: medianOf(before(signal, during)),
  worst: worstOf(inside(signal, during)),
  after: during.ended === null ? null : medianOf(after(signal, during.ended)),
})

/** Failures per second, where only their share was measured. */
function productOf(rate: Signal | null, ratio: Signal | null): Signal | null {
  if (rate === null || ratio === null) return null
  const shares = new Map(ratio.points.map(([at, share]) => [at, share]))
  const points = rate.points.flatMap(([at, value, span]): Point[] => {
    const share = shares.get(at)
    return share === undefined ? [] : [[at, value * share, span]]
  })
  return { indicator: 'error_rate', unit: '1/s', points, sources: [...rate.sources, ...ratio.sources] }
}

type Points = Signal['points']

const before = ({ points }: Signal, { began }: During): Points => points.filter(([at]) => at <= began)
const inside = ({ points }: Signal, { began, ended }: During): Points =>
  points.filter(([at]) => at > began && (ended === null || at <= ended))
/** A rate covers the time before its sample, so the first sample after the incident still contains a part of it. */
const after = ({ points }: Signal, ended: number): Points => points.filter(([at]) => at > ended).slice(1)

const medianOf = (points: Points): number | null =>
  points.length === 0 ? null : median(points.map(([, value]) => value))

function worstOf(points: Points): { value: number; at: number } | null {
  let worst: { value: number; at: number } | null = null
  for (const [at, value] of points) if (worst === null || value > worst.value) worst = { value, at: Math.round(at) }
  return worst
}

function spanOf(signals: readonly Signal[], during: During): { from: number; to: number } | null {
  const times = signals.flatMap((one) => inside(one, during).map(([at]) => at))
  if (times.length === 0) return null
  const extreme = (pick: (one: number, other: number) => number) => Math.round(times.reduce(pick))
  return { from: extreme((one, other) => Math.min(one, other)), to: extreme((one, other) => Math.max(one, other)) }
}

/**
 * Of a rate per second, as far as samples stand for the incident. Answers overlap and have different steps: of two samples that stand for the same time the
 * next one counts, and no time counts twice. Null: no sample.
 */
export function integral({ points }: Signal, { began, ended }: During): number | null {
  let [sum, counted] = [0, false]
  const add = (value: number, after: number, until: number): void => {
    const [from, to] = [Math.max(after, began), ended === null ? until : Math.min(until, ended)]
    if (to <= from) return
    sum += (value * (to - from)) / 1000
    counted = true
  }
  // of the later samples, the one that reaches farthest back: it stands for what the samples in between leave out
  let far: { value: number; from: number } | null = null
  for (let place = points.length - 1; place >= 0; place -= 1) {
    const [at, value, span] = points[place]!
    const earlier = points[place - 1]?.[0] ?? Number.NEGATIVE_INFINITY
    const from = at - span
    add(value, Math.max(from, earlier), at)
    if (far !== null) add(far.value, Math.max(far.from, earlier), from)
    if (far === null || from < far.from) far = { value, from }
  }
  return counted ? sum : null
}

function budgetsOf(
  { service, failed_requests: failed, sources }: ServiceImpact,
  services: ReadonlyMap<string, Signals>,
  began: number,
  objectives: readonly Objective[],
): Budget[] {
  const rate = services.get(service)?.get('request_rate')
  const usual = rate === undefined ? null : medianOf(before(rate, { began, ended: null }))
  if (failed === null || usual === null || usual === 0) return []
  return objectives
    .filter((one) => one.indicator === 'error_ratio' && (one.service === service || one.service === '*'))
    .flatMap(({ max }) =>
      max === undefined || max === 0
        ? []
        : [
            {
              service,
              objective: max,
              period_days: PERIOD_DAYS,
              burnt: failed / (max * usual * PERIOD_DAYS * DAY_S),
              sources,
            },
          ],
    )
}
