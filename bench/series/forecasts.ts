/** The forecaster of `sre analyze forecast` on M4's weekly series, with baselines. One configuration, without a given season. */
import { type Forecast, forecast } from '../../analysis/forecasts/forecast.ts'
import { seasonOf } from '../../analysis/forecasts/season.ts'
import { forecastBaselines, NAIVE } from './forecast-baselines.ts'
import { type ForecastErrors, overall, scaledError, scaledIntervalScore, stepOf, symmetricError } from './forecast-measures.ts' // prettier-ignore
import { bootstrapInterval, mean } from '../rankings/measures.ts'
import { type Continued, m4Weekly } from '../sets/m4.ts'

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

export function measureForecasts(root: string): ForecastFigures {
  const answered = m4Weekly(root).map(ask)
  const naive = answered.map((one) => one.naive)
  const baselines = Object.entries(forecastBaselines).map(([name, go]) =>
    accuracy(name, answered.map((one) => errorsOf(one, go(one.history, one.actual.length))), naive)) // prettier-ignore
  const took = answered.map((one) => one.took).toSorted((a, b) => a - b)
  const horizon = answered[0]!.actual.length
  return {
    series: answered.length,
    horizon,
    engine: accuracy('engine', answered.map(({ errors }) => errors), naive), // prettier-ignore
    baselines,
    coverage: { first: coverage(answered, (step) => step === 0), last: coverage(answered, (step) => step === horizon - 1), all: coverage(answered) }, // prettier-ignore
    intervalScore: mean(answered.map(({ history, actual, said }) => scaledIntervalScore(actual, said, { step: stepOf(history), level: LEVEL }))), // prettier-ignore
    kinds: [true, false].map((hasSeason) => kindOf(answered.filter((one) => one.hasSeason === hasSeason), hasSeason)), // prettier-ignore
    took: { middle: took[took.length >> 1]!, most: took[Math.floor(0.95 * took.length)]! },
  }
}

function ask(one: Continued): Answered {
  const { history, actual } = one
  const began = process.threadCpuUsage()
  const said = forecast(history, { horizon: actual.length, level: LEVEL })
  const { user, system } = process.threadCpuUsage(began)
  return {
    ...one,
    said,
    hasSeason: seasonOf(history) !== null,
    took: (user + system) / 1000,
    errors: errorsOf(one, said.mean),
    naive: errorsOf(one, forecastBaselines[NAIVE]!(history, actual.length)),
  }
}

const errorsOf = ({ history, actual }: Continued, said: Float64Array): ForecastErrors => ({
  symmetric: symmetricError(actual, said),
  scaled: scaledError(actual, said, stepOf(history)),
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
