/** The numbers of an impact, computed from the rows of a recording without any of the agent's code. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** ms since the epoch, both inclusive */
export interface Range {
  start: number
  end: number
}

export type Raw = ReadonlyMap<number, number>

/** Samples of a service, by indicator: its own, or its only instance's. */
export function rawOf(dir: string, service: string): (indicator: string) => Raw {
  const packed = join(dir, 'metrics.csv.gz')
  const text = existsSync(packed) ? gunzipSync(readFileSync(packed)) : readFileSync(join(dir, 'metrics.csv'))
  const found = new Map<string, Map<number, number>>()
  for (const row of text.toString().trim().split('\n').slice(1)) {
    const [at = '', of, , name = '', , value] = row.split(',')
    if (of !== service) continue
    const samples = found.get(name) ?? new Map<number, number>()
    found.set(name, samples.set(Date.parse(at), Number(value)))
  }
  return (indicator) => found.get(indicator) ?? new Map()
}

const sorted = (values: Iterable<number>) => [...values].sort((one, other) => one - other)

export function middle(values: Iterable<number>): number {
  const all = sorted(values)
  return all.length % 2 === 1 ? all[(all.length - 1) / 2]! : (all[all.length / 2 - 1]! + all[all.length / 2]!) / 2
}

export const worst = (samples: readonly (readonly [number, number])[]) =>
  samples.reduce((most, sample) => (sample[1] > most[1] ? sample : most))

/**
 * Millisecond by millisecond of the periods: of each answer, the sample that comes next speaks for it, unless it is more than two steps away, or one for
 * the first. `answers`: the times that were asked about, which do not overlap.
 */
export function summed(raw: Raw, answers: readonly Range[], periods: readonly Range[]): number {
  let sum = 0
  for (const { start, end } of answers) {
    const times = sorted([...raw.keys()].filter((at) => at >= start && at <= end))
    const step = middle(times.slice(1).map((time, place) => time - times[place]!))
    for (const period of periods) {
      let next = 0
      const last = Math.min(period.end, times.at(-1) ?? 0)
      for (let at = period.start; at < last; at += 1) {
        while (times[next]! <= at) next += 1
        if (times[next]! - at <= (next === 0 ? 1 : 2) * step) sum += raw.get(times[next]!)! / 1000
      }
    }
  }
  return sum
}
