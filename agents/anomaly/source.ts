/** Where measurements come from. */
import { setTimeout as delay } from 'node:timers/promises'
import type { TimeRange } from '../../analysis/observations.ts'
import type { Sample } from '../../analysis/watch/watched.ts'
import { storable } from '../../bus/storable.ts'
import type { MetricsTool } from '../tools/tools.ts'

/** A service to watch. */
export interface Target {
  tenant: string
  service: string
  /** null: it has none, or several */
  namespace: string | null
  /** leaves out what may belong to another namespace, and so to another tenant */
  strict: boolean
}

export interface Measured {
  samples: Sample[]
  /** why services could not be measured; a service that has no metrics is not among them */
  failures: { service: string; why: string }[]
}

export interface Source {
  /** ms that are read at once; absent: any time */
  atOnceMs?: number
  /** Says whose samples will be asked for: of others nothing need be kept. Until it is called, and if absent: of all. */
  only?(isOurs: (one: Pick<Target, 'service' | 'namespace'>) => boolean): void
  /** What was measured after the start of the range, up to its end. */
  read(targets: readonly Target[], range: TimeRange, stepMs: number, signal: AbortSignal): Promise<Measured>
}

export interface PollingOptions {
  metrics: MetricsTool
  /** services asked about at once; default 4 */
  atOnce?: number
  /** share of a step over which the questions are spread, so that they do not all arrive together; default 0.5 */
  spread?: number
}

/** ms, so that all are asked within the time limit of a turn, however long a step is. */
export const LONGEST_SPREAD_MS = 10_000

/** Asks for the golden signals of each service. */
export function polling({ metrics, atOnce = 4, spread = 0.5 }: PollingOptions): Source {
  return {
    async read(targets, range, stepMs, signal) {
      const measured: Measured = { samples: [], failures: [] }
      const left = [...targets]
      const pauseMs =
        targets.length <= atOnce ? 0 : (Math.min(stepMs * spread, LONGEST_SPREAD_MS) * atOnce) / targets.length
      const ask = async (): Promise<void> => {
        for (let target = left.shift(); target !== undefined; target = left.shift()) {
          take(await askAbout(metrics, target, range, stepMs, signal), target, range, measured)
          if (pauseMs > 0 && left.length > 0) await delay(pauseMs, undefined, { signal }).catch(() => undefined)
        }
      }
      await Promise.all(Array.from({ length: atOnce }, ask))
      return measured
    },
  }
}

const askAbout = (
  metrics: MetricsTool,
  { tenant, service, namespace, strict }: Target,
  range: TimeRange,
  stepMs: number,
  signal: AbortSignal,
) => metrics.goldenSignals({ service, namespace, strict, range, stepS: Math.ceil(stepMs / 1000) }, { signal, tenant })

function take(
  answer: Awaited<ReturnType<typeof askAbout>>,
  { service, namespace }: Target,
  range: TimeRange,
  measured: Measured,
): void {
  if (answer.status === 'failed') measured.failures.push({ service, why: answer.error })
  for (const { instance = '', indicator, unit, times, values } of answer.data?.series ?? []) {
    // the same service in several namespaces is one, with the instances of all; a label may hold any text
    const place = storable(namespace === null ? instance : `${namespace} ${instance}`)
    for (const [at, time] of times.entries())
      if (time > range.start)
        measured.samples.push({
          ...{ service, indicator, time, value: values[at]!, instance: place },
          ...(unit === undefined ? {} : { unit }),
        })
  }
}

/** Measurements that arrive by themselves, such as those of the lab in this process. What is not read within `keepMs` is dropped. */
export function arriving(listen: (take: (samples: readonly Sample[]) => void) => () => void, keepMs = 600_000) {
  let kept: Sample[] = []
  const end = listen((samples) => {
    for (const sample of samples) kept.push(sample)
    const newest = kept.at(-1)?.time ?? 0
    if ((kept[0]?.time ?? newest) < newest - keepMs) kept = kept.filter(({ time }) => time >= newest - keepMs)
  })
  const source: Source = {
    read: async (targets, range) => {
      const names = new Set(targets.map(({ service }) => service))
      const isDue = ({ service, time }: Sample): boolean =>
        names.has(service) && time > range.start && time <= range.end
      return { samples: kept.filter(isDue), failures: [] }
    },
  }
  return { ...source, end }
}
