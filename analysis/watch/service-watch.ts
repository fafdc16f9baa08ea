/** Watches the series of one service: how unusual the service is as a whole, and what users feel of it. */
import { directionOf, isOfClient, type Meaning, wholeOf } from '../metrics/meaning.ts'
import { covers, type Exception } from './exceptions.ts'
import { type SeriesEnding, type SeriesOptions, type SeriesState, SeriesWatch } from './series-watch.ts'
import { type Band, compared, type Identity, keyOf, MOST_SERIES, type Off, type Severity } from './watched.ts'

/**
 * Errors and latency are what users feel; the other kinds explain it. Series of one kind show the same thing, so only the strongest counts. More traffic is
 * no anomaly by itself, and neither is any change for the better.
 */
const WEIGHTS: Readonly<Record<Meaning, number>> = { errors: 1, latency: 1, traffic: 0.8, saturation: 0.6, other: 0.5 }
const STRONG = 4

export interface ServiceState {
  service: string
  series: SeriesState[]
}

export interface Condition {
  score: number
  severity: Severity
  since: number
  /** strongest first */
  series: Off[]
}

export class ServiceWatch {
  readonly service: string
  readonly #options: SeriesOptions
  readonly #series = new Map<string, SeriesWatch>()
  readonly #off = new Map<string, Off>()

  constructor(service: string, options: SeriesOptions) {
    this.service = service
    this.#options = options
  }

  static restored({ service, series }: ServiceState, options: SeriesOptions): ServiceWatch {
    const watch = new ServiceWatch(service, options)
    for (const state of series) {
      const one = SeriesWatch.restored(state, options)
      const key = keyOf(state.identity)
      watch.#series.set(key, one)
      watch.#keep(key, one.off)
    }
    return watch
  }

  snapshot(): ServiceState {
    return { service: this.service, series: [...this.#series.values()].map((series) => series.snapshot()) }
  }

  get size(): number {
    return this.#series.size
  }

  /** Of the series that were measured at `since` or later, and that `isChosen` accepts. */
  bands(since: number, isChosen: (identity: Identity) => boolean): Band[] {
    return [...this.#series.values()].flatMap((one) =>
      one.last >= since && isChosen(one.identity) ? (one.band ?? []) : [],
    )
  }

  /** `key`: as `keyOf` makes it. */
  get(key: string): SeriesWatch | undefined {
    return this.#series.get(key)
  }

  open(identity: Identity, key: string): SeriesWatch {
    const series = new SeriesWatch(identity, this.#options)
    this.#series.set(key, series)
    return series
  }

  /** The service is not off, nor about to be. */
  get isCalm(): boolean {
    return this.#off.size === 0
  }

  /** How its deviations ended that began at `since` or later. */
  endingSince(since: number): SeriesEnding {
    const endings = [...this.#series.values()].flatMap(({ ended }) => (ended !== null && ended.since >= since ? ended.how : [])) // prettier-ignore
    return endings.find((how) => how !== 'recovered') ?? 'recovered'
  }

  judge(series: SeriesWatch, key: string, time: number, value: number): void {
    this.#keep(key, series.judge(time, value))
  }

  #keep(key: string, off: Off | null): void {
    if (off === null && this.#off.size === 0) return
    if (off === null) this.#off.delete(key)
    else this.#off.set(key, off)
  }

  /** Ends the deviations of series that have no samples any more. */
  miss(time: number): void {
    for (const key of this.#off.keys()) if (this.#series.get(key)?.miss(time)) this.#off.delete(key)
  }

  /** Forgets series without a sample since `time`; returns how many. */
  forget(time: number): number {
    const old = [...this.#series].filter(([, { last }]) => last < time).map(([key]) => key)
    for (const key of old) {
      this.#series.delete(key)
      this.#off.delete(key)
    }
    return old.length
  }

  /** Without what the exceptions cover. */
  condition(exceptions: readonly Exception[] = []): Condition | null {
    const hasShare = [...this.#series.values()].some(isErrorShare)
    const shown = [...this.#off].filter(([, off]) => !exceptions.some((one) => covers(one, off)))
    const weighed = shown.map(([key, off]) => {
      const series = this.#series.get(key)!
      const { meaning } = series
      // the share says how many users it is; a count grows with the traffic
      const isCounted = meaning !== 'errors' || !hasShare || isErrorShare(series)
      return { off, meaning, weight: isCounted ? weightOf(off, meaning) * off.surprise : 0 }
    })
    const counted = weighed
      .filter(({ weight }) => weight > 0)
      .sort((a, b) => b.weight - a.weight || compared(a.off.indicator, b.off.indicator))
    if (counted.length === 0) return null
    const kinds = new Map<Meaning, number>()
    for (const { meaning, weight } of counted) kinds.set(meaning, Math.max(kinds.get(meaning) ?? 0, weight))
    const score = [...kinds.values()].reduce((sum, weight) => sum + weight, 0)
    const series = counted.slice(0, MOST_SERIES).map(({ off }) => off)
    return { score, severity: severityOf(score, series), since: series.reduce((first, { since }) => Math.min(first, since), Infinity), series } // prettier-ignore
  }
}

const isErrorShare = ({ meaning, identity }: SeriesWatch): boolean => meaning === 'errors' && wholeOf(identity) !== null

function weightOf(off: Off, meaning: Meaning): number {
  const worse = meaning === 'traffic' ? -1 : directionOf(off, meaning)
  const side = off.direction === 'above' ? 1 : -1
  if (worse !== 0 && side !== worse) return 0
  // what a caller waits for is its callee's latency
  return WEIGHTS[meaning] * (meaning === 'latency' && isOfClient(off.indicator) ? 0.5 : 1)
}

function severityOf(score: number, series: readonly Off[]): Severity {
  const isFelt = series.some(({ felt }) => felt)
  if (isFelt && score >= STRONG) return 'critical'
  return isFelt || score >= STRONG ? 'warning' : 'info'
}
