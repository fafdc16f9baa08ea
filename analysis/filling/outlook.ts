/**
 * Follows everything that can be full or spent, and says when it will be. Its memory is bounded by the number of series, its clock is that of the samples,
 * and its whole state is plain data.
 */
import { DAY_MS, type Usage } from '../capacity/capacity.ts'
import { largest } from '../extremes.ts'
import type { Identity, Sample } from '../watch/watched.ts'
import { type Fill, fillAt } from './fill.ts'
import type { Forecast, PathPoint } from './forecasts.ts'
import { History, type HistoryState } from './history.ts'
import { type Judged, type OpenForecast, OpenForecasts } from './open-forecasts.ts'
import { type Fillable, fillableOf } from './resources.ts'

export const MOST_FORETOLD = 20_000

export interface OutlookOptions {
  stepMs: number
  /** ms within which something must be full; default 14 days */
  horizonMs?: number
  /** probability that an interval holds; default 0.9 */
  level?: number
  /** default `MOST_FORETOLD`; samples of further series are dropped and counted */
  mostSeries?: number
}

interface SeriesState {
  identity: Identity
  instance: string | null
  last: { time: number; value: number }
  history: HistoryState
}

export interface OutlookState {
  stepMs: number
  series: SeriesState[]
  open: OpenForecast[]
}

interface Series extends Omit<SeriesState, 'history'> {
  history: History
  /** by scale, as last judged; stale ones stay until the scale is judged again */
  fills: (Fill | null)[]
  /** by scale: when, and the share that was measured then */
  judged: { time: number; share: number }[]
}

interface Resources {
  fillable: Fillable
  /** by instance */
  series: Map<string | null, Series>
}

/** A scale is judged again after this many of its means, or before that if what is left changed by this share, or if it should be full by now. */
const JUDGED_EVERY = { most: 40, least: 3, left: 0.05 }
/** Steps without a sample after which nothing is foretold of an instance, and steps between two judgments that are a gap. */
const SILENT_STEPS = 30
const GAP_STEPS = 2
const FORGOTTEN_MS = 7 * DAY_MS
/** Displayed as 100 %. */
const FULL = 0.995
const NO_LONGER_FULL = 0.9
/** Share of what was used that is free again after a clean-up, a resize or a restart, and how many times as much as it strays from the line. */
const FREED = 0.2
const STRAYS = 3
const PATH = 12
const RECENT = 32

export class Outlook {
  /** samples of series beyond the limit */
  beyond = 0
  readonly #options: Required<OutlookOptions>
  #mostSeries: number
  readonly #resources = new Map<string, Resources>()
  #open: OpenForecasts
  #size = 0
  /** the last step that was judged, and the first one since steps are judged without a gap */
  #judgedAt = -Infinity
  #beganAt = -Infinity

  constructor(options: OutlookOptions, state?: OutlookState) {
    this.#options = { horizonMs: 14 * DAY_MS, level: 0.9, mostSeries: MOST_FORETOLD, ...options }
    this.#mostSeries = this.#options.mostSeries
    this.#open = new OpenForecasts(state?.open)
    for (const { history, ...one } of state?.series ?? []) this.#keep({ ...one, history: new History(options.stepMs, history), fills: [], judged: [] }) // prettier-ignore
  }

