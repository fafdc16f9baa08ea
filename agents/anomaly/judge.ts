/** Judges what was measured of the services of a part. */
import { setImmediate } from 'node:timers/promises'
import type { Forecast } from '../../analysis/filling/forecasts.ts'
import type { Anomaly, Sample } from '../../analysis/watch/watched.ts'
import type { Watch } from './begin.ts'

export interface Announced {
  anomalies: Anomaly[]
  forecasts: Forecast[]
}

/** Step by step: the samples of an hour, merged all at once, would take many times their own memory. Heartbeats and probes are answered in between. */
export async function judged(
  { watcher, outlook }: Pick<Watch, 'watcher' | 'outlook'>,
  samples: readonly Sample[],
  stepMs: number,
  end: number,
): Promise<Announced> {
  const steps = Map.groupBy(samples, ({ time }) => Math.ceil(time / stepMs) * stepMs)
  const said: Announced = { anomalies: [], forecasts: [] }
  for (const step of [...new Set([...steps.keys(), end])].sort((a, b) => a - b)) {
    for (const sample of steps.get(step) ?? []) {
      watcher.add(sample, end)
      if (sample.time <= end) outlook.add(sample)
    }
    const now = Math.min(step, end)
    for (const one of watcher.advance(now)) said.anomalies.push(one)
    for (const one of outlook.advance(now)) said.forecasts.push(one)
    await setImmediate()
  }
  return said
}
