/**
 * Watches many series and announces what goes off together as one anomaly, in phases: opened, updated, closed. Its memory is bounded by the number of series,
 * its clock is that of the samples, and its whole state is plain data, so that a restart continues where it was.
 */
import type { Exception, KeptOut } from './exceptions.ts'
import { CallGraph } from './groups.ts'
import { OpenAnomalies, type OpenAnomaly } from './open-anomalies.ts'
import type { SeriesOptions, SeriesWatch } from './series-watch.ts'
import { type ServiceState, ServiceWatch } from './service-watch.ts'
import { type Place, type Step, type StepOptions, Steps } from './steps.ts'
import type { Anomaly, Band, Call, Identity, Off, Sample } from './watched.ts'

export interface WatcherOptions extends StepOptions, Pick<SeriesOptions, 'warmUp'> {
  /** default `MOST_WATCHED`; samples of further series are dropped and counted */
  mostSeries?: number
}

export interface Counts {
  /** samples that were judged, after instances and steps were merged */
  judged: number
  late: number
  notNumbers: number
  future: number
  /** samples of series beyond the limit */
  beyond: number
  /** anomalies not announced because of an exception, by reason */
  kept: Record<Exception['reason'], number>
}

export interface WatcherState {
  stepMs: number
  closedUntil: number
  services: ServiceState[]
  open: OpenAnomaly[]
}

export const MOST_WATCHED = 100_000
/** Steps without a sample after which a series has no value to show. */
const MEASURED_STEPS = 3
const DAY = 86_400_000

export class Watcher {
  readonly #options: WatcherOptions
  #mostSeries: number
  readonly #services = new Map<string, ServiceWatch>()
  #anomalies = new OpenAnomalies()
  #steps: Steps
  #graph = new CallGraph()
  #exceptions: readonly Exception[] = []
  #closedUntil = -Infinity
  #series = 0
  #judged = 0
  #beyond = 0

  constructor(options: WatcherOptions) {
    this.#options = options
    this.#mostSeries = options.mostSeries ?? MOST_WATCHED
    this.#steps = new Steps(this.#options)
  }

  /** Continues from a state; throws if it was made with another length of step, because what is usual depends on it. */
  static restored(state: WatcherState, options: WatcherOptions): Watcher {
    if (state.stepMs !== options.stepMs)
      throw new RangeError(`the state is of steps of ${state.stepMs} ms, not ${options.stepMs} ms`)
    const watcher = new Watcher(options)
    for (const one of state.services) {
      const service = ServiceWatch.restored(one, watcher.#options)
      watcher.#services.set(service.service, service)
      watcher.#series += service.size
    }
    watcher.#anomalies = new OpenAnomalies(state.open)
    watcher.#closedUntil = state.closedUntil
    watcher.#steps = new Steps(watcher.#options, state.closedUntil)
    return watcher
  }

  /** Samples of steps that are not closed are not part of it: after a restart they are asked for again. */
  snapshot(): WatcherState {
    return {
      stepMs: this.#options.stepMs,
      closedUntil: this.#closedUntil,
      services: [...this.#services.values()].map((service) => service.snapshot()),
      open: this.#anomalies.snapshot(),
    }
  }

  /** Who calls whom, as far as it is known. */
  connect(calls: readonly Call[]): void {
    this.#graph = new CallGraph(calls)
  }

  /** Changes how many series it may have; those it has stay. */
  allow(mostSeries: number): void {
    this.#mostSeries = mostSeries
  }

  /** Replaces the exceptions. */
  except(exceptions: readonly Exception[]): void {
    this.#exceptions = exceptions
  }

  /** `now`: samples from later than this are dropped. */
  add(sample: Sample, now?: number): void {
    this.#steps.add(sample, now)
  }

  /** Judges the steps that are over at `now`, and returns what is to be announced, in order. */
  advance(now: number): Anomaly[] {
    const said = this.#steps.close(now).flatMap((step) => this.#judge(step))
    this.#closedUntil = this.#steps.closedUntil
    return said
  }

  /** end of the last step that is over, whether anything was measured in it; -Infinity: none */
  get closedUntil(): number {
    return this.#closedUntil
  }

  get size(): { services: number; series: number } {
    return { services: this.#services.size, series: this.#series }
  }

  /** Of the series that were measured in the last steps, and that `isChosen` accepts. */
  bands(isChosen: (identity: Identity) => boolean): Band[] {
    const since = this.#closedUntil - MEASURED_STEPS * this.#options.stepMs
    return [...this.#services.values()].flatMap((service) => service.bands(since, isChosen))
  }

  /** The open anomalies, as last announced. */
  open(): Anomaly[] {
    return this.#anomalies.list()
  }

  /** What of an open anomaly is outside its range now, and not covered yet: more than was announced, while it grows. Per service the strongest, as in `Condition`. */
  offIn(id: string): Off[] {
    const exceptions = this.#exceptionsAt(this.#closedUntil)
    const seriesOf = (service: string) => this.#services.get(service)?.condition(exceptions.get(service))?.series ?? []
    return this.#anomalies.membersOf(id).flatMap(seriesOf)
  }

  /** Announces the open anomalies as opened, to whoever did not hear of them when they were. */
  announceOpen(): Anomaly[] {
    return this.#anomalies.announceOpen()
  }

  /** What was kept out since this was last asked. */
  takeKeptOut(): KeptOut[] {
    return this.#anomalies.takeKeptOut()
  }

  counts(): Counts {
    return { judged: this.#judged, ...this.#steps.dropped, beyond: this.#beyond, kept: { ...this.#anomalies.kept } }
  }

  #judge({ time, values }: Step): Anomaly[] {
    for (const { place, value } of values) {
      const service = this.#services.get(place.identity.service)
      place.series ??= service?.get(place.key) ?? this.#open(place)
      if (place.series === null) {
        this.#beyond += 1
        this.#steps.forget(place)
        continue
      }
      ;(service ?? this.#services.get(place.identity.service)!).judge(place.series, place.key, time, value)
      this.#judged += 1
    }
    if (Math.floor(time / DAY) !== Math.floor(this.#closedUntil / DAY)) this.#forget(time - 7 * DAY)
    this.#closedUntil = time
    const unusual = [...this.#services.values()].filter((service) => !service.isCalm)
    for (const service of unusual) service.miss(time)
    return this.#anomalies.step({
      time,
      unusual,
      graph: this.#graph,
      exceptions: this.#exceptionsAt(time),
      endingOf: (service, since) => this.#services.get(service)?.endingSince(since) ?? 'no_data',
    })
  }

  /** null: there are too many */
  #open({ identity, key }: Place): SeriesWatch | null {
    if (this.#series >= this.#mostSeries) return null
    this.#series += 1
    const service = this.#services.get(identity.service) ?? new ServiceWatch(identity.service, this.#options)
    this.#services.set(identity.service, service)
    return service.open(identity, key)
  }

  /** by service */
  #exceptionsAt(time: number): ReadonlyMap<string, readonly Exception[]> {
    const inForce = this.#exceptions.filter(({ start, end }) => start <= time && time < end)
    return Map.groupBy(inForce, ({ service }) => service)
  }

  /** Series and services that have not been seen for a week are gone. */
  #forget(before: number): void {
    for (const [name, service] of this.#services) {
      this.#series -= service.forget(before)
      if (service.size === 0) this.#services.delete(name)
    }
    this.#steps.forgetBefore(before)
  }
}
