/** A small made-up system, measured every ten seconds: `front` calls `cart`, `cart` calls `store`; `mail` is on its own. */
import { Watcher, type WatcherOptions } from '../../../analysis/watch/watcher.ts'
import type { Exception } from '../../../analysis/watch/exceptions.ts'
import type { Anomaly, Sample } from '../../../analysis/watch/watched.ts'

export const STEP = 10_000
export const START = Date.parse('2026-03-02T00:00:00Z')
export const CALLS = [
  { from: 'front', to: 'cart' },
  { from: 'cart', to: 'store' },
]
/** The end of a step, which is when it is judged. */
export const at = (step: number): number => START + step * STEP

/** Deterministic noise in -1..1. */
export const noise = (of: number): number => ((Math.imul(of + 1, 0x9e3779b1) >>> 0) / 2 ** 32 - 0.5) * 2

export interface Measure {
  service: string
  indicator: string
  unit: string
  instance?: string
  /** null: no sample */
  value(step: number): number | null
}

const seedOf = (text: string): number => [...text].reduce((sum, one) => sum * 31 + one.charCodeAt(0), 7) % 100_000

export const latencyOf = (service: string, more: (step: number) => number = () => 0): Measure => ({
  ...{ service, indicator: 'latency_p95', unit: 'ms' },
  value: (step) => 100 + 5 * noise(step + seedOf(service)) + more(step),
})
export const errorsOf = (service: string, share: (step: number) => number = () => 0): Measure => ({
  ...{ service, indicator: 'error_ratio', unit: 'ratio', value: share },
})
export const trafficOf = (service: string, rate: (step: number) => number = () => 50): Measure => ({
  ...{ service, indicator: 'request_rate', unit: '1/s' },
  value: (step) => rate(step) * (1 + 0.05 * noise(step + seedOf(service) + 1)),
})

/** A value from one step until another. */
export const during = (from: number, to: number, value: number) => (step: number) =>
  step >= from && step < to ? value : 0

export const samplesAt = (step: number, measures: readonly Measure[]): Sample[] =>
  measures.flatMap(({ value: valueAt, ...identity }) => {
    const value = valueAt(step)
    return value === null ? [] : [{ ...identity, time: START + step * STEP, value }]
  })

export interface Watched {
  announced: Anomaly[]
  watcher: Watcher
}

export function watch(
  measures: readonly Measure[],
  steps: number,
  { exceptions = [], ...options }: Partial<WatcherOptions> & { exceptions?: readonly Exception[] } = {},
): Watched {
  const watcher = new Watcher({ stepMs: STEP, latenessMs: 0, ...options })
  watcher.connect(CALLS)
  watcher.except(exceptions)
  const announced: Anomaly[] = []
  for (let step = 0; step < steps; step += 1) {
    for (const sample of samplesAt(step, measures)) watcher.add(sample)
    announced.push(...watcher.advance(at(step)))
  }
  return { announced, watcher }
}

/** `opened cart`, `closed cart recovered` … */
export const told = (announced: readonly Anomaly[]): string[] =>
  announced.map(({ phase, service, ending }) => [phase, service, ...(ending === null ? [] : [ending])].join(' '))
