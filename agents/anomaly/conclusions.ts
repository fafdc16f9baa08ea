/** What was concluded, as records to publish, and the diagnoses that the policy asks for because of it. */
import type { Forecast } from '../../analysis/filling/forecasts.ts'
import { severityOf } from '../../analysis/filling/severity.ts'
import type { Anomaly } from '../../analysis/watch/watched.ts'
import type { Bus } from '../../bus/bus.ts'
import type { DiagnosisRequested } from '../../schemas/events.generated.ts'
import { type AnomalyContext, detected, requested } from './events.ts'
import { produced, requestedFor } from './forecast-events.ts'
import { type Policy, type Withheld, withheld } from './policy.ts'
import type { Request, ToPublish } from './store.ts'

export interface Rules {
  bus: Pick<Bus, 'encode'>
  policy: Policy
  requestedBy: string
  /** the requests of the last 24 hours */
  asked: readonly Request[]
  /** ms since the epoch */
  now: number
}

export interface Concluded {
  records: ToPublish[]
  requests: Request[]
  /** for the log; `not_asked`: why no diagnosis was asked for */
  lines: ({ about: 'anomaly' | 'forecast'; not_asked?: string } & Record<string, unknown>)[]
}

/** `over`: it is closed, or will be by what was concluded together with it. `asked`: it asked before. */
type Reason = Withheld | 'over' | 'asked'

export async function conclusions(
  { anomalies, forecasts }: { anomalies: readonly Anomaly[]; forecasts: readonly Forecast[] },
  { bus, policy, requestedBy, asked, now }: Rules,
  context: AnomalyContext,
): Promise<Concluded> {
  const said: Concluded = { records: [], requests: [], lines: [] }
  const repeated = new Set(asked.map(({ sessionId }) => sessionId))
  const over = new Set([...anomalies, ...forecasts].flatMap(({ id, phase }) => (phase === 'closed' ? id : [])))
  const reasonFor = (id: string, sessionId: string, about: Parameters<typeof withheld>[1]): Reason | null =>
    over.has(id) ? 'over' : repeated.has(sessionId) ? 'asked' : withheld(policy, about, [...asked, ...said.requests], now) // prettier-ignore
  const ask = async (request: DiagnosisRequested, service: string): Promise<void> => {
    repeated.add(request.session_id)
    said.requests.push({ sessionId: request.session_id, service, at: now })
    said.records.push({ eventId: request.event_id, record: await bus.encode('DiagnosisRequested', request) })
  }
  const tell = (line: Concluded['lines'][number], reason: Reason | 'forecasts' | null): void =>
    void said.lines.push({ ...line, ...(reason === null ? {} : { not_asked: reason }) })

  for (const anomaly of anomalies) {
    const event = detected(anomaly, context)
    const { service, phase, severity } = anomaly
    said.records.push({ eventId: event.event_id, record: await bus.encode('AnomalyDetected', event) })
    const reason = reasonFor(anomaly.id, event.anomaly_id, anomaly)
    tell({ about: 'anomaly', anomaly_id: event.anomaly_id, service, phase, severity }, reason)
    if (reason === null) await ask(requested(anomaly, context, requestedBy), service)
  }
  for (const forecast of forecasts) {
    const event = produced(forecast, context)
    const { service, phase, resource } = forecast
    const severity = severityOf(forecast)
    said.records.push({ eventId: event.event_id, record: await bus.encode('ForecastProduced', event) })
    const reason = policy.forecasts ? reasonFor(forecast.id, event.forecast_id, { service, services: [service], severity }) : 'forecasts' // prettier-ignore
    tell({ about: 'forecast', forecast_id: event.forecast_id, service, resource, phase, severity }, reason)
    if (reason === null) await ask(requestedFor(forecast, context, requestedBy), service)
  }
  return said
}