  snapshot(): OutlookState {
    const series = [...this.#resources.values()].flatMap(({ series: all }) => [...all.values()])
    return {
      stepMs: this.#options.stepMs,
      series: series.map(({ identity, instance, last, history }) => ({ identity, instance, last, history: history.snapshot() })), // prettier-ignore
      open: this.#open.snapshot(),
    }
  }

  get size(): number {
    return this.#size
  }

  /** Changes how many series it may have; those it has stay. */
  allow(mostSeries: number): void {
    this.#mostSeries = mostSeries
  }

  open(): Forecast[] {
    return this.#open.list()
  }

  /** The open forecasts as if they had just been produced, for a first announcement. */
  announceOpen(): Forecast[] {
    return this.#open.announceOpen()
  }

  /** Ignores what cannot be full, and what is older than the last sample of its series. */
  add({
    service,
    indicator,
    unit,
    instance = null,
    time,
    value,
  }: Omit<Sample, 'instance'> & { instance?: string | null }): void {
    // prettier-ignore
    if (!Number.isFinite(value)) return
    const identity = { service, indicator, ...(unit === undefined ? {} : { unit }) }
    const known = this.#resources.get(nameOf(identity))
    const fillable = known?.fillable ?? fillableOf(identity)
    if (fillable === null) return
    let series = known?.series.get(instance)
    if (series === undefined) {
      if (this.#size >= this.#mostSeries) return void (this.beyond += 1)
      series = { identity, instance, last: { time, value }, history: new History(this.#options.stepMs), fills: [], judged: [] } // prettier-ignore
      this.#keep(series)
    }
    if (time < series.last.time) return
    if (isFreed(fillable, series.last.value, value)) series.fills = []
    series.last = { time, value }
    series.history.add(time, fillable.shareOf(value))
  }

  #keep(series: Series): void {
    const name = nameOf(series.identity)
    const fillable = fillableOf(series.identity)
    if (fillable === null) return
    const resources = this.#resources.get(name) ?? { fillable, series: new Map<string | null, Series>() }
    this.#resources.set(name, resources)
    resources.series.set(series.instance, series)
    this.#size += 1
  }

  /** Judges what was measured until `now`, the end of a step, and returns what is to be announced. */
  advance(now: number): Forecast[] {
    if (now - this.#judgedAt > GAP_STEPS * this.#options.stepMs) this.#beganAt = now
    this.#judgedAt = now
    const gone = this.#open.names().filter((name) => !this.#resources.has(name))
    const over = gone.flatMap((name) => this.#open.close(name, now, 'no_data'))
    const said = [...this.#resources].flatMap(([name, resources]) => {
      this.#forget(name, resources, now)
      return this.#judge(name, resources, now)
    })
    return [...over, ...said]
  }

  #forget(name: string, { series }: Resources, now: number): void {
    for (const [instance, { last }] of series)
      if (last.time < now - FORGOTTEN_MS) {
        series.delete(instance)
        this.#size -= 1
      }
    if (series.size === 0) this.#resources.delete(name)
  }

  #judge(name: string, { fillable, series }: Resources, now: number): Forecast[] {
    const silent = now - SILENT_STEPS * this.#options.stepMs
    const measured = [...series.values()].filter(({ last }) => last.time > silent)
    const told = this.#open.told(name)
    const own = told === null ? undefined : measured.find(({ instance }) => instance === told.instance)
    const value = own?.last.value
    const fullest = largest(measured.map(({ last }) => fillable.shareOf(last.value)))
    if (this.#open.isFull(name) && fullest < NO_LONGER_FULL) this.#open.close(name, now, 'freed')
    const isFull = told === null ? fullest >= FULL : value !== undefined && fillable.shareOf(value) >= FULL
    if (isFull) return this.#open.close(name, now, 'full', value)
    let isJudged = false
    for (const one of measured)
      isJudged = this.#judgeSeries(one, fillable.shareOf(one.last.value), one === own) || isJudged
    const isFreedSince = told !== null && own !== undefined && isFreedFrom(told, fillable, own)
    if (isFreedSince) own.fills = []
    const soonest = measured
      .flatMap((one) => one.fills.flatMap((fill, scale) => (fill === null ? [] : { one, fill, scale })))
      .reduce<Soonest | null>((first, next) => (first === null || next.fill.at < first.fill.at ? next : first), null)
    if (soonest === null && told !== null) {
      // after a gap, such as of a source that was away, not all instances are measured again at once
      if (own === undefined) return this.#beganAt > silent ? [] : this.#open.close(name, now, 'no_data')
      if (isFreedSince) return this.#open.close(name, now, 'freed', own.last.value)
    }
    if (!isJudged) return []
    return soonest === null ? this.#open.notFilling(name, now) : this.#open.filling(name, this.#judged(soonest, fillable, now)) // prettier-ignore
  }

  /** True: a scale was judged. */
  #judgeSeries({ history, fills, judged, last }: Series, share: number, isTold: boolean): boolean {
    const { most, least, left } = JUDGED_EVERY
    const due = history.scales.flatMap(({ width }, scale) => {
      const { time, share: before } = judged[scale] ?? { time: -Infinity, share: 0 }
      const age = (last.time - time) / width
      const isOverdue = (fills[scale]?.at ?? Infinity) <= last.time
      const isOther = isOverdue || Math.abs(share - before) >= left * (1 - share)
      return age >= most || (age >= least && isOther) ? [scale] : []
    })
    const { horizonMs, level } = this.#options
    for (const scale of due) {
      judged[scale] = { time: last.time, share }
      fills[scale] = fillAt(history, scale, { now: last.time, horizonMs, level, isTold })
    }
    return due.length > 0
  }

  #judged({ one, fill, scale }: Soonest, fillable: Fillable, at: number): Judged {
    const { identity, instance, last, history } = one
    const { since, earliest, latest } = fill
    return {
      ...identity,
      ...{ resource: fillable.resource, instance, at, now: last.value, limit: fillable.limit, since },
      full: { at: fill.at, earliest, latest, level: this.#options.level },
      path: pathOf(fill, fillable, at),
      ...recentOf(history.usage(scale), fillable, { start: at - 2 * (at - since), end: at }),
      recentStepMs: (2 * (at - since)) / RECENT,
    }
  }
}

interface Soonest {
  one: Series
  fill: Fill
  scale: number
}

/** Without the NUL that PostgreSQL refuses in JSON. */
const nameOf = ({ service, indicator, unit = '' }: Identity): string => JSON.stringify([service, indicator, unit])

const isFreed = ({ shareOf }: Fillable, before: number, now: number): boolean =>
  shareOf(now) <= (1 - FREED) * shareOf(before)

/** Whether less is used than before, by more than it strays from the line: each garbage collection frees some memory. */
function isFreedFrom({ at, path, now }: Forecast, fillable: Fillable, { last, history }: Series): boolean {
  const { shareOf, valueOf } = fillable
  const [{ value, lower, upper }] = path as [PathPoint]
  const band = shareOf(value) - Math.min(shareOf(lower), shareOf(upper))
  const since = history.scales.flatMap((_, scale) => {
    const { times, values } = history.usage(scale)
    return values.filter((_, index) => times[index]! >= at)
  })
  const most = largest([shareOf(now), ...since])
  return most - shareOf(last.value) >= STRAYS * band && isFreed(fillable, valueOf(most), last.value)
}

function pathOf({ line, at: fullAt, daily }: Fill, { valueOf }: Fillable, now: number): PathPoint[] {
  const within = (share: number): number => Math.min(1, Math.max(0, share))
  return Array.from({ length: PATH }, (_, index) => {
    const time = now + ((fullAt - now) * index) / (PATH - 1)
    const days = (time - now) / DAY_MS
    const { present, perDay, band, lower, upper } = line
    const at = (offset: number, rate: number): number =>
      valueOf(within(present + offset + rate * days + daily.at(time)))
    const [one, other] = [at(-band, lower), at(band, upper)]
    return { time, value: at(0, perDay), lower: Math.min(one, other), upper: Math.max(one, other) }
  })
}

function recentOf({ times, values }: Usage, { valueOf }: Fillable, { start, end }: { start: number; end: number }) {
  const parts = Array.from({ length: RECENT }, () => ({ sum: 0, count: 0 }))
  for (const [at, time] of times.entries()) {
    const part = parts[Math.min(RECENT - 1, Math.floor(((time - start) / (end - start)) * RECENT))]
    if (part === undefined) continue
    part.sum += values[at]!
    part.count += 1
  }
  return { recent: parts.map(({ sum, count }) => (count === 0 ? null : valueOf(sum / count))) }
}
