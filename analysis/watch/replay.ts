/** Watches finished series in the order of time, as if they were measured now. */
import { largest, smallest } from '../extremes.ts'
import { median } from '../metrics/robust.ts'
import type { Series } from '../observations.ts'
import type { Sample } from './watched.ts'

/** What samples are told to, and what concludes from them at the end of each step. */
export interface Watching<Announced> {
  add(sample: Sample): void
  advance(now: number): Announced[]
}

const LEAST_STEP = 1_000
/** Intervals looked at in each series. */
const LOOKED_AT = 1_000

/** ms between the samples of most series, in whole seconds and at least one. */
export function stepOf(series: readonly Pick<Series, 'times'>[]): number {
  const intervals = series.flatMap(({ times }) => {
    const gaps = Array.from(times.subarray(1, LOOKED_AT), (time, at) => time - times[at]!)
    return gaps.length === 0 ? [] : [median(gaps)]
  })
  return Math.max(LEAST_STEP, Math.round(median(intervals) / LEAST_STEP) * LEAST_STEP)
}

/** What is announced, in order. At the end, all steps are over. */
export function* replay<Announced>(
  series: readonly Series[],
  watcher: Watching<Announced>,
  stepMs: number,
): Generator<Announced> {
  const places = series.map(() => 0)
  const nextOf = (at: number): number => series[at]!.times[places[at]!] ?? Infinity
  for (;;) {
    const next = smallest(places.map((_, at) => nextOf(at)))
    if (next === Infinity) break
    const end = Math.ceil(next / stepMs) * stepMs
    for (const [at, { service, instance, indicator, unit, values }] of series.entries())
      for (; nextOf(at) <= end; places[at]! += 1)
        watcher.add({
          ...{ service, indicator, time: nextOf(at), value: values[places[at]!]! },
          ...(instance === undefined ? {} : { instance }),
          ...(unit === undefined ? {} : { unit }),
        })
    yield* watcher.advance(end)
  }
  yield* watcher.advance(largest(series.map(({ times }) => times.at(-1) ?? -Infinity)) + stepMs)
}
