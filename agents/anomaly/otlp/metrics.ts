/** Sorts the points of metrics into their streams, within limits. */
import { AttributeSets } from './attribute-sets.ts'
import { type Group, Histograms, Numbers, type Place, type Streams } from './groups.ts'
import { isName } from './names.ts'
import { type Counts, explicitCounts, exponentialCounts } from './quantiles.ts'
import { type Convention, conventionOf, outcomeOf, toMs } from './requests.ts'
import type { Kind, Stream, Unused } from './streams.ts'
import { CUMULATIVE, DELTA, type KeyValue, type Metric, NO_VALUE } from './wire.ts'

export interface ResourceOf {
  service: string
  namespace: string | null
  /** somebody watches it */
  isOwned: boolean
  isOurs: boolean
  instance: string
  /** by name: one in another unit, or of another kind, is another metric */
  metrics: Map<string, MetricOf[]>
}

interface Known<T> {
  unit: string
  kind: Kind | 'histogram'
  group: Streams<T>
  convention: Convention | null
  /** null: not of interest */
  streams: AttributeSets<Stream<T> | null>
}
type MetricOf = Known<number> | Known<Counts>

export interface MetricsOptions {
  stepMs: number
  mostSets: number
  mostStreams: number
  unused: Record<Unused, number>
}

type Told = (group: Group, time: number) => void

const MS = 1e6

export class Metrics {
  readonly #options: MetricsOptions
  /** by service and metric */
  readonly #groups = new Map<string, Group>()
  readonly #cut = new Set<string>()
  #streams = 0

  constructor(options: MetricsOptions) {
    this.#options = options
  }

  groups(): Iterable<Group> {
    return this.#groups.values()
  }

  takeCut(): string[] {
    const cut = [...this.#cut]
    this.#cut.clear()
    return cut
  }

  /** `latest`: ms since the epoch; later points are not used. */
  take(resource: ResourceOf, metric: Metric, latest: number, told: Told): void {
    const { gauge, sum, histogram, exponentialHistogram: exponential } = metric
    if (gauge !== null) return this.#numbers(resource, metric, 'level', gauge.dataPoints, latest, told)
    if (sum !== null) return this.#sum(resource, metric, sum, latest, told)
    const { aggregationTemporality: temporality } = histogram ?? exponential ?? { aggregationTemporality: 0 }
    const kind = kindOf(temporality)
    if (kind === null) return void (this.#options.unused.unsupported += 1)
    const known = this.#histogramOf(resource, metric)
    if (known === null) return
    for (const point of histogram?.dataPoints ?? [])
      // without bounds it has a count and a sum, but no quantiles
      if (point.explicitBounds.length === 0) this.#options.unused.unsupported += 1
      else this.#point(resource, metric, known, kind, point, explicitCounts(point), latest, told)
    for (const point of exponential?.dataPoints ?? [])
      this.#point(resource, metric, known, kind, point, exponentialCounts(point), latest, told)
  }

  #sum(resource: ResourceOf, metric: Metric, sum: NonNullable<Metric['sum']>, latest: number, told: Told): void {
    const kind = kindOf(sum.aggregationTemporality)
    // of what rises and falls, changes do not tell the level
    if (kind === null || (!sum.isMonotonic && kind === 'delta')) return void (this.#options.unused.unsupported += 1)
    this.#numbers(resource, metric, sum.isMonotonic ? kind : 'level', sum.dataPoints, latest, told)
  }

  #numbers(
    resource: ResourceOf,
    metric: Metric,
    kind: Kind,
    points: NonNullable<Metric['gauge']>['dataPoints'],
    latest: number,
    told: Told,
  ): void {
    // prettier-ignore
    const known = this.#numberOf(resource, metric, kind)
    if (known === null) return
    const { unused } = this.#options
    for (const point of points) {
      const value = point.asInt === 0 ? point.asDouble : point.asInt
      if (!Number.isFinite(value)) unused.notNumbers += 1
      else if (value < 0 && kind !== 'level') unused.negative += 1
      else this.#point(resource, metric, known, kind, point, value, latest, told)
    }
  }

  #point<T>(
    resource: ResourceOf,
    metric: Metric,
    known: Known<T>,
    kind: Kind,
    point: { attributes: KeyValue[]; startTimeUnixNano: number; timeUnixNano: number; flags: number },
    value: T,
    latest: number,
    told: Told,
  ): void {
    if ((point.flags & NO_VALUE) !== 0) return
    const { unused } = this.#options
    const time = point.timeUnixNano / MS
    if (time > latest) return void (unused.future += 1)
    const before = known.streams.get(point.attributes)
    const stream = before === undefined ? this.#open(resource, metric, known, point.attributes) : before
    if (stream === null) return
    const why = stream.take(kind, point.startTimeUnixNano / MS, time, value)
    if (why !== null) unused[why] += 1
    else if (stream.hasNews) told(known.group, time)
  }

