/**
 * Streaming anomaly detection for one series: each point is judged by earlier points only.
 * Three simple forecasters compete: an exponentially weighted level (Brown, 1956), and two with a daily and a weekly pattern
 * (Winters, 1960). The one with the smallest recent errors gives the expected value, and its past errors set the bounds. How unusual a point
 * within the bounds is depends on its errors and on those of the line through the last points, in their usual sizes.
 */
import { clipped, ERRORS, type Errors, errorsAt, keepErrors, learnError } from './errors.ts'
import { lineAhead, POINTS, remember, remembered } from './line.ts'
import {
  learnShape,
  offsetAt,
  PERIODS,
  restore,
  SHAPE_BYTES,
  type Shapes,
  shapesIn,
  stored,
  type StoredShape,
} from './shape.ts'

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

/** The state of one series, as it is stored. */
interface Stored {
  format?: number
  count: number
  level: number
  slow: number
  /** null: there was no point */
  last: number | null
  /** the level before the last anomalies and the number of normal points since; null: no recent anomaly */
  before: { level: number; limit: number; calm: number } | null
  shapes: StoredShape[]
  /** for the level forecaster, then for each shape */
  errors: Errors[]
  /** the last values, oldest first, and the errors of the line through them */
  recent: number[]
  line: Errors
  /** errors of the best forecaster and of the line in their usual sizes: the largest of late, fading */
  strange: { best: number; line: number }
}

/** Where each of them is in memory. */
const [COUNT, LEVEL, SLOW, LAST] = [0, 1, 2, 3]
/** `calm` is NaN if there is none. */
const BEFORE = { level: 4, limit: 5, calm: 6 }
const FORECASTERS = 1 + PERIODS.length
const ERRORS_AT = 7
const LINE = ERRORS_AT + FORECASTERS * ERRORS
const STRANGE = { best: LINE + ERRORS, line: LINE + ERRORS + 1 }
const RECENT = STRANGE.line + 1
const NUMBERS = RECENT + 1 + POINTS

/** Of the stored state; raised with each change of its fields. 1 had none. */
const FORMAT = 3
const READABLE: readonly number[] = [2, FORMAT]

/** A stored state of another release. What it knows cannot be read: it is learned again. */
export class SnapshotFormatError extends RangeError {
  override readonly name = 'SnapshotFormatError'
}

const QUICK = 0.15
const SLOWLY = 0.002
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

/** What is known of one series: two and a half kilobytes, whatever its length. */
export class StreamDetector {
  readonly #warmUp: number
  readonly #memory: Float64Array
  readonly #shapes: Shapes

  constructor({ warmUp = 40 }: DetectorOptions = {}) {
    this.#warmUp = warmUp
    const buffer = new ArrayBuffer(8 * NUMBERS + SHAPE_BYTES)
    this.#memory = new Float64Array(buffer, 0, NUMBERS)
    this.#shapes = shapesIn(buffer, 8 * NUMBERS)
    this.#memory[LAST] = NaN
    this.#memory[BEFORE.calm] = NaN
  }

