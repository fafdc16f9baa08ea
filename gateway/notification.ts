/** Recognises an Alertmanager notification posted where a diagnosis request is expected, a common first try. */
import { repeated } from './details.ts'

/** Most services listed in the response. */
const MOST = 10

/** Services of the firing alerts, or of all alerts if none fires; null: the body is not a notification. */
export function notifiedServices(body: unknown): string[] | null {
  const { alerts, receiver, groupKey, commonLabels } = fieldsOf(body)
  if (!Array.isArray(alerts) || typeof receiver !== 'string' || typeof groupKey !== 'string') return null
  const given = alerts.slice(0, 100).map(fieldsOf)
  const firing = given.filter(({ status }) => status !== 'resolved')
  const labels = [commonLabels, ...(firing.length > 0 ? firing : given).map((alert) => alert['labels'])]
  const named = labels.flatMap((one) => {
    const { service } = fieldsOf(one)
    return typeof service === 'string' ? [repeated(service)] : []
  })
  return [...new Set(named)].slice(0, MOST)
}

const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
