/**
 * Anomalies of one series as its points come: a point is judged by what came before it, never by what comes after.
 * Three simple forecasters compete, an exponentially weighted level (Brown, 1956) and two with a shape that comes again, of the day and of the
 * week (Winters, 1960); whichever erred less lately says what is expected, and its own past errors say how far off is an anomaly.
 */
import { clipped, type Errors, NO_ERRORS, withError } from './errors.ts'
import { learnShape, offsetAt, type Shape, shapeOf } from './shape.ts'

export interface Judged {
  /** null until there is something to expect from */
  expected: number | null
  lower: number | null
  upper: number | null
  /** 0..1: half at the bounds, two thirds twice as far out, and so on; 0.5 and above lies outside [lower, upper] */
  score: number
  anomaly: boolean
}

export interface DetectorOptions {
  /** points before anything is called an anomaly */
  warmUp?: number
}

/** What is kept of a series, whatever its length: some eight hundred numbers. Plain data, so that it can be stored. */
interface State {
  count: number
  level: number
  slow: number
  last: number
  /** the level before the last anomalies, and how many points since were none; null: it was learned since that it is another */
  before: { level: number; limit: number; calm: number } | null
  shapes: Shape[]
  /** of the level, then of each shape */
  errors: Errors[]
}

/** What one of the forecasters says; null: nothing yet. */
type Forecasts = readonly (number | null)[]

interface Best {
  expected: number
  errors: Errors
}

const QUICK = 0.15
const SLOW = 0.002
/** An error beyond its clipping still moves the level by a share of itself, so that a lasting shift is learned. */
const SHIFTING = 0.1
/** So many points in a row that are no anomalies make a level the usual one. */
const USUAL = 7

interface Expected {
  expected: number
  /** how far off is an anomaly */
  width: number
}

export class StreamDetector {
  readonly #warmUp: number
  #state: State = {
    count: 0,
    level: 0,
    slow: 0,
    last: NaN,
    before: null,
    shapes: [shapeOf(1), shapeOf(7)],
    errors: [NO_ERRORS, NO_ERRORS, NO_ERRORS],
  }

  constructor({ warmUp = 40 }: DetectorOptions = {}) {
    this.#warmUp = warmUp
  }

  /** What a restart needs; `restore` takes it. */
  snapshot(): string {
    return JSON.stringify(this.#state)
  }

  restore(snapshot: string): void {
    this.#state = JSON.parse(snapshot) as State
  }

  /** `time` in ms since the epoch or an index; `value` NaN: a missing point, which is judged as nothing and teaches nothing. */
  judge(time: number, value: number): Judged {
    const state = this.#state
    if (!Number.isFinite(value)) return { expected: null, lower: null, upper: null, score: 0, anomaly: false }
    if (state.count === 0) Object.assign(state, { level: value, slow: value })
    const forecasts = this.#forecasts(time)
    const best = this.#best(forecasts)
    const known = state.count >= this.#warmUp
    const now = expectedOf(best.expected, best.errors)
    const { expected, width } = this.#nearer(value, now)
    if (known) this.#keepBefore(Math.abs(value - now.expected) >= now.width)
    this.#learn(time, value, forecasts, best)
    if (!known) return { expected, lower: null, upper: null, score: 0, anomaly: false }
    const deviation = deviationOf(value, { expected, width })
    const score = deviation === Infinity ? 1 : deviation / (1 + deviation)
    return { expected, lower: expected - width, upper: expected + width, score, anomaly: score >= 0.5 }
  }

  /** What comes back from an anomaly to what it was before is none, though the level has followed it a little. */
  #nearer(value: number, now: Expected): Expected {
    const { before } = this.#state
    if (before === null) return now
    const back = expectedOf(before.level, before)
    return deviationOf(value, back) < deviationOf(value, now) ? back : now
  }

  #keepBefore(isStrange: boolean): void {
    const { before, level, errors } = this.#state
    if (isStrange) this.#state.before = { ...(before ?? { level, limit: errors[0]!.limit }), calm: 0 }
    else if (before !== null) this.#state.before = before.calm < USUAL ? { ...before, calm: before.calm + 1 } : null
  }

  #forecasts(time: number): Forecasts {
    const { level, slow, shapes } = this.#state
    const offsets = shapes.map((shape) => offsetAt(shape, time))
    return [level, ...offsets.map((offset) => (offset === null ? null : slow + offset))]
  }

  /** A shape is taken at its word once its errors are known. */
  #best(forecasts: Forecasts): Best {
    const { level, errors } = this.#state
    let best: Best = { expected: level, errors: errors[0]! }
    for (const [at, expected] of forecasts.entries()) {
      const own = errors[at]!
      if (expected !== null && own.count >= this.#warmUp && own.scale < best.errors.scale) best = { expected, errors: own } // prettier-ignore
    }
    return best
  }

  /** How much of an error is learned from. */
  #bounded(error: number, { count, scale }: Errors): number {
    return count < this.#warmUp ? error : Math.sign(error) * clipped(Math.abs(error), scale, SHIFTING)
  }

  #learn(time: number, value: number, forecasts: Forecasts, { expected, errors }: Best): void {
    const state = this.#state
    const error = this.#bounded(value - expected, errors)
    const bounded = expected + error
    // of an anomaly no more than of what is none: it would make anomalies of what is ordinary at the same time tomorrow
    const shaped = state.count < this.#warmUp ? bounded : expected + Math.sign(error) * Math.min(Math.abs(error), errors.limit) // prettier-ignore
    for (const [at, forecast] of forecasts.entries())
      if (forecast !== null) state.errors[at] = withError(state.errors[at]!, Math.abs(value - forecast), this.#warmUp)
    state.count += 1
    state.level += Math.max(1 / state.count, QUICK) * (bounded - state.level)
    state.slow += Math.max(1 / state.count, SLOW) * (bounded - state.slow)
    for (const shape of state.shapes) learnShape(shape, time, state.last, shaped - state.slow)
    state.last = time
  }
}

const expectedOf = (expected: number, { limit }: Pick<Errors, 'limit'>): Expected => ({
  expected,
  width: Math.max(limit, 1e-9 * Math.abs(expected), Number.MIN_VALUE),
})

const deviationOf = (value: number, { expected, width }: Expected): number => Math.abs(value - expected) / width
