/** What a number of outcomes amounts to. A share is NaN where nothing was asked. */
import { accuracyAt, binsOfCount, brierScore, calibrationError, type Forecast, mean } from '../rankings/measures.ts'
import { COMPARED, type Outcome } from './outcome.ts'

export interface OutcomeFigure {
  name: string
  /** least figure to reach, and the aim; absent: none is set */
  bars?: readonly [number, number]
  /** lower is better */
  atMost?: boolean
  measure: (outcomes: readonly Outcome[]) => number
}

const share = (outcomes: readonly Outcome[], is: (one: Outcome) => boolean): number => mean(outcomes.map((one) => (is(one) ? 1 : 0))) // prettier-ignore

const faulted = (outcomes: readonly Outcome[]): Outcome[] => outcomes.filter(({ truth }) => truth !== null)
const quiet = (outcomes: readonly Outcome[]): Outcome[] => outcomes.filter(({ truth }) => truth === null)
const withChanges = (outcomes: readonly Outcome[]): Outcome[] => faulted(outcomes).filter(({ changes }) => changes > 0)
const guilty = (outcomes: readonly Outcome[]): Outcome[] => outcomes.filter((one) => one.guilty !== null)
const innocent = (outcomes: readonly Outcome[]): Outcome[] => withChanges(outcomes).filter((one) => one.guilty === null)

const top = (k: number) => (outcomes: readonly Outcome[]) => accuracyAt(k, faulted(outcomes).map(({ rank }) => rank)) // prettier-ignore

/** Of the answers that name a cause: that it is the first failing service. */
const causes = (outcomes: readonly Outcome[]): Forecast[] =>
  outcomes.filter(({ verdict }) => verdict !== 'nothing_wrong').map(({ confidence, rank }) => ({ probability: confidence, right: rank === 1 })) // prettier-ignore

/** Of the all-clears: that nothing is wrong. */
const allClears = (outcomes: readonly Outcome[]): Forecast[] =>
  outcomes.filter(({ verdict }) => verdict === 'nothing_wrong').map(({ confidence, truth }) => ({ probability: confidence, right: truth === null })) // prettier-ignore

/** Of the faults with known changes: that the most likely alternative is true. */
const changes = (outcomes: readonly Outcome[]): Forecast[] =>
  withChanges(outcomes).flatMap(({ change }) => change ?? [])

const calibrated = (name: string, forecasts: (outcomes: readonly Outcome[]) => Forecast[]): OutcomeFigure[] => [
  { name: `Brier score of ${name}`, bars: [0.15, 0.1], atMost: true, measure: (outcomes) => (forecasts(outcomes).length === 0 ? Number.NaN : brierScore(forecasts(outcomes))) }, // prettier-ignore
  { name: `calibration error of ${name}`, bars: [0.08, 0.05], atMost: true, measure: (outcomes) => (forecasts(outcomes).length === 0 ? Number.NaN : calibrationError(forecasts(outcomes), binsOfCount)) }, // prettier-ignore
]

export const outcomeFigures: readonly OutcomeFigure[] = [
  { name: 'first failing service, top-1', bars: [0.75, 0.9], measure: top(1) },
  { name: 'first failing service, top-3', bars: [0.92, 0.98], measure: top(3) },
  ...COMPARED.map((name, at) => ({ name: `the same by ${name}, top-1`, measure: (outcomes: readonly Outcome[]) => accuracyAt(1, faulted(outcomes).map(({ compared }) => compared[at] ?? null)) })), // prettier-ignore
  { name: 'the guilty change named', bars: [0.75, 0.9], measure: (outcomes) => share(guilty(outcomes), (one) => one.named === one.guilty) }, // prettier-ignore
  { name: 'an innocent change blamed', bars: [0.05, 0.01], atMost: true, measure: (outcomes) => share(withChanges(outcomes), ({ named, guilty }) => named !== null && named !== guilty) }, // prettier-ignore
  { name: '“no change did it” said when so', bars: [0.8, 0.95], measure: (outcomes) => share(innocent(outcomes), ({ saysNone }) => saysNone) }, // prettier-ignore
  { name: 'quiet windows called `nothing_wrong`', measure: (outcomes) => share(quiet(outcomes), ({ verdict }) => verdict === 'nothing_wrong') }, // prettier-ignore
  { name: 'faulted windows called `nothing_wrong`', atMost: true, measure: (outcomes) => share(faulted(outcomes), ({ verdict }) => verdict === 'nothing_wrong') }, // prettier-ignore
  ...calibrated('the first cause', causes),
  ...calibrated('the change, or none', changes),
  ...calibrated('“nothing is wrong”', allClears),
]

/** By what they have in common: kinds of systems, or of faults. */
export const groupedBy = (outcomes: readonly Outcome[], of: (one: Outcome) => string): [string, Outcome[]][] =>
  [...Map.groupBy(outcomes, of)].sort(([a], [b]) => a.localeCompare(b))

export const topOf = (outcomes: readonly Outcome[]): { first: number; third: number } => ({ first: top(1)(outcomes), third: top(3)(outcomes) }) // prettier-ignore
