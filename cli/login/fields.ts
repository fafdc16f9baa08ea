/** What a field of the gateway's API is called on the command line. */
const NAMES: Readonly<Record<string, string>> = {
  resource_ids: '<service>',
  metric_type: '--metric',
  forecast_days: '--days',
  affected_services: '--service',
  namespace: '--namespace',
  'context.namespace': '--namespace',
  'context.deployment_id': '--deployment',
  deployment_id: '--deployment',
  alert_ids: '--alert',
  incident_ids: '--incident',
  severity: '--severity',
  time_range: '--since',
  reason: '--reason',
  service: '--service',
  status: '--status',
  page: '--page',
  action: '<action>',
  parameters: '--param',
}

/** `body.affected_services.0` is an element of a field in a part of the request. An unknown field keeps its name. */
export function optionOf(field: string): string {
  const name = field.replace(/^(?:body|querystring|params)\./, '').replace(/\.\d+$/, '')
  return NAMES[name] ?? NAMES[name.split('.')[0] ?? ''] ?? field
}
