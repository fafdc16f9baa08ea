/**
 * Anomalies of one series as its points come: a point is judged by what came before it, never by what comes after.
 * Two simple forecasters compete, an exponentially weighted level (Brown, 1956) and one with the shape of the day (Winters, 1960);
 * whichever erred less lately says what is expected. What deviates is measured against the usual deviation of the past (a robust scale that
 * an anomaly itself hardly moves) and against the largest that are usual, so that a spiky series needs a larger spike.
 */

export interface Judged {
  /** null until there is something to expect from */
  expected: number | null
  lower: number | null
  upper: number | null
  /** 0..1; 0.5 and above lies outside [lower, upper] */
  score: number
  anomaly: boolean
}

export interface DetectorOptions {
  /** points before anything is called an anomaly */
  warmUp?: number
}

const DAY_MS = 86_400_000
const BINS = 48
const CLIP = 4

/** What is kept of a series, whatever its length: about a hundred numbers. Plain data, so that it can be stored. */
interface State {
  count: number
  level: number
  slow: number
  scale: number
  tail: number
  origin: number
  last: number
  day: number[]
  dayCount: number[]
  levelError: number
  dayError: number
}

export class StreamDetector {
  readonly #warmUp: number
  #state: State = {
    count: 0,
    level: 0,
    slow: 0,
    scale: 0,
    tail: 3,
    origin: NaN,
    last: NaN,
    day: Array<number>(BINS).fill(0),
    dayCount: Array<number>(BINS).fill(0),
    levelError: 0,
    dayError: 0,
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
    const bin = this.#bin(time)
    if (state.count === 0) this.#begin(time, value)
    const shaped = bin === null || state.dayCount[bin]! < 2 ? null : state.slow + state.day[bin]!
    const useDay = shaped !== null && state.dayError < state.levelError
    const expected = useDay ? shaped : state.level
    const known = state.count >= this.#warmUp
    const width = this.#threshold() * Math.max(state.scale, 1e-9 * Math.abs(expected), Number.MIN_VALUE)
    const deviation = Math.abs(value - expected) / width
    const score = known ? 1 - 2 ** -(deviation ** 2) : 0
    this.#learn(time, value, { bin, shaped, expected })
    if (!known) return { expected, lower: null, upper: null, score, anomaly: false }
    return { expected, lower: expected - width, upper: expected + width, score, anomaly: score >= 0.5 }
  }

  /** In scales: never below six, and above what a thousandth of the points reaches. */
  #threshold(): number {
    return Math.max(6, 1.5 * this.#state.tail)
  }

  #begin(time: number, value: number): void {
    Object.assign(this.#state, { level: value, slow: value, origin: time })
  }

  /** Which part of the day; null where timestamps are no instants, or less than a day has passed. */
  #bin(time: number): number | null {
    const { origin } = this.#state
    if (time < 1e10 || Number.isNaN(origin)) return null
    return Math.floor(((time % DAY_MS) / DAY_MS) * BINS)
  }

  #learn(time: number, value: number, seen: { bin: number | null; shaped: number | null; expected: number }): void {
    const state = this.#state
    state.count += 1
    const residual = Math.abs(value - seen.expected)
    const early = 1 / state.count
    const limit = state.count < this.#warmUp ? Infinity : CLIP * state.scale
    // Clipped, so that an anomaly does not make the next one look usual; never to nothing, so that a constant series wakes.
    const clipped = Math.min(residual, Math.max(limit, 0.02 * residual))
    state.scale += Math.max(early, 0.004) * (clipped - state.scale)
    if (state.count > this.#warmUp && state.scale > 0) {
      const ratio = residual / state.scale
      // A stochastic quantile of 0.999: up by much when passed, down by little when not.
      state.tail = Math.max(3, state.tail + (ratio > state.tail ? 0.999 * 0.5 : -0.001 * 0.5))
    }
    const pull = Math.max(early, 0.15)
    const bounded =
      seen.expected + Math.sign(value - seen.expected) * Math.min(residual, Math.max(limit, 0.1 * residual))
    state.levelError += 0.01 * (Math.min(Math.abs(value - state.level), limit) - state.levelError)
    if (seen.shaped !== null) state.dayError += 0.01 * (Math.min(Math.abs(value - seen.shaped), limit) - state.dayError)
    else state.dayError = state.levelError
    state.level += pull * (bounded - state.level)
    state.slow += Math.max(early, 0.002) * (bounded - state.slow)
    if (seen.bin !== null) this.#learnDay(seen.bin, bounded - state.slow, time)
    state.last = time
  }

  /** `dayCount` counts the days a bin was seen on, not its points. */
  #learnDay(bin: number, offset: number, time: number): void {
    const { day, dayCount, last } = this.#state
    const days = dayCount[bin]!
    const again = this.#bin(last) === bin && time - last < DAY_MS / 2
    if (!again) dayCount[bin] = days + 1
    const pull = again ? 0.1 : Math.max(1 / (days + 1), 0.2)
    day[bin] = day[bin]! + pull * (offset - day[bin]!)
  }
}
