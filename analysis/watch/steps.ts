/**
 * Collects samples into steps of equal length, whatever their order. A step is closed once it is older than the allowed lateness; what arrives for it
 * later is dropped and counted. Instances are merged, so that a service is followed when its pods come and go.
 */
import { directionOf, type Meaning, meaningOf, wholeOf } from '../metrics/meaning.ts'
import type { SeriesWatch } from './series-watch.ts'
import { type Identity, keyOf, type Sample } from './watched.ts'

export interface StepOptions {
  stepMs: number
  /** ms a sample may arrive after the end of its step */
  latenessMs: number
}

export interface Step {
  /** end of the step, which belongs to it */
  time: number
  values: Value[]
}

export interface Value {
  place: Place
  value: number
}

/** Of one series. It stays from step to step, so that a sample finds what watches its series. */
export interface Place {
  readonly identity: Identity
  /** of the identity, within its service */
  readonly key: string
  /** null: nothing watches it yet */
  series: SeriesWatch | null
  /** of the open steps; nearly always one at most */
  merged: readonly Merged[]
  /** end of its last step */
  last: number
}

/** Samples that were not used, by reason. */
export interface Dropped {
  /** their step was already closed */
  late: number
  /** NaN or infinite */
  notNumbers: number
  /** after the end of the time that has passed: a clock that is wrong */
  future: number
}

/** The mean of one instance's samples within a step. */
interface Part {
  sum: number
  count: number
  lastTime: number
  last: number
}

/** Most series have one instance, which needs no map. */
interface Merged {
  end: number
  instance: string
  part: Part
  others: Map<string, Part> | null
}

const NONE: readonly Merged[] = []

export class Steps {
  readonly dropped: Dropped = { late: 0, notNumbers: 0, future: 0 }
  readonly #options: StepOptions
  /** by service and key */
  readonly #places = new Map<string, Map<string, Place>>()
  /** by end: those that had samples */
  readonly #open = new Map<number, Place[]>()
  #closedUntil: number

  constructor(options: StepOptions, closedUntil = -Infinity) {
    this.#options = options
    this.#closedUntil = closedUntil
  }

  get closedUntil(): number {
    return this.#closedUntil
  }

  /** `now`: samples from later than this are dropped. */
  add(sample: Sample, now = Infinity): void {
    const { instance = '', time, value } = sample
    if (!Number.isFinite(value) || !Number.isFinite(time)) return void (this.dropped.notNumbers += 1)
    if (time > now) return void (this.dropped.future += 1)
    const end = Math.ceil(time / this.#options.stepMs) * this.#options.stepMs
    if (end <= this.#closedUntil) return void (this.dropped.late += 1)
    const place = this.#placeOf(sample)
    const merged = place.merged.find((one) => one.end === end)
    if (merged === undefined) {
      place.merged = [...place.merged, { end, instance, part: withSample(undefined, time, value), others: null }]
      place.last = Math.max(place.last, end)
      const open = this.#open.get(end)
      if (open === undefined) this.#open.set(end, [place])
      else open.push(place)
    } else if (merged.instance === instance) merged.part = withSample(merged.part, time, value)
    else {
      merged.others ??= new Map()
      merged.others.set(instance, withSample(merged.others.get(instance), time, value))
    }
  }

  #placeOf({ service, indicator, unit, key = keyOf({ indicator, unit }) }: Sample): Place {
    let places = this.#places.get(service)
    if (places === undefined) this.#places.set(service, (places = new Map()))
    const known = places.get(key)
    if (known !== undefined) return known
    const identity = unit === undefined ? { service, indicator } : { service, indicator, unit }
    const place: Place = { identity, key, series: null, merged: NONE, last: -Infinity }
    places.set(key, place)
    return place
  }

  /** Forgets a series, unless it has samples in an open step. */
  forget({ identity: { service }, key, merged }: Place): void {
    const places = this.#places.get(service)
    if (merged.length === 0) places?.delete(key)
    if (places?.size === 0) this.#places.delete(service)
  }

  /** Forgets series without a sample since `time`. */
  forgetBefore(time: number): void {
    for (const places of this.#places.values())
      for (const place of places.values()) {
        // with samples in an open step it begins anew
        if (place.series !== null && place.series.last < time) place.series = null
        if (place.last < time) this.forget(place)
      }
  }

  /** The steps that may be closed at `now`, oldest first; steps without any sample are left out. */
  close(now: number): Step[] {
    const due = now - this.#options.latenessMs
    const ends = [...this.#open.keys()].filter((end) => end <= due).sort((a, b) => a - b)
    const steps = ends.map((time) => ({ time, values: this.#open.get(time)!.map((place) => valueAt(place, time)) }))
    for (const end of ends) this.#open.delete(end)
    this.#closedUntil = Math.max(this.#closedUntil, Math.floor(due / this.#options.stepMs) * this.#options.stepMs)
    return steps
  }
}

/** Of several samples with the same time the last counts. */
function withSample(part: Part | undefined, time: number, value: number): Part {
  if (part === undefined) return { sum: value, count: 1, lastTime: time, last: value }
  const isRepeated = part.lastTime === time
  return {
    sum: part.sum + value - (isRepeated ? part.last : 0),
    count: part.count + (isRepeated ? 0 : 1),
    lastTime: time,
    last: value,
  }
}

/** Takes it out of the open steps. */
function valueAt(place: Place, end: number): Value {
  const { part, others } = place.merged.find((one) => one.end === end)!
  place.merged = place.merged.length === 1 ? NONE : place.merged.filter((one) => one.end !== end)
  if (others === null) return { place, value: part.sum / part.count }
  const values = [part, ...others.values()].map(({ sum, count }) => sum / count)
  return { place, value: merge(place.identity, meaningOf(place.identity), values) }
}

/** What flows through the instances adds up; of everything else the worst instance counts, which does not depend on how many there are. */
function merge(identity: Identity, meaning: Meaning, values: readonly number[]): number {
  const isFlow = (meaning === 'traffic' || meaning === 'errors') && wholeOf(identity) === null
  if (isFlow) return values.reduce((sum, value) => sum + value, 0)
  const isWorse = directionOf(identity, meaning) < 0 ? Math.min : Math.max
  return values.reduce((worst, value) => isWorse(worst, value))
}
