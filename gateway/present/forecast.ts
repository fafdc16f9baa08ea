import type { Forecast } from '../api.generated.ts'
import type { ForecastRow } from '../views/forecasts.ts'
import { timeOf, timeOrNull } from './language.ts'

export function presentForecast({ forecast_id, body, closed_at, is_diagnosed }: ForecastRow): Forecast {
  const { phase, service, namespace, resource, indicator, unit, instance, severity, value, limit, level, ending } = body
  return {
    state: closed_at === null ? 'open' : 'closed',
    ...{ forecast_id, phase, service, namespace, resource, indicator, unit, instance, severity, value, limit },
    ...{ since: timeOf(body.since), full_at: timeOf(body.full_at), earliest: timeOf(body.earliest) },
    ...{ latest: timeOrNull(body.latest), level, updated_at: timeOf(body.occurred_at) },
    closed_at: timeOrNull(closed_at === null ? null : Number(closed_at)),
    ...{ ending, session_id: is_diagnosed ? forecast_id : null },
    path: body.path.map(({ time, ...point }) => ({ time: timeOf(time), ...point })),
    recent: body.recent,
    step: body.step_ms / 1000,
  }
}
