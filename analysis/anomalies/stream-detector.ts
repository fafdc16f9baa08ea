/**
 * Streaming anomaly detection for one series: each point is judged by earlier points only.
 * Three simple forecasters compete: an exponentially weighted level (Brown, 1956), and two with a daily and a weekly pattern
 * (Winters, 1960). The one with the smallest recent errors gives the expected value, and its past errors set the bounds. How unusual a point
 * within the bounds is depends on its errors and on those of the line through the last points, in their usual sizes.
 */
import { clipped, type Errors, learnError, noErrors } from './errors.ts'
import { lineAhead, remember } from './line.ts'
import { learnShape, offsetAt, restored, type Shape, shapeOf, stored, type StoredShape } from './shape.ts'

export interface Judged {
  /** null for a missing point */
  expected: number | null
  lower: number | null
  upper: number | null
  /**
   * 0..1. Outside [lower, upper]: 0.5 at the bounds, 2/3 at twice that distance from the expected value, and so on. Within them below 0.5: the
   * more unusual this point and the last few, the higher, so that points rank across days and series, and a disturbance stays up while it lasts.
   */
  score: number
  anomaly: boolean
}

export interface DetectorOptions {
  /** number of points before anomalies are reported */
  warmUp?: number
}

/** The state of one series: about four kilobytes, whatever its length. */
interface State {
  count: number
  level: number
  slow: number
  last: number
  /** the level before the last anomalies and the number of normal points since; null: no recent anomaly */
  before: { level: number; limit: number; calm: number } | null
  shapes: Shape[]
  /** for the level forecaster, then for each shape */
  errors: Errors[]
  /** the last values, oldest first, and the errors of the line through them */
  recent: number[]
  line: Errors
  /** errors of the best forecaster and of the line in their usual sizes: the largest of late, fading */
  strange: { best: number; line: number }
}

type Stored = Omit<State, 'shapes'> & { format?: number; shapes: StoredShape[] }

/** Of the stored state; raised with each change of its fields. 1 had none. */
const FORMAT = 3
const READABLE: readonly number[] = [2, FORMAT]

/** A stored state of another release. What it knows cannot be read: it is learned again. */
export class SnapshotFormatError extends RangeError {
  override readonly name = 'SnapshotFormatError'
}

/** The forecast of each forecaster; null: not available yet. */
type Forecasts = readonly (number | null)[]

interface Best {
  expected: number
  errors: Errors
}

const QUICK = 0.15
const SLOW = 0.002
/** A clipped error still moves the level by this share of its size, so that a lasting shift is learned. */
const SHIFTING = 0.1
/** After this many normal points in a row, the current level is the normal one. */
const USUAL = 7

/** What remains of an earlier error at the next point: it fades within about ten. */
const FADING = 0.9
/** In their usual sizes. A series that was constant has no usual size. */
const LARGEST = 1e6
/** A point within the bounds whose errors are this many times their usual size has half of the score at the bounds. */
const HALFWAY = 6

interface Expected {
  expected: number
  /** distance from `expected` at which a value is an anomaly */
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
    errors: [noErrors(), noErrors(), noErrors()],
    recent: [],
    line: noErrors(),
    strange: { best: 0, line: 0 },
  }

  constructor({ warmUp = 40 }: DetectorOptions = {}) {
    this.#warmUp = warmUp
  }

  /** The state as JSON, for `restore` after a restart. */
  snapshot(): string {
    return JSON.stringify({ format: FORMAT, ...this.#state, shapes: this.#state.shapes.map(stored) })
  }

  /** Throws SnapshotFormatError for a snapshot of another format. */
  restore(snapshot: string): void {
    const { format = 1, ...state } = JSON.parse(snapshot) as Stored
    if (!READABLE.includes(format))
      throw new SnapshotFormatError(
        `the detector's snapshot has format ${format}, and only ${READABLE.join(' and ')} can be restored`,
      )
    this.#state = { ...state, shapes: state.shapes.map(restored) }
  }

  /** `time`: ms since the epoch, or an index. A NaN `value` is a missing point: never an anomaly, and nothing is learned from it. */
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
    const strangeness = this.#strangeness(value, best)
    this.#learn(time, value, forecasts, best)
    if (!known) return { expected, lower: null, upper: null, score: 0, anomaly: false }
    const deviation = deviationOf(value, { expected, width })
    const anomaly = deviation >= 1
    const score = anomaly ? shareOf(deviation) : shareOf(strangeness / HALFWAY) / 2
    return { expected, lower: expected - width, upper: expected + width, score, anomaly }
  }

  /** The geometric mean of how strange the point is to the best forecaster and to the line, each at its largest of late. */
  #strangeness(value: number, { expected, errors }: Best): number {
    const { recent, line, strange } = this.#state
    const next = lineAhead(recent)
    strange.best = Math.max(strange.best * FADING, this.#timesUsual(value - expected, errors))
    strange.line *= FADING
    if (next !== null) {
      strange.line = Math.max(strange.line, this.#timesUsual(value - next, line))
      learnError(line, Math.abs(value - next), this.#warmUp)
    }
    remember(recent, value)
    return Math.sqrt(strange.best * strange.line)
  }

  /** 0 until the usual size is known, or the first points would seem the strangest of all. */
  #timesUsual(error: number, { count, scale }: Errors): number {
    return count < this.#warmUp || error === 0 ? 0 : Math.min(Math.abs(error) / scale, LARGEST)
  }

  /** A return to the level before an anomaly is not an anomaly, even though the learned level has drifted towards the anomaly. */
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

  /** A shape competes only after its errors have warmed up. */
  #best(forecasts: Forecasts): Best {
    const { level, errors } = this.#state
    let best: Best = { expected: level, errors: errors[0]! }
    for (const [at, expected] of forecasts.entries()) {
      const own = errors[at]!
      if (expected !== null && own.count >= this.#warmUp && own.scale < best.errors.scale) best = { expected, errors: own } // prettier-ignore
    }
    return best
  }

  /** The part of an error that is learned. */
  #bounded(error: number, { count, scale }: Errors): number {
    return count < this.#warmUp ? error : Math.sign(error) * clipped(Math.abs(error), scale, SHIFTING)
  }

  #learn(time: number, value: number, forecasts: Forecasts, { expected, errors }: Best): void {
    const state = this.#state
    const error = this.#bounded(value - expected, errors)
    const bounded = expected + error
    // limit what shapes learn from an anomaly; otherwise normal values at the same time tomorrow would count as anomalies
    const shaped = state.count < this.#warmUp ? bounded : expected + Math.sign(error) * Math.min(Math.abs(error), errors.limit) // prettier-ignore
    for (const [at, forecast] of forecasts.entries())
      if (forecast !== null) learnError(state.errors[at]!, Math.abs(value - forecast), this.#warmUp)
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

/** From 0 to 1: 1/2 at 1, 2/3 at 2. */
const shareOf = (times: number): number => (times === Infinity ? 1 : times / (1 + times))