  /** null: not of interest, or beyond the limits */
  #open<T>(
    resource: ResourceOf,
    { name }: Metric,
    { group, convention, streams }: Known<T>,
    attributes: readonly KeyValue[],
  ): Stream<T> | null {
    const { mostSets, mostStreams, unused } = this.#options
    if (streams.size >= mostSets || this.#streams >= mostStreams) {
      unused.beyond += 1
      this.#cut.add(`${resource.service} ${name}`)
      return null
    }
    const outcome = convention === null ? 'answered' : outcomeOf(convention, attributes)
    const stream = outcome === null ? null : group.open(resource.instance, outcome === 'failed')
    streams.set(attributes, stream)
    if (stream !== null) this.#streams += 1
    return stream
  }

  #numberOf(resource: ResourceOf, { name, unit, sum }: Metric, kind: Kind): Known<number> | null {
    return this.#knownOf(resource, name, unit, kind, (place) => {
      const plain = withoutAnnotation(unit)
      const named = { indicator: name, unit: kind === 'level' ? plain : `${plain || '1'}/s` }
      return {
        group: new Numbers({ ...place, rank: null }, named, sum !== null, this.#options.stepMs),
        convention: null,
      }
    })
  }

  #histogramOf(resource: ResourceOf, { name, unit }: Metric): Known<Counts> | null {
    return this.#knownOf(resource, name, unit, 'histogram', (place) => {
      const convention = conventionOf(name)
      const isDuration = convention !== null || toMs(unit) !== null
      const measured = {
        ...{ name, unit: isDuration ? 'ms' : withoutAnnotation(unit) },
        factor: toMs(unit) ?? convention?.toMs ?? 1,
      }
      const ranked = { ...place, rank: convention?.rank ?? null }
      return { group: new Histograms(ranked, measured, this.#options.stepMs), convention }
    })
  }

  /** The instances of a service share a group. null: it has no usable name or unit. */
  #knownOf<T>(
    { service, namespace, metrics }: ResourceOf,
    name: string,
    unit: string,
    kind: Kind | 'histogram',
    make: (place: Pick<Place, 'service' | 'namespace'>) => Pick<Known<T>, 'group' | 'convention'>,
  ): Known<T> | null {
    const named = metrics.get(name) ?? []
    for (const one of named) if (one.unit === unit && one.kind === kind) return one as unknown as Known<T>
    if (!isName(name) || (unit !== '' && !isName(unit))) {
      this.#options.unused.unnamed += 1
      return null
    }
    const { group, convention } = make({ service, namespace })
    const shared = [namespace ?? '', service, name, unit, kind].join('\0')
    const own = (this.#groups.get(shared) as Streams<T> | undefined) ?? group
    this.#groups.set(shared, own)
    const made: Known<T> = { unit, kind, group: own, convention, streams: new AttributeSets() }
    metrics.set(name, [...named, made as unknown as MetricOf])
    return made
  }

  /** Forgets streams without a point since `time`, and resources of which nothing is left. */
  forget(resources: Map<string, ResourceOf>, time: number): void {
    for (const [key, { metrics }] of resources) {
      for (const [name, ones] of metrics) {
        for (const { streams } of ones)
          this.#forget(streams as AttributeSets<Pick<Stream<unknown>, 'last'> | null>, time)
        const left = ones.filter(({ streams }) => streams.size > 0)
        if (left.length === 0) metrics.delete(name)
        else metrics.set(name, left)
      }
      if (metrics.size === 0) resources.delete(key)
    }
    for (const group of this.#groups.values()) group.forget(time)
    for (const [key, group] of this.#groups) if (group.size === 0) this.#groups.delete(key)
  }

  #forget(streams: AttributeSets<Pick<Stream<unknown>, 'last'> | null>, time: number): void {
    this.#streams -= streams.remove((one) => one === null || one.last < time).filter((one) => one !== null).length
  }
}

const kindOf = (temporality: number): Kind | null =>
  temporality === CUMULATIVE ? 'cumulative' : temporality === DELTA ? 'delta' : null

/** `{request}/s` → `/s`: what is counted is in the name. */
const withoutAnnotation = (unit: string): string => unit.replaceAll(/\{[^{}]*\}/g, '').replace(/^1$/, '')
