/** Components that can run as separate processes. */
export const PARTS = ['gateway', 'assistant', 'executor', 'postmortem', 'anomaly', 'control-plane', 'lab'] as const
export type Part = (typeof PARTS)[number]

/** Variables without which a component does not start. */
export const REQUIRED = {
  gateway: ['DATABASE_URL', 'OIDC_ISSUER'],
  assistant: ['DATABASE_URL'],
  executor: ['DATABASE_URL', 'OIDC_ISSUER', 'CONTROL_PLANE_URL', 'EXECUTOR_CLIENT_SECRET', 'DECISION_KEYS'],
  postmortem: ['DATABASE_URL'],
  anomaly: ['DATABASE_URL'],
  'control-plane': ['DATABASE_URL', 'OIDC_ISSUER'],
  lab: [],
} as const

/** The same for queries of the postmortem agent and of the assistant to the control-plane, once CONTROL_PLANE_URL is set. */
export const REQUIRED_TO_LOOK = ['OIDC_ISSUER', 'CONTROL_PLANE_URL', 'POSTMORTEM_CLIENT_SECRET'] as const
export const REQUIRED_TO_ASK = ['OIDC_ISSUER', 'CONTROL_PLANE_URL', 'ASSISTANT_CLIENT_SECRET'] as const

/** What the anomaly agent needs for its source; that `otlp` needs Kafka is one of the contradictions. */
export const requiredToWatch = (environment: Readonly<Record<string, string | undefined>>) =>
  environment['ANOMALY_SOURCE'] === 'otlp' ? REQUIRED.anomaly : ([...REQUIRED.anomaly, 'PROMETHEUS_URL'] as const)
