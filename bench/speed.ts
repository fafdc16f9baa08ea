/** CPU time of the engine on many synthetic series; only their number and length matter. */
import { diagnose } from '../analysis/diagnose.ts'
import type { LogFigures } from './logs/log-templates.ts'
import type { Observations, Series } from '../analysis/observations.ts'
import { randomFrom } from './rankings/measures.ts'

/** How much is measured; figures for other amounts are not comparable. */
export interface Amount {
  series: number
  points: number
  /** runs, of which the fastest counts */
  runs: number
  /** log lines each file is repeated to */
  lines: number
  /** generated incidents of each side */
  incidents: number
}

/** Enough lines for half a second: in shorter runs compilation takes a fifth of the time. */
export const FULL: Amount = { series: 10_000, points: 720, runs: 2, lines: 1_000_000, incidents: 400 }
/** A smoke test, not a measurement. */
export const QUICK: Amount = { series: 500, points: 720, runs: 1, lines: 10_000, incidents: 8 }

export interface Speed {
  /** empty: not measured */
  logs: readonly LogFigures[]
  amount: Amount
  /** CPU ms of the fastest run, which other processes do not affect; a few of the series moved */
  took: number
  /** the same if all series moved, so that trend and season are searched in each */
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

/** Text for the evaluation page. */
export const speedText = ({ amount, took, tookMoved }: Speed): string =>
  [
    `${amount.series} series of ${amount.points} points: ${seconds(took)} of CPU time where one service moved, ${seconds(tookMoved)} where all of them did.`,
    ...(amount === FULL ? [] : [`Measured with \`--quick\`, on ${amount.series} series and files of ${amount.lines.toLocaleString('en')} log lines: the bars for these two are not measured.`]), // prettier-ignore
  ].join(' ')

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`

/** The first `moved` series move. */
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
