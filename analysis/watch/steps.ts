/**
 * Collects samples into steps of equal length, whatever their order. A step is closed once it is older than the allowed lateness; what arrives for it
 * later is dropped and counted. Instances are merged, so that a service is followed when its pods come and go.
 */
import { directionOf, type Meaning, meaningOf, wholeOf } from '../metrics/meaning.ts'
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

/** Of one series. */
export interface Value {
  identity: Identity
  /** of the identity, within its service */
  key: string
  value: number
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
  identity: Identity
  key: string
  instance: string
  part: Part
  others: Map<string, Part> | null
}

export class Steps {
  readonly dropped: Dropped = { late: 0, notNumbers: 0, future: 0 }
  readonly #options: StepOptions
  /** by end, service and key */
  readonly #open = new Map<number, Map<string, Map<string, Merged>>>()
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
    const { service, instance = '', indicator, unit, time, value } = sample
    if (!Number.isFinite(value) || !Number.isFinite(time)) return void (this.dropped.notNumbers += 1)
    if (time > now) return void (this.dropped.future += 1)
    const end = Math.ceil(time / this.#options.stepMs) * this.#options.stepMs
    if (end <= this.#closedUntil) return void (this.dropped.late += 1)
    const services = this.#open.get(end) ?? new Map<string, Map<string, Merged>>()
    this.#open.set(end, services)
    const step = services.get(service) ?? new Map<string, Merged>()
    services.set(service, step)
    const key = keyOf(sample)
    const merged = step.get(key)
    if (merged === undefined) {
      const identity = unit === undefined ? { service, indicator } : { service, indicator, unit }
      step.set(key, { identity, key, instance, part: withSample(undefined, time, value), others: null })
    } else if (merged.instance === instance) merged.part = withSample(merged.part, time, value)
    else {
      merged.others ??= new Map()
      merged.others.set(instance, withSample(merged.others.get(instance), time, value))
    }
  }

  /** The steps that may be closed at `now`, oldest first; steps without any sample are left out. */
  close(now: number): Step[] {
    const due = now - this.#options.latenessMs
    const ends = [...this.#open.keys()].filter((end) => end <= due).sort((a, b) => a - b)
    const steps = ends.map((time) => ({
      time,
      values: [...this.#open.get(time)!.values()].flatMap((step) => [...step.values()].map(mergedOf)),
    }))
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

function mergedOf({ identity, key, part, others }: Merged): Value {
  if (others === null) return { identity, key, value: part.sum / part.count }
  const values = [part, ...others.values()].map(({ sum, count }) => sum / count)
  return { identity, key, value: merge(identity, meaningOf(identity), values) }
}

/** What flows through the instances adds up; of everything else the worst instance counts, which does not depend on how many there are. */
function merge(identity: Identity, meaning: Meaning, values: readonly number[]): number {
  const isFlow = (meaning === 'traffic' || meaning === 'errors') && wholeOf(identity) === null
  if (isFlow) return values.reduce((sum, value) => sum + value, 0)
  const isWorse = directionOf(identity, meaning) < 0 ? Math.min : Math.max
  return values.reduce((worst, value) => isWorse(worst, value))
}
