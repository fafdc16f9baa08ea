/** What the incident did to requests, by measurement. Nothing is extrapolated: time without samples is not counted, and reported as unknown. */
import { largest } from '../../analysis/extremes.ts'
import type { Objective } from '../../analysis/observations.ts'
import type { Budget, Report, ServiceImpact, Text } from '../../postmortem/report.ts'
import { latencyOf, type Point, type Signal, type Signals, uniqueSources } from './measurements.ts'
import { durationOf, type Period } from './periods.ts'
import { impact as texts } from './texts.ts'
import { after, before, holesIn, inside, integral, lastOf, medianOf, worstOf } from './within.ts'

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
  periods: readonly Period[]
  objectives: readonly Objective[]
}

export function impactOf({ services, involved, calls, periods, objectives }: ImpactOptions): Report['impact'] {
  const isBegun = periods.length > 0
  const duration = durationOf(periods)
  const measured = involved.flatMap((name) => impactOn(name, services.get(name), periods))
  const entry = entryOf(
    measured.filter(({ requests }) => requests !== null).map(({ service }) => service),
    calls,
  )
  const unmeasured = involved.filter((name) => !measured.some(({ service }) => service === name))
  return {
    duration_ms: duration,
    ...(periods.length < 2 ? {} : { periods: periods.map(({ began, ended }) => ({ from: began, to: ended })) }),
    entry,
    services: measured,
    budgets: measured.flatMap((one) => budgetsOf(one, services, periods, objectives)),
    unknown: [
      ...(isBegun ? [] : [texts.noOnset]),
      ...(isBegun && duration === null ? [texts.noEnd] : []),
      ...unmeasured.map(texts.notMeasured),
      ...measured.flatMap((one) => gapsOf(one, periods.at(-1)?.ended ?? null)),
      ...measured.flatMap((one) => holesOf(one, services.get(one.service), periods)),
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

/** Gaps of one signal that are listed per service. */
const MOST_HOLES = 5

/**
 * Gaps in requests, then those of failures and latency beyond them; where no requests came there was nothing else to measure. A signal that ends before
 * the others has a gap after its end.
 */
function holesOf(
  { service, requests, failed_requests: failed }: ServiceImpact,
  signals: Signals | undefined,
  periods: readonly Period[],
): Text[] {
  if (signals === undefined) return []
  const [rate, failures, slowest] = [signals.get('request_rate') ?? null, failuresOf(signals), latencyOf(signals)]
  const until = largest([rate, failures, slowest].map((one) => (one === null ? Number.NEGATIVE_INFINITY : lastOf(one))))
  const holes = (signal: Signal | null) => (signal === null ? [] : holesIn(signal, periods, until))
  const unseen = requests === null ? [] : holes(rate)
  const isOwn = (hole: { began: number; ended: number }): boolean =>
    !unseen.some(({ began, ended }) => began <= hole.began && ended >= hole.ended) &&
    (rate === null || integral(rate, [hole]) !== 0)
  return [
    ...listed(service, 'requests', unseen),
    ...listed(service, 'failures', failed === null ? [] : holes(failures).filter(isOwn)),
    ...listed(service, 'latency', holes(slowest).filter(isOwn)),
  ]
}

function listed(service: string, what: 'requests' | 'failures' | 'latency', holes: ReturnType<typeof holesIn>): Text[] {
  const told = holes.slice(0, MOST_HOLES).map(({ began, ended }) => texts.hole(service, what, began, ended))
  const more = holes.length - told.length
  return more > 0 ? [...told, texts.moreHoles(service, what, more)] : told
}

/** The service that none of the others calls; null: unknown, or several. */
function entryOf(measured: readonly string[], calls: ReadonlyMap<string, readonly string[]>): string | null {
  if (measured.length === 1) return measured[0] ?? null
  if (!measured.every((name) => calls.has(name))) return null
  const called = new Set(measured.flatMap((name) => calls.get(name) ?? []))
  const [first, ...others] = measured.filter((name) => !called.has(name))
  return others.length === 0 ? (first ?? null) : null
}

function impactOn(service: string, signals: Signals | undefined, periods: readonly Period[]): ServiceImpact[] {
  if (signals === undefined) return []
  const rate = signals.get('request_rate') ?? null
  const ratio = signals.get('error_ratio') ?? null
  const failures = failuresOf(signals)
  const slowest = latencyOf(signals)
  const used = [rate, ratio, failures, slowest].filter((one) => one !== null)
  const measured = spanOf(used, periods)
  if (measured === null) return []
  const requests = rate === null ? null : integral(rate, periods)
  const failed = failures === null ? null : integral(failures, periods)
  return [
    {
      service,
      measured,
      requests,
      failed_requests: failed,
      error_ratio: {
        before: ratio === null ? null : medianOf(before(ratio, periods)),
        peak: ratio === null ? null : worstOf(inside(ratio, periods)),
        total: requests === null || failed === null || requests === 0 ? null : failed / requests,
      },
      latency: slowest === null ? null : latencyImpact(slowest, periods),
      sources: uniqueSources(used.flatMap(({ sources }) => sources)).slice(0, MOST_SOURCES),
    },
  ]
}

const latencyImpact = (signal: Signal, periods: readonly Period[]): ServiceImpact['latency'] => ({
  indicator: signal.indicator,
  unit: signal.unit,
  before: medianOf(before(signal, periods)),
  worst: worstOf(inside(signal, periods)),
  after: medianOf(after(signal, periods)),
})

const failuresOf = (signals: Signals): Signal | null =>
  signals.get('error_rate') ?? productOf(signals.get('request_rate') ?? null, signals.get('error_ratio') ?? null)

/** Failures per second, where only their share was measured. */
function productOf(rate: Signal | null, ratio: Signal | null): Signal | null {
  if (rate === null || ratio === null) return null
  const shares = new Map(ratio.points.map(([at, share]) => [at, share]))
  const points = rate.points.flatMap(([at, value, span]): Point[] => {
    const share = shares.get(at)
    return share === undefined ? [] : [[at, value * share, span]]
  })
  return { ...rate, indicator: 'error_rate', points, sources: [...rate.sources, ...ratio.sources] }
}

function spanOf(signals: readonly Signal[], periods: readonly Period[]): { from: number; to: number } | null {
  const times = signals.flatMap((one) => inside(one, periods).map(([at]) => at))
  if (times.length === 0) return null
  const extreme = (pick: (one: number, other: number) => number) => Math.round(times.reduce(pick))
  return { from: extreme((one, other) => Math.min(one, other)), to: extreme((one, other) => Math.max(one, other)) }
}

function budgetsOf(
  { service, failed_requests: failed, sources }: ServiceImpact,
  services: ReadonlyMap<string, Signals>,
  periods: readonly Period[],
  objectives: readonly Objective[],
): Budget[] {
  const rate = services.get(service)?.get('request_rate')
  const usual = rate === undefined ? null : medianOf(before(rate, periods))
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
