/** The forecaster of `sre analyze forecast` on series of M4, with baselines. One configuration; a season is given only where the competition has one. */
import { type Forecast, forecast } from '../../analysis/forecasts/forecast.ts'
import { seasonOf } from '../../analysis/forecasts/season.ts'
import { sideOf } from '../division.ts'
import { type Forecaster, forecastBaselines, NAIVE, seasonalBaselines } from './forecast-baselines.ts'
import { type ForecastErrors, overall, scaledError, scaledIntervalScore, stepOf, symmetricError } from './forecast-measures.ts' // prettier-ignore
import { bootstrapInterval, mean } from '../rankings/measures.ts'
import type { Continued } from '../sets/m4.ts'

const LEVEL = 0.95

export interface Accuracy extends ForecastErrors {
  name: string
  /** overall weighted average (OWA) */
  overall: number
  interval: [number, number]
}

export interface ForecastFigures {
  series: number
  horizon: number
  engine: Accuracy
  baselines: Accuracy[]
  /** share of actual values within the intervals: at the first step, the last, and all */
  coverage: { first: number; last: number; all: number }
  intervalScore: number
  /** for a set that is halved: the engine and each baseline on either half */
  sides: { name: string; series: number; engine: number; baselines: { name: string; overall: number }[] }[]
  /** the engine on series with and without a detected season */
  kinds: { name: string; series: number; overall: number; coverage: number }[]
  /** CPU ms per forecast: median and 95th percentile */
  took: { middle: number; most: number }
}

interface Answered extends Continued {
  said: Forecast
  hasSeason: boolean
  took: number
  errors: ForecastErrors
  naive: ForecastErrors
}

/** `set`: its name in the division. */
export function measureForecasts(set: string, series: readonly Continued[]): ForecastFigures {
  const answered = series.map(ask)
  const baselines = baselinesOn(answered)
  const took = answered.map((one) => one.took).toSorted((a, b) => a - b)
  const horizon = answered[0]!.actual.length
  return {
    series: answered.length,
    horizon,
    engine: engineOn(answered),
    baselines,
    sides: [...Map.groupBy(answered, ({ id }) => sideOf(set, id))].sort(([a], [b]) => a.localeCompare(b)).map(([name, members]) => ({ name, series: members.length, engine: engineOn(members).overall, baselines: baselinesOn(members) })), // prettier-ignore
    coverage: { first: coverage(answered, (step) => step === 0), last: coverage(answered, (step) => step === horizon - 1), all: coverage(answered) }, // prettier-ignore
    intervalScore: mean(answered.map(({ history, actual, said, season }) => scaledIntervalScore(actual, said, { step: stepOf(history, season), level: LEVEL }))), // prettier-ignore
    kinds: [true, false].map((hasSeason) => kindOf(answered.filter((one) => one.hasSeason === hasSeason), hasSeason)), // prettier-ignore
    took: { middle: took[took.length >> 1]!, most: took[Math.floor(0.95 * took.length)]! },
  }
}

const forecastersFor = ({ season }: Continued): Readonly<Record<string, Forecaster>> =>
  season > 1 ? seasonalBaselines : forecastBaselines

const engineOn = (answered: readonly Answered[]): Accuracy =>
  accuracy('engine', answered.map(({ errors }) => errors), answered.map(({ naive }) => naive)) // prettier-ignore

const baselinesOn = (answered: readonly Answered[]): Accuracy[] =>
  Object.entries(forecastersFor(answered[0]!)).map(([name, go]) =>
    accuracy(name, answered.map((one) => errorsOf(one, go(one.history, one.actual.length, one.season))), answered.map(({ naive }) => naive))) // prettier-ignore

function ask(one: Continued): Answered {
  const { history, actual, season } = one
  const began = process.threadCpuUsage()
  const said = forecast(history, { horizon: actual.length, season, level: LEVEL })
  const { user, system } = process.threadCpuUsage(began)
  return {
    ...one,
    said,
    hasSeason: seasonOf(history) !== null,
    took: (user + system) / 1000,
    errors: errorsOf(one, said.mean),
    naive: errorsOf(one, forecastBaselines[NAIVE]!(history, actual.length, season)),
  }
}

const errorsOf = ({ history, actual, season }: Continued, said: Float64Array): ForecastErrors => ({
  symmetric: symmetricError(actual, said),
  scaled: scaledError(actual, said, stepOf(history, season)),
})

const meanOf = (errors: readonly ForecastErrors[]): ForecastErrors => ({
  symmetric: mean(errors.map(({ symmetric }) => symmetric)),
  scaled: mean(errors.map(({ scaled }) => scaled)),
})

function accuracy(name: string, errors: readonly ForecastErrors[], naive: readonly ForecastErrors[]): Accuracy {
  const pairs = errors.map((own, at) => [own, naive[at]!] as const)
  const of = (drawn: typeof pairs): number => overall(meanOf(drawn.map(([own]) => own)), meanOf(drawn.map(([, other]) => other))) // prettier-ignore
  return { name, ...meanOf(errors), overall: of(pairs), interval: bootstrapInterval(pairs, (drawn) => of([...drawn])) }
}

function coverage(answered: readonly Answered[], isAsked: (step: number) => boolean = () => true): number {
  const inside = answered.flatMap(
    ({ actual, said }) =>
    [...actual].flatMap((value, step) => (isAsked(step) ? [value >= said.lower[step]! && value <= said.upper[step]!] : [])), // prettier-ignore
  )
  return mean(inside.map((isIn) => (isIn ? 1 : 0)))
}

const kindOf = (members: readonly Answered[], hasSeason: boolean): ForecastFigures['kinds'][number] => ({
  name: hasSeason ? 'a season was found' : 'none was found',
  series: members.length,
  overall: overall(meanOf(members.map(({ errors }) => errors)), meanOf(members.map(({ naive }) => naive))),
  coverage: coverage(members),
})
