/** Recognises an Alertmanager notification posted where a diagnosis request is expected, a common first try. */
export function isNotification(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false
  const { alerts, receiver, groupKey } = body as Record<string, unknown>
  return Array.isArray(alerts) && typeof receiver === 'string' && typeof groupKey === 'string'
}
