/** Sorts the points of metrics into their streams, within limits. */
import { type Group, Histograms, Numbers, type Streams } from './groups.ts'
import { isName } from './names.ts'
import { type Counts, explicitCounts, exponentialCounts } from './quantiles.ts'
import { type Convention, conventionOf, outcomeOf, toMs } from './requests.ts'
import type { Kind, Stream, Unused } from './streams.ts'
import { CUMULATIVE, DELTA, type KeyValue, type Metric, NO_VALUE, valueOf } from './wire.ts'

export interface ResourceOf {
  service: string
  namespace: string | null
  /** somebody watches it */
  isOwned: boolean
  isOurs: boolean
  instance: string
  /** by name, unit and kind: a metric in another unit is another one */
  metrics: Map<string, MetricOf>
}

interface Known<T> {
  group: Streams<T>
  convention: Convention | null
  /** by attributes; null: not of interest */
  streams: Map<string, Stream<T> | null>
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
    const stream = this.#streamOf(resource, metric, known, point.attributes)
    if (stream === null) return
    const why = stream.take(kind, point.startTimeUnixNano / MS, time, value)
    if (why !== null) unused[why] += 1
    else if (stream.waiting.length > 0) told(known.group, time)
  }

  #streamOf<T>(
    resource: ResourceOf,
    { name }: Metric,
    known: Known<T>,
    attributes: readonly KeyValue[],
  ): Stream<T> | null {
    // prettier-ignore
    const key = identityOf(attributes)
    const { group, convention, streams } = known
    const before = streams.get(key)
    if (before !== undefined) return before
    const { mostSets, mostStreams, unused } = this.#options
    if (streams.size >= mostSets || this.#streams >= mostStreams) {
      unused.beyond += 1
      this.#cut.add(`${resource.service} ${name}`)
      return null
    }
    const outcome = convention === null ? 'answered' : outcomeOf(convention, attributes)
    const stream = outcome === null ? null : group.open(resource.instance, outcome === 'failed')
    streams.set(key, stream)
    if (stream !== null) this.#streams += 1
    return stream
  }

  #numberOf(resource: ResourceOf, { name, unit, sum }: Metric, kind: Kind): Known<number> | null {
    const plain = withoutAnnotation(unit)
    const named = { indicator: name, unit: kind === 'level' ? plain : `${plain || '1'}/s` }
    const { service, namespace } = resource
    return this.#knownOf(resource, [name, unit, kind], null, () => new Numbers({ service, namespace, rank: null }, named, sum !== null, this.#options.stepMs)) // prettier-ignore
  }

  #histogramOf(resource: ResourceOf, { name, unit }: Metric): Known<Counts> | null {
    const convention = conventionOf(name)
    const { service, namespace } = resource
    const place = { service, namespace, rank: convention?.rank ?? null }
    const isDuration = convention !== null || toMs(unit) !== null
    const measured = {
      ...{ name, unit: isDuration ? 'ms' : withoutAnnotation(unit) },
      factor: toMs(unit) ?? convention?.toMs ?? 1,
    }
    return this.#knownOf(resource, [name, unit, 'histogram'], convention, () => new Histograms(place, measured, this.#options.stepMs)) // prettier-ignore
  }

  /** The instances of a service share a group. null: it has no usable name or unit. */
  #knownOf<T>(
    { service, namespace, metrics }: ResourceOf,
    [name, unit, kind]: [name: string, unit: string, kind: string],
    convention: Convention | null,
    make: () => Streams<T>,
  ): Known<T> | null {
    const key = `${name}\0${unit}\0${kind}`
    const known = metrics.get(key) as Known<T> | undefined
    if (known !== undefined) return known
    if (!isName(name) || (unit !== '' && !isName(unit))) {
      this.#options.unused.unnamed += 1
      return null
    }
    const shared = `${namespace ?? ''}\0${service}\0${key}`
    const group = (this.#groups.get(shared) as Streams<T> | undefined) ?? make()
    this.#groups.set(shared, group)
    const made: Known<T> = { group, convention, streams: new Map() }
    metrics.set(key, made as unknown as MetricOf)
    return made
  }

  /** Forgets streams without a point since `time`, and resources of which nothing is left. */
  forget(resources: Map<string, ResourceOf>, time: number): void {
    for (const [name, { metrics }] of resources) {
      for (const [key, { streams }] of metrics) {
        for (const [set, stream] of streams) if (stream === null || stream.last < time) this.#forget(streams, set)
        if (streams.size === 0) metrics.delete(key)
      }
      if (metrics.size === 0) resources.delete(name)
    }
    for (const group of this.#groups.values()) group.forget(time)
    for (const [key, group] of this.#groups) if (group.size === 0) this.#groups.delete(key)
  }

  #forget(streams: Map<string, unknown>, set: string): void {
    if (streams.get(set) !== null) this.#streams -= 1
    streams.delete(set)
  }
}

const kindOf = (temporality: number): Kind | null =>
  temporality === CUMULATIVE ? 'cumulative' : temporality === DELTA ? 'delta' : null

/** `{request}/s` → `/s`: what is counted is in the name. */
const withoutAnnotation = (unit: string): string => unit.replaceAll(/\{[^{}]*\}/g, '').replace(/^1$/, '')

/** The same for the same attributes in another order. */
export function identityOf(attributes: readonly KeyValue[]): string {
  if (attributes.length === 0) return ''
  const parts = attributes.map((one) => `${one.key}=${valueOf(one)}`)
  return parts.length === 1 ? parts[0]! : parts.sort().join('\0')
}
