import type { AnomalyExpected } from '../../schemas/events.generated.ts'
import type { Anomaly, Expectation } from '../api.generated.ts'
import type { AnomalyRow } from '../views/anomalies.ts'
import { timeOf, timeOrNull } from './language.ts'

export function presentAnomaly({ anomaly_id, body, closed_at, is_diagnosed, expected }: AnomalyRow): Anomaly {
  const { phase, service, namespace, services, severity, score, since, ending, joined_to, step_ms, series } = body
  return {
    state: closed_at === null ? 'open' : 'closed',
    ...{ anomaly_id, phase, service, namespace, services, severity, score },
    since: timeOf(since),
    updated_at: timeOf(body.occurred_at),
    closed_at: timeOrNull(closed_at === null ? null : Number(closed_at)),
    ...{ ending, joined_to, session_id: is_diagnosed ? anomaly_id : null },
    expectation: expected === null ? null : presentExpectation(expected),
    series: series.map(({ since: from, ...one }) => ({ ...one, since: timeOf(from) })),
    step: step_ms / 1000,
  }
}

/** By the role of the person who expects it. */
export const presentExpectation = ({ until, reason, role, occurred_at }: AnomalyExpected): Expectation => ({
  until: timeOf(until),
  ...{ reason, role },
  at: timeOf(occurred_at),
})
