/**
 * Watches one series: the detector tells what is expected, and a deviation counts once it has lasted two steps. While it lasts, values are compared with
 * the range from before it, so that it does not become normal while it is looked at.
 */
import { StreamDetector } from '../anomalies/stream-detector.ts'
import { hurtFrom } from '../metrics/hurt.ts'
import { type Meaning, meaningOf, wholeOf } from '../metrics/meaning.ts'
import { addTime, noPeaks, surpriseOf, type Tail, withPeak } from './tail.ts'
import type { Band, Identity, Off } from './watched.ts'

/** Steps in a row that make a deviation, and steps inside the range that end it. */
const CONFIRMED = 2
/** Steps without a sample after which a deviation is over. */
const MISSED = 30
/** A series that was constant has no width of its own: any change is this large at most, so that it can be stored as JSON. */
const LARGEST = 1e6
/** ms after which a deviation is the new normal. */
const SETTLED = 3_600_000
const RECENT = 32

interface Excursion {
  side: 1 | -1
  since: number
  expected: number
  width: number
  /** the last deviations in a row on its side, at most `CONFIRMED` */
  run: number[]
  calm: number
  /** the largest deviation that lasted `CONFIRMED` steps; 0: none yet */
  peak: number
}

/** Plain data, so that it can be stored. */
export interface SeriesState {
  identity: Identity
  detector: string
  tail: Tail
  last: number
  recent: (number | null)[]
  excursion: Excursion | null
  ended: { since: number; how: SeriesEnding } | null
}

export interface SeriesOptions {
  /** ms */
  stepMs: number
  /** steps that only teach a series; default 40 */
  warmUp?: number
}

export type SeriesEnding = 'recovered' | 'settled' | 'no_data'

export class SeriesWatch {
  readonly identity: Identity
  readonly meaning: Meaning
  readonly #whole: ReturnType<typeof wholeOf>
  readonly #stepMs: number
  readonly #detector: StreamDetector
  #tail: Tail = noPeaks()
  #last = NaN
  /** NaN: no sample */
  #recent: number[] = []
  #excursion: Excursion | null = null
  #ended: { since: number; how: SeriesEnding } | null = null

  constructor(identity: Identity, { stepMs, ...learning }: SeriesOptions) {
    this.identity = identity
    this.meaning = meaningOf(identity)
    this.#whole = wholeOf(identity)
    this.#stepMs = stepMs
    this.#detector = new StreamDetector(learning)
  }

  static restored(state: SeriesState, options: SeriesOptions): SeriesWatch {
    const series = new SeriesWatch(state.identity, options)
    series.#detector.restore(state.detector)
    series.#tail = { ...state.tail }
    series.#last = state.last
    series.#recent = state.recent.map((value) => value ?? NaN)
    series.#excursion = state.excursion
    series.#ended = state.ended
    return series
  }

