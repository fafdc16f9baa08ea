/**
 * Gathers OTLP metrics into samples, one per step and series. Points may be repeated, out of order across streams and of any interval: a step takes the last
 * point of each stream that has not fallen silent, and a series has a sample in each step that brought news of it.
 */
import type { TimeRange } from '../../../analysis/observations.ts'
import { keyOf, type Sample } from '../../../analysis/watch/watched.ts'
import { NAMESPACE_LABELS } from '../../tools/namespaces.ts'
import type { Mapping } from '../../tools/prometheus/resolve.ts'
import { type Group, ownerOf, type Owner } from './groups.ts'
import { identityOf } from './attribute-sets.ts'
import { Metrics, type ResourceOf } from './metrics.ts'
import { isName } from './names.ts'
import { underscored } from './requests.ts'
import type { Unused } from './streams.ts'
import { type KeyValue, type ResourceMetrics, valueOf } from './wire.ts'

export interface GatherOptions {
  stepMs: number
  /** names of services and namespaces, as the queries to Prometheus map them */
  mapping?: Mapping
  /** whether somebody watches the service: of others nothing is kept; default: all are watched */
  isOwned?(owner: Owner): boolean
  /** whether it is watched here: another process watches the others, and only their names are kept; default: all are */
  isOurs?(owner: Owner): boolean
  /** attribute sets of one metric of one instance; default 1,000 */
  mostSets?: number
  /** streams in all; default 500,000 */
  mostStreams?: number
}

/** ms that points may be ahead of the time at which they were written: a clock that is wrong. */
const AHEAD_MS = 60_000
/** ms without a point after which a stream is forgotten, and ms after which samples are dropped that nobody asked for. */
const SILENT_MS = 900_000
const UNWANTED_MS = 7_200_000
const SWEEP_MS = 60_000

export class Gathering {
  readonly unused: Record<Unused, number> = { repeated: 0, disordered: 0, notNumbers: 0, negative: 0, future: 0, beyond: 0, unsupported: 0, unnamed: 0 } // prettier-ignore
  readonly #options: GatherOptions
  readonly #serviceAttributes: readonly string[]
  readonly #namespaceAttributes: readonly string[]
  readonly #services: ReadonlyMap<string, string>
  readonly #resources = new Map<string, ResourceOf>()
  readonly #metrics: Metrics
  readonly #owners = new Map<string, Owner & { seen: number }>()
  readonly #best = new Map<string, number>()
  /** what had news, by the end of the step */
  readonly #news = new Map<number, Set<Group>>()
  readonly #samples = new Map<string, Sample[]>()
  #closedUntil = -Infinity
  #sweptAt = -Infinity

  constructor(options: GatherOptions) {
    const { mapping = {}, stepMs, mostSets = 1_000, mostStreams = 500_000 } = options
    this.#options = options
    this.#serviceAttributes = [...(mapping.serviceLabels ?? []), 'service.name'].map(underscored)
    this.#namespaceAttributes = (mapping.namespaceLabel === undefined ? NAMESPACE_LABELS : [mapping.namespaceLabel]).map(underscored) // prettier-ignore
    this.#services = new Map(Object.entries(mapping.names ?? {}).map(([service, name]) => [name, service]))
    this.#metrics = new Metrics({ stepMs, mostSets, mostStreams, unused: this.unused })
  }

  /** metrics with more attribute sets than are watched, since this was last asked */
  takeCut = (): string[] => this.#metrics.takeCut()

  get closedUntil(): number {
    return this.#closedUntil
  }

