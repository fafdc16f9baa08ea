/** How long the engine takes over many series: made ones, because only their number and length count. */
import { diagnose } from '../analysis/diagnose.ts'
import type { LogFigures } from './logs/log-templates.ts'
import type { Observations, Series } from '../analysis/observations.ts'
import { randomFrom } from './rankings/measures.ts'

/** How much is measured: the speed of fewer series or lines is another. */
export interface Amount {
  series: number
  points: number
  /** of which the fastest counts */
  runs: number
  /** of log, to which each file is repeated */
  lines: number
}

/** Lines for half a second of ours: in a tenth of it, to compile is a fifth. */
export const FULL: Amount = { series: 10_000, points: 720, runs: 2, lines: 1_000_000 }
/** A look at whether all goes well, not at how fast. */
export const QUICK: Amount = { series: 500, points: 720, runs: 1, lines: 10_000 }

export interface Speed {
  /** empty: not measured */
  logs: readonly LogFigures[]
  amount: Amount
  /** ms of CPU time of the fastest of the runs, which other processes of the machine do not change: a handful of the series moved */
  took: number
  /** the same where all of them moved, so that a trend and a season are looked for in each */
  tookMoved: number
}

const START = Date.UTC(2026, 0, 1)
const STEP = 10_000
const INDICATORS = ['latency_p95', 'error_ratio', 'request_rate', 'cpu', 'memory']

export function measureSpeed(logs: readonly LogFigures[], amount: Amount): Speed {
  const { series, points, runs } = amount
  const [few, all] = [INDICATORS.length, series].map((moved) => fastest(made(series, points, moved), runs))
  return { logs, amount, took: few!, tookMoved: all! }
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
export const speedText = ({ amount, took, tookMoved }: Speed): string =>
  [
    `${amount.series} series of ${amount.points} points: ${seconds(took)} of CPU time where one service moved, ${seconds(tookMoved)} where all of them did.`,
    ...(amount === FULL ? [] : [`Measured with \`--quick\`, on ${amount.series} series and files of ${amount.lines.toLocaleString('en')} log lines: the bars for these two are not measured.`]), // prettier-ignore
  ].join(' ')

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`

/** The first so many series move. */
function made(count: number, points: number, moved: number): Observations {
  const random = randomFrom(1)
  const times = Float64Array.from({ length: points }, (_, index) => START + index * STEP)
  const series = Array.from({ length: count }, (_, index): Series => {
    const broken = index < moved
    return {
      service: `service-${Math.floor(index / INDICATORS.length)}`,
      indicator: INDICATORS[index % INDICATORS.length]!,
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