  snapshot(): SeriesState {
    return {
      identity: this.identity,
      detector: this.#detector.snapshot(),
      tail: { ...this.#tail },
      last: this.#last,
      recent: this.#shown(),
      excursion: this.#excursion,
      ended: this.#ended,
    }
  }

  /** time of the last sample */
  get last(): number {
    return this.#last
  }

  /** when the last deviation began, and how it ended; null: there was none */
  get ended(): { since: number; how: SeriesEnding } | null {
    return this.#ended
  }

  /** The value of the step that ends at `time`; steps come in order. Null: inside the expected range, or not known yet. */
  judge(time: number, value: number): Off | null {
    this.#keep(time, value)
    const { expected, upper } = this.#detector.judge(time, value)
    if (expected === null || upper === null) return null
    this.#move(time, value, { expected, width: upper - expected })
    return this.off
  }

  /** A step without a sample, of a series that is off. True once the deviation is over for want of samples. */
  miss(time: number): boolean {
    if (this.#excursion === null || time - this.#last <= MISSED * this.#stepMs) return false
    this.#end('no_data')
    return true
  }

  #keep(time: number, value: number): void {
    const missed = Number.isNaN(this.#last) ? 0 : Math.round((time - this.#last) / this.#stepMs) - 1
    // a gap is not time in which the series was observed
    addTime(this.#tail, Math.min(missed + 1, CONFIRMED) * this.#stepMs)
    if (missed > MISSED) this.#end('no_data')
    for (let gap = Math.min(missed, RECENT); gap > 0; gap -= 1) this.#recent.push(NaN)
    this.#recent.push(value)
    while (this.#recent.length > RECENT) this.#recent.shift()
    this.#last = time
  }

  #move(time: number, value: number, now: { expected: number; width: number }): void {
    const before = this.#excursion ?? now
    const side = value < before.expected ? -1 : 1
    const deviation = Math.min(LARGEST, Math.abs(value - before.expected) / this.#reach(before, value))
    const isOut = deviation >= 1
    const excursion = this.#excursion
    if (excursion === null) {
      if (isOut) this.#excursion = { side, since: time, ...now, run: [deviation], calm: 0, peak: 0 }
      return
    }
    if (isOut && side === excursion.side) {
      excursion.run = [...excursion.run, deviation].slice(-CONFIRMED)
      excursion.calm = 0
      excursion.peak = Math.max(excursion.peak, lasting(excursion.run))
      if (time - excursion.since >= SETTLED) this.#end('settled')
      return
    }
    excursion.run = []
    excursion.calm += 1
    if (excursion.calm >= CONFIRMED) this.#end('recovered')
  }

  /** The deviation at the last sample; null: inside the expected range, or not confirmed. */
  get off(): Off | null {
    const value = this.#recent.at(-1) ?? NaN
    if (this.#excursion === null || Number.isNaN(value)) return null
    const { side, since, expected, run } = this.#excursion
    const reach = this.#reach(this.#excursion, value)
    const deviation = lasting(run)
    if (deviation === 0) return null
    const series = { ...this.identity, times: new Float64Array(), values: new Float64Array() }
    return {
      ...this.identity,
      ...{ value, expected, since, ...this.#range(expected, reach) },
      direction: side > 0 ? 'above' : 'below',
      surprise: surpriseOf(this.#tail, deviation),
      felt: Math.abs(value - expected) >= (hurtFrom(series, this.meaning, expected) ?? Infinity),
      recent: this.#shown(),
    }
  }

  /** null: not known yet. */
  get band(): Band | null {
    const value = this.#recent.at(-1) ?? NaN
    const now = this.#excursion ?? this.#detector.ahead(this.#last + this.#stepMs)
    if (Number.isNaN(value) || now === null) return null
    const reach = this.#reach(now, value)
    return { ...this.identity, value, expected: now.expected, ...this.#range(now.expected, reach) }
  }

  /** None of the known kinds can be negative. */
  #range(expected: number, reach: number): { lower: number; upper: number } {
    const lower = this.meaning === 'other' ? expected - reach : Math.max(0, expected - reach)
    return { lower, upper: expected + reach }
  }

  #shown(): (number | null)[] {
    return this.#recent.map((value) => (Number.isNaN(value) ? null : value))
  }

  #end(how: SeriesEnding): void {
    if (this.#excursion === null) return
    const { since, peak } = this.#excursion
    if (peak >= 1) this.#tail = withPeak(this.#tail, peak)
    this.#excursion = null
    this.#ended = { since, how }
  }

  /** The deviation that counts as 1: what the series does by itself, but at least the smallest change worth a person's attention. */
  #reach({ expected, width }: Pick<Excursion, 'expected' | 'width'>, value: number): number {
    const whole = this.#whole
    if (whole !== null) return Math.max(width, whole * (this.meaning === 'errors' ? LEAST_ERRORS : LEAST_SHARE))
    // half as much is as large a change as twice as much
    const level = Math.max(Math.min(Math.abs(value), Math.abs(expected)), LEAST_CHANGE * Math.abs(expected))
    // a count that is usually zero has no scale of its own
    return Math.max(width, LEAST_CHANGE * level, this.meaning === 'errors' ? LEAST_COUNT : Number.MIN_VALUE)
  }
}

const LEAST_ERRORS = 0.005
const LEAST_SHARE = 0.05
const LEAST_CHANGE = 0.2
const LEAST_COUNT = 1

/** The deviation that the last steps all reached. */
const lasting = (run: readonly number[]): number =>
  run.length < CONFIRMED ? 0 : run.reduce((least, one) => Math.min(least, one))