  /** Services that were measured in the last quarter of an hour. */
  owners(): Owner[] {
    return [...this.#owners.values()].map(({ service, namespace }) => ({ service, namespace }))
  }

  /** `writtenAt`: ms since the epoch, when the record was written. */
  add(all: readonly ResourceMetrics[], writtenAt: number): void {
    for (const { resource, scopeMetrics } of all) {
      const known = this.#resourceOf(resource?.attributes ?? [])
      if (known === null) {
        this.unused.unnamed += 1
        continue
      }
      const { service, namespace, isOwned, isOurs } = known
      if (!isOwned) continue
      this.#owners.set(ownerOf(known), { service, namespace, seen: writtenAt })
      if (!isOurs) continue
      for (const { metrics } of scopeMetrics)
        for (const metric of metrics) this.#metrics.take(known, metric, writtenAt + AHEAD_MS, this.#told)
    }
  }

  readonly #told = (group: Group, time: number): void => {
    const end = Math.ceil(time / this.#options.stepMs) * this.#options.stepMs
    // its step is over: it still counts in the next ones, for as long as its stream is not silent
    if (end <= this.#closedUntil || group.toldAt === end) return
    group.toldAt = end
    this.#rank(group)
    const news = this.#news.get(end)
    if (news === undefined) this.#news.set(end, new Set([group]))
    else news.add(group)
  }

  #rank({ place: { rank }, owner }: Group): void {
    if (rank !== null) this.#best.set(owner, Math.min(this.#best.get(owner) ?? rank, rank))
  }

  /** Closes the steps that end at `until` or before. */
  close(until: number): void {
    const ends = [...this.#news.keys()].filter((end) => end <= until).sort((a, b) => a - b)
    for (const end of ends) {
      for (const group of this.#news.get(end)!) this.#sample(group, end)
      this.#news.delete(end)
    }
    this.#closedUntil = Math.max(this.#closedUntil, until)
    if (until - this.#sweptAt >= SWEEP_MS) this.#sweep(until)
  }

  #sample(group: Group, end: number): void {
    const { service, namespace, rank } = group.place
    const { owner } = group
    // measured twice, its requests would count twice
    if (rank !== null && rank !== this.#best.get(owner)) return
    const samples = this.#samples.get(owner) ?? []
    if (samples.length === 0) this.#samples.set(owner, samples)
    const instance = namespace ?? ''
    // spreading an optional unit would cost as much as all the rest
    for (const { indicator, unit, value, key = keyOf({ indicator, unit }) } of group.at(end))
      samples.push(unit ? { service, instance, indicator, unit, time: end, value, key } : { service, instance, indicator, time: end, value, key }) // prettier-ignore
  }

  /** The samples of closed steps in the range, of the service in this namespace; `namespace` null: in all of them. Older ones are dropped. */
  take({ service, namespace }: Owner, { start, end }: TimeRange): Sample[] {
    const owners = namespace === null ? [...this.#owners.values()].filter((one) => one.service === service) : [{ service, namespace }] // prettier-ignore
    return owners.flatMap((owner) => {
      const samples = this.#samples.get(ownerOf(owner)) ?? []
      const left = samples.filter(({ time }) => time > end)
      if (left.length === 0) this.#samples.delete(ownerOf(owner))
      else this.#samples.set(ownerOf(owner), left)
      return samples.filter(({ time }) => time > start && time <= end)
    })
  }

  #resourceOf(attributes: readonly KeyValue[]): ResourceOf | null {
    const key = identityOf(attributes)
    const known = this.#resources.get(key)
    if (known !== undefined) return known
    const named = new Map(attributes.map((one) => [underscored(one.key), String(valueOf(one))]))
    const first = (names: readonly string[]) => names.flatMap((name) => named.get(name) || [])[0]
    const name = first(this.#serviceAttributes)
    const namespace = first(this.#namespaceAttributes) ?? null
    if (name === undefined || !isName(name) || (namespace !== null && !isName(namespace))) return null
    const owner = { service: this.#services.get(name) ?? name, namespace }
    const resource: ResourceOf = {
      ...owner,
      isOwned: this.#options.isOwned?.(owner) ?? true,
      isOurs: this.#options.isOurs?.(owner) ?? true,
      instance: first(INSTANCE) ?? '',
      metrics: new Map(),
    }
    this.#resources.set(key, resource)
    return resource
  }

  #sweep(now: number): void {
    this.#sweptAt = now
    this.#metrics.forget(this.#resources, now - SILENT_MS)
    for (const [key, { seen }] of this.#owners) if (seen < now - SILENT_MS) this.#owners.delete(key)
    for (const [key, samples] of this.#samples) {
      if ((samples[0]?.time ?? -Infinity) >= now - UNWANTED_MS) continue
      const wanted = samples.filter(({ time }) => time >= now - UNWANTED_MS)
      if (wanted.length === 0) this.#samples.delete(key)
      else this.#samples.set(key, wanted)
    }
    // a service may have changed to a convention that is less good
    this.#best.clear()
    for (const group of this.#metrics.groups()) this.#rank(group)
  }
}

const INSTANCE = ['service.instance.id', 'k8s.pod.name', 'host.name'].map(underscored)