  /** The state as JSON, for `restore` after a restart. */
  snapshot(): string {
    const memory = this.#memory
    const [level, limit, calm] = [memory[BEFORE.level]!, memory[BEFORE.limit]!, memory[BEFORE.calm]!]
    const state: Stored = {
      format: FORMAT,
      ...{ count: memory[COUNT]!, level: memory[LEVEL]!, slow: memory[SLOW]!, last: memory[LAST]! },
      before: Number.isNaN(calm) ? null : { level, limit, calm },
      shapes: stored(this.#shapes),
      errors: Array.from({ length: FORECASTERS }, (_, index) => errorsAt(memory, errorsOf(index))),
      recent: remembered(memory, RECENT),
      line: errorsAt(memory, LINE),
      strange: { best: memory[STRANGE.best]!, line: memory[STRANGE.line]! },
    }
    return JSON.stringify(state)
  }

  /** Throws SnapshotFormatError for a snapshot of another format. */
  restore(snapshot: string): void {
    const { format = 1, ...state } = JSON.parse(snapshot) as Stored
    if (!READABLE.includes(format))
      throw new SnapshotFormatError(
        `the detector's snapshot has format ${format}, and only ${READABLE.join(' and ')} can be restored`,
      )
    const memory = this.#memory
    const { count, level, slow, last, before, shapes, errors, recent, line, strange } = state
    memory.set([count, level, slow, last ?? NaN, before?.level ?? 0, before?.limit ?? 0, before?.calm ?? NaN])
    for (const [index, one] of errors.entries()) keepErrors(memory, errorsOf(index), one)
    keepErrors(memory, LINE, line)
    memory.set([strange.best, strange.line, recent.length, ...recent], STRANGE.best)
    restore(this.#shapes, shapes)
  }

  /** `time`: ms since the epoch, or an index. A NaN `value` is a missing point: never an anomaly, and nothing is learned from it. */
  judge(time: number, value: number): Judged {
    const memory = this.#memory
    if (!Number.isFinite(value)) return { expected: null, lower: null, upper: null, score: 0, anomaly: false }
    const count = memory[COUNT]!
    if (count === 0) memory[LEVEL] = memory[SLOW] = value
    const [byDay, byWeek] = [this.#byShape(0, time), this.#byShape(1, time)]
    const best = this.#best(byDay, byWeek)
    const forecast = best === 0 ? memory[LEVEL]! : best === 1 ? byDay! : byWeek!
    const limit = memory[errorsOf(best) + 2]!
    const known = count >= this.#warmUp
    const [expected, width] = this.#nearer(value, forecast, widthOf(forecast, limit))
    if (known) this.#keepBefore(Math.abs(value - forecast) >= widthOf(forecast, limit))
    const strangeness = this.#strangeness(value, forecast, errorsOf(best))
    this.#learn(time, value, byDay, byWeek, forecast, errorsOf(best))
    if (!known) return { expected, lower: null, upper: null, score: 0, anomaly: false }
    const deviation = Math.abs(value - expected) / width
    const anomaly = deviation >= 1
    const score = anomaly ? shareOf(deviation) : shareOf(strangeness / HALFWAY) / 2
    return { expected, lower: expected - width, upper: expected + width, score, anomaly }
  }

  /** What is expected of a point at `time`, and the distance from it at which a value is an anomaly; null until it is known. */
  ahead(time: number): { expected: number; width: number } | null {
    const memory = this.#memory
    if (memory[COUNT]! < this.#warmUp) return null
    const [byDay, byWeek] = [this.#byShape(0, time), this.#byShape(1, time)]
    const best = this.#best(byDay, byWeek)
    const expected = best === 0 ? memory[LEVEL]! : best === 1 ? byDay! : byWeek!
    return { expected, width: widthOf(expected, memory[errorsOf(best) + 2]!) }
  }

  /** The geometric mean of how strange the point is to the best forecaster and to the line, each at its largest of late. */
  #strangeness(value: number, forecast: number, errors: number): number {
    const memory = this.#memory
    const next = lineAhead(memory, RECENT)
    const best = Math.max(memory[STRANGE.best]! * FADING, this.#timesUsual(value - forecast, errors))
    let line = memory[STRANGE.line]! * FADING
    if (next !== null) {
      line = Math.max(line, this.#timesUsual(value - next, LINE))
      learnError(memory, LINE, Math.abs(value - next), this.#warmUp)
    }
    memory[STRANGE.best] = best
    memory[STRANGE.line] = line
    remember(memory, RECENT, value)
    return Math.sqrt(best * line)
  }

  /** 0 until the usual size is known, or the first points would seem the strangest of all. `errors`: where they are. */
  #timesUsual(error: number, errors: number): number {
    const [count, scale] = [this.#memory[errors]!, this.#memory[errors + 1]!]
    return count < this.#warmUp || error === 0 ? 0 : Math.min(Math.abs(error) / scale, LARGEST)
  }

  /** A return to the level before an anomaly is not an anomaly, even though the learned level has drifted towards the anomaly. */
  #nearer(value: number, expected: number, width: number): readonly [expected: number, width: number] {
    const memory = this.#memory
    if (Number.isNaN(memory[BEFORE.calm]!)) return [expected, width]
    const back = memory[BEFORE.level]!
    const backWidth = widthOf(back, memory[BEFORE.limit]!)
    return Math.abs(value - back) / backWidth < Math.abs(value - expected) / width
      ? [back, backWidth]
      : [expected, width]
  }

  #keepBefore(isStrange: boolean): void {
    const memory = this.#memory
    const calm = memory[BEFORE.calm]!
    if (!isStrange) {
      if (!Number.isNaN(calm)) memory[BEFORE.calm] = calm < USUAL ? calm + 1 : NaN
      return
    }
    if (Number.isNaN(calm)) {
      memory[BEFORE.level] = memory[LEVEL]!
      memory[BEFORE.limit] = memory[ERRORS_AT + 2]!
    }
    memory[BEFORE.calm] = 0
  }

  /** null: not available yet */
  #byShape(index: number, time: number): number | null {
    const offset = offsetAt(this.#shapes, PERIODS[index]!, time)
    return offset === null ? null : this.#memory[SLOW]! + offset
  }

  /** The forecaster with the smallest errors. A shape competes only after its errors have warmed up. */
  #best(byDay: number | null, byWeek: number | null): number {
    const scaleOf = (index: number): number => this.#memory[errorsOf(index) + 1]!
    const competes = (index: number): boolean => this.#memory[errorsOf(index)]! >= this.#warmUp
    let best = 0
    if (byDay !== null && competes(1) && scaleOf(1) < scaleOf(best)) best = 1
    if (byWeek !== null && competes(2) && scaleOf(2) < scaleOf(best)) best = 2
    return best
  }

  /** The part of an error that is learned. */
  #bounded(error: number, errors: number): number {
    const [count, scale] = [this.#memory[errors]!, this.#memory[errors + 1]!]
    return count < this.#warmUp ? error : Math.sign(error) * clipped(Math.abs(error), scale, SHIFTING)
  }

  #learn(
    time: number,
    value: number,
    byDay: number | null,
    byWeek: number | null,
    forecast: number,
    errors: number,
  ): void {
    const memory = this.#memory
    const error = this.#bounded(value - forecast, errors)
    const bounded = forecast + error
    // limit what shapes learn from an anomaly; otherwise normal values at the same time tomorrow would count as anomalies
    const shaped = memory[COUNT]! < this.#warmUp ? bounded : forecast + Math.sign(error) * Math.min(Math.abs(error), memory[errors + 2]!) // prettier-ignore
    learnError(memory, errorsOf(0), Math.abs(value - memory[LEVEL]!), this.#warmUp)
    if (byDay !== null) learnError(memory, errorsOf(1), Math.abs(value - byDay), this.#warmUp)
    if (byWeek !== null) learnError(memory, errorsOf(2), Math.abs(value - byWeek), this.#warmUp)
    const count = memory[COUNT]! + 1
    memory[COUNT] = count
    memory[LEVEL]! += Math.max(1 / count, QUICK) * (bounded - memory[LEVEL]!)
    const slow = memory[SLOW]! + Math.max(1 / count, SLOWLY) * (bounded - memory[SLOW]!)
    memory[SLOW] = slow
    for (const period of PERIODS) learnShape(this.#shapes, period, time, memory[LAST]!, shaped - slow)
    memory[LAST] = time
  }
}

/** Where the errors of a forecaster are: of the level, the day or the week. */
const errorsOf = (forecaster: number): number => ERRORS_AT + forecaster * ERRORS

/** The distance from what is expected at which a value is an anomaly. */
const widthOf = (expected: number, limit: number): number =>
  Math.max(limit, 1e-9 * Math.abs(expected), Number.MIN_VALUE)

/** From 0 to 1: 1/2 at 1, 2/3 at 2. */
const shareOf = (times: number): number => (times === Infinity ? 1 : times / (1 + times))
