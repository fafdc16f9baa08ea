/** What the streams of one service say together: of requests, of another histogram, or of a number. */
import { directionOf, meaningOf, wholeOf } from '../../../analysis/metrics/meaning.ts'
import { keyOf, type Sample } from '../../../analysis/watch/watched.ts'
import { addRates, type Counts, quantilesOf, type Rates } from './quantiles.ts'
import { countsSince, type Difference, numberSince, type Said, Stream } from './streams.ts'

export type Named = Pick<Sample, 'indicator' | 'unit'>
export type Measured = Named & Pick<Sample, 'key' | 'value'>

export interface Owner {
  service: string
  namespace: string | null
}

export const ownerOf = ({ service, namespace }: Owner): string => `${namespace ?? ''}\0${service}`

export interface Place extends Owner {
  /** of a metric that counts requests: how good; null: of another metric */
  rank: number | null
}

export interface Group {
  readonly place: Place
  /** of its owner, as `ownerOf` makes it */
  readonly owner: string
  /** end of the last step that was told to have news of it */
  toldAt: number
  readonly size: number
  /** what they say in the step that ends at `end` */
  at(end: number): Measured[]
  /** Removes the streams that said nothing since `time`. */
  forget(time: number): void
}

export abstract class Streams<T> implements Group {
  readonly place: Place
  readonly owner: string
  toldAt = -Infinity
  protected members: readonly Stream<T>[] = []
  readonly #difference: Difference<T>
  readonly #stepMs: number

  constructor(place: Place, difference: Difference<T>, stepMs: number) {
    this.place = place
    this.owner = ownerOf(place)
    this.#difference = difference
    this.#stepMs = stepMs
  }

  get size(): number {
    return this.members.length
  }

  abstract at(end: number): Measured[]

  /** A new stream of an instance; `isFailed`: of requests that failed. */
  open(instance: string, isFailed: boolean): Stream<T> {
    const stream = new Stream<T>(this.#difference, instance, isFailed)
    this.members = [...this.members, stream]
    return stream
  }

  forget(time: number): void {
    if (this.members.some(({ last }) => last < time)) this.members = this.members.filter(({ last }) => last >= time)
  }

  protected saidBy(stream: Stream<T>, end: number): Said<T> | null {
    return stream.at(end, this.#stepMs)
  }
}

/** What flows through a service adds up. Of everything else the worst instance counts: of amounts their sum in it, of levels the worst. */
export class Numbers extends Streams<number> {
  readonly #named: Named & { key: string }
  readonly #adds: boolean
  readonly #isFlow: boolean
  readonly #isLessWorse: boolean

  constructor(place: Place, named: Named, adds: boolean, stepMs: number) {
    super(place, numberSince, stepMs)
    this.#named = { ...named, key: keyOf(named) }
    this.#adds = adds
    const meaning = meaningOf(named)
    this.#isFlow = adds && (meaning === 'traffic' || meaning === 'errors') && wholeOf(named) === null
    this.#isLessWorse = directionOf(named, meaning) < 0
  }

  override at(end: number): Measured[] {
    const value = this.members.length === 1 ? this.#valueOf(this.members[0]!, end) : this.#merged(end)
    return value === null ? [] : [{ ...this.#named, value }]
  }

  #merged(end: number): number | null {
    const parts = new Map<string, number>()
    for (const stream of this.members) {
      const value = this.#valueOf(stream, end)
      if (value === null) continue
      const part = this.#isFlow ? '' : stream.instance
      const before = parts.get(part)
      parts.set(part, before === undefined ? value : this.#adds ? before + value : this.#worse(before, value))
    }
    return parts.size === 0 ? null : [...parts.values()].reduce((worst, value) => this.#worse(worst, value))
  }

  #valueOf(stream: Stream<number>, end: number): number | null {
    const said = this.saidBy(stream, end)
    if (said === null) return null
    return said.span === 0 ? said.value : (said.value * 1000) / said.span
  }

  #worse(one: number, other: number): number {
    return this.#isLessWorse ? Math.min(one, other) : Math.max(one, other)
  }
}

const SHARES = [0.5, 0.95, 0.99] as const

/** Quantiles and the rate of what a histogram counts. Of requests also the rate and the share of those that failed. */
export class Histograms extends Streams<Counts> {
  readonly #metric: { name: string; unit: string; factor: number }

  /** `factor`: from the bounds to the unit */
  constructor(place: Place, metric: { name: string; unit: string; factor: number }, stepMs: number) {
    super(place, countsSince, stepMs)
    this.#metric = metric
  }

  override at(end: number): Measured[] {
    const { name, unit, factor } = this.#metric
    const rates: Rates = new Map()
    let rate: number | null = null
    let failing = 0
    for (const stream of this.members) {
      const said = this.saidBy(stream, end)
      if (said === null) continue
      const seconds = said.span / 1000
      rate = (rate ?? 0) + said.value.total / seconds
      if (stream.isFailed) failing += said.value.total / seconds
      addRates(rates, said.value, seconds, factor)
    }
    if (rate === null) return []
    const quantiles = quantilesOf(rates, SHARES) ?? []
    const isOfRequests = this.place.rank !== null
    const prefix = isOfRequests ? 'latency' : name
    return [
      ...quantiles.map((value, at) => ({ indicator: `${prefix}_p${Math.round(SHARES[at]! * 100)}`, unit, value })),
      { indicator: isOfRequests ? 'request_rate' : `${name}_count`, unit: '1/s', value: rate },
      ...(isOfRequests ? failuresOf(failing, rate) : []),
    ]
  }
}

/** Without requests, no share of them failed. */
const failuresOf = (failing: number, rate: number): Measured[] => [
  ...(rate === 0 ? [] : [{ indicator: 'error_ratio', unit: 'ratio', value: failing / rate }]),
  { indicator: 'error_rate', unit: '1/s', value: failing },
]
