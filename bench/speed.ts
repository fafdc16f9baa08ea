/** How long the engine takes over many series: made ones, because only their number and length count. */
import { diagnose } from '../analysis/diagnose.ts'
import type { LogFigures } from './log-templates.ts'
import type { Observations, Series } from '../analysis/observations.ts'
import { randomFrom } from './measures.ts'

export interface Speed {
  /** empty: not measured */
  logs: readonly LogFigures[]
  series: number
  points: number
  /** ms of CPU time of the fastest of the runs, which other processes of the machine do not change: a handful of the series moved */
  took: number
  /** the same where all of them moved, so that a trend and a season are looked for in each */
  tookMoved: number
}

const START = Date.UTC(2026, 0, 1)
const STEP = 10_000
const INDICATORS = ['latency_p95', 'error_ratio', 'request_rate', 'cpu', 'memory']

export function measureSpeed(logs: readonly LogFigures[], { series = 10_000, points = 720, runs = 2 } = {}): Speed {
  const [few, all] = [INDICATORS.length, series].map((moved) => fastest(made(series, points, moved), runs))
  return { logs, series, points, took: few!, tookMoved: all! }
}

function fastest(observations: Observations, runs: number): number {
  const took = Array.from({ length: runs }, () => {
    const began = process.cpuUsage()
    diagnose(observations)
    const { user, system } = process.cpuUsage(began)
    return (user + system) / 1000
  })
  return Math.min(...took)
}

/** For the page of figures. */
export const speedText = ({ series, points, took, tookMoved }: Speed): string =>
  `${series} series of ${points} points: ${seconds(took)} of CPU time where one service moved, ${seconds(tookMoved)} where all of them did.`

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`

/** The first so many series move. */
function made(count: number, points: number, moved: number): Observations {
  const random = randomFrom(1)
  const times = Float64Array.from({ length: points }, (_, index) => START + index * STEP)
  const series = Array.from({ length: count }, (_, index): Series => {
    const broken = index < moved
    return {
      service: `service-${Math.floor(index / INDICATORS.length)}`,
      indicator: INDICATORS[index % INDICATORS.length] ?? 'cpu',
      times,
      values: Float64Array.from(times, (_, at) => 10 + random() + (broken && at > 0.8 * points ? 20 : 0)),
    }
  })
  return {
    window: { start: START, end: START + points * STEP },
    series,
    logs: [],
    spans: [],
    edges: [],
    changes: [],
  }
}
