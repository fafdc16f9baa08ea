/** A forecast of the gateway as lines of a list, or whole. */
import { amount } from '../../analysis/text.ts'
import type { Forecast } from '../../gateway/api.generated.ts'
import type { Language } from '../../gateway/present/language.ts'
import { readable } from '../../gateway/present/words.ts'
import { sparkline } from '../analyze/sparkline.ts'
import { painting } from '../anomalies/render.ts'
import { joined, type Line, paint, painted } from '../terminal/line.ts'
import { texts } from './texts.ts'

const WIDTH = 32
/** Points of the way to the limit that are listed. */
const POINTS = 8

/** One line if it is closed; else its last values and the interval, too. */
export function listed(forecast: Forecast, language: Language): Line[] {
  const head = headOf(forecast, forecast.forecast_id.slice(-6), language)
  return forecast.state === 'open' ? [head, measured(forecast, language), between(forecast, language)] : [head]
}

export function detailed(forecast: Forecast, language: Language): Line[] {
  const { path, unit, session_id, since } = forecast
  const of = (value: number): string => amount(value, unit ?? undefined)
  return [
    headOf(forecast, forecast.forecast_id, language),
    measured(forecast, language),
    between(forecast, language),
    painted`  ${texts.since(since)[language]}`,
    ...evenly(path, POINTS).map(({ time, value, lower, upper }) => painted`  ${texts.expected(time, of(value), of(lower), of(upper))[language]}`), // prettier-ignore
    ...(session_id === null ? [] : [texts.diagnosis(session_id.slice(-6))[language]]),
  ]
}

function headOf(forecast: Forecast, id: string, language: Language): Line {
  const { state, severity, ending, service, instance, resource, full_at } = forecast
  return joined(
    [
      id,
      state === 'open' ? painting(severity, readable(language, severity)) : readable(language, ending ?? state),
      paint('bold', service),
      ...(instance === null ? [] : [instance]),
      readable(language, resource),
      (state === 'open' ? texts.full(full_at) : texts.foretold(full_at))[language],
    ],
    '  ',
  )
}

/** Its last values, if there are any, and how much of the limit is reached. */
function measured({ recent, indicator, value, limit, unit }: Forecast, language: Language): Line {
  const of = (one: number): string => amount(one, unit ?? undefined)
  const said = `${indicator} ${texts.reached(of(value), of(limit))[language]}`
  if (recent.length === 0) return painted`  ${said}`
  return painted`  ${sparkline(
    recent.map((one) => one ?? Number.NaN),
    WIDTH,
  )}  ${said}`
}

function between({ earliest, latest, level }: Forecast, language: Language): Line {
  return painted`  ${texts.between(earliest, latest, `${Math.round(level * 100)} %`)[language]}`
}

/** At most `most` of them, with the first and the last. */
function evenly<T>(points: readonly T[], most: number): T[] {
  if (points.length <= most) return [...points]
  return Array.from({ length: most }, (_, at) => points[Math.round((at * (points.length - 1)) / (most - 1))]!)
}
