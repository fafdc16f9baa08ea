/** One stream of points: what an instance measures under one set of attributes. Turns counters that grow into rates. */
import { type Counts, since } from './quantiles.ts'

/** Why a point was not used. */
export type Unused =
  'repeated' | 'disordered' | 'notNumbers' | 'negative' | 'future' | 'beyond' | 'unsupported' | 'unnamed'

/** What a stream says at one time. Times in ms since the epoch. */
export interface Said<T> {
  time: number
  /** ms that it is about; 0: a level */
  span: number
  /** what was counted in the span, or the level */
  value: T
}

export type Kind = 'level' | 'delta' | 'cumulative'

/** How what is counted is compared with what was counted before; null: it began anew. */
export type Difference<T> = (before: T, now: T) => T | null

export const numberSince: Difference<number> = (before, now) => (now < before ? null : now - before)
export const countsSince: Difference<Counts> = since

const NONE: never[] = []

export class Stream<T> {
  readonly instance: string
  /** of requests that failed */
  readonly isFailed: boolean
  readonly #difference: Difference<T>
  /** ms between the last points */
  #interval = 0
  #current: Said<T> | null = null
  /** not taken over by a step yet, in order; nearly always one at most */
  #next: Said<T> | null = null
  #later: Said<T>[] = NONE
  #time = -Infinity
  #start = 0
  #value: T | null = null

  constructor(difference: Difference<T>, instance: string, isFailed: boolean) {
    this.#difference = difference
    this.instance = instance
    this.isFailed = isFailed
  }

  /** Something was said that no step has taken over. */
  get hasNews(): boolean {
    return this.#next !== null
  }

  /** time of the last point */
  get last(): number {
    return this.#time
  }

  /** `start`: since when it counts; 0: not told. The first point of what grows is only what later ones are compared with. */
  take(kind: Kind, start: number, time: number, value: T): Unused | null {
    if (time === this.#time) return 'repeated'
    if (time < this.#time) return 'disordered'
    const [before, last, began] = [this.#value, this.#time, this.#start]
    const isFirst = last === -Infinity
    this.#time = time
    if (!isFirst) this.#interval = time - last
    if (kind === 'level') return this.#say(time, 0, value)
    const since = start > 0 && start < time ? start : last
    if (kind === 'delta') {
      if (since === -Infinity) return null
      this.#interval = time - since
      return this.#say(time, time - since, value)
    }
    this.#value = value
    this.#start = start
    if (isFirst) return null
    const more = before === null || start > began ? null : this.#difference(before, value)
    // a counter that began anew counts from its start, or from the last point if that is not told
    if (more === null) this.#say(time, time - Math.max(last, start < time ? start : 0), value)
    else this.#say(time, time - last, more)
    return null
  }

  #say(time: number, span: number, value: T): null {
    const said = { time, span, value }
    if (this.#next === null) this.#next = said
    else this.#later = [...this.#later, said]
    return null
  }

  /** What it says in the step that ends at `end`; null: nothing, or it has fallen silent. `stepMs`: what an interval is taken for until it is known. */
  at(end: number, stepMs: number): Said<T> | null {
    while (this.#next !== null && this.#next.time <= end) {
      this.#current = this.#next
      const [next = null, ...later] = this.#later
      this.#next = next
      this.#later = later.length === 0 ? NONE : later
    }
    if (this.#current === null) return null
    return end - this.#current.time <= 1.5 * Math.max(this.#interval, stepMs) ? this.#current : null
  }
}
