/** Every variable of the configuration. */
import { z } from 'zod'
import { DECIDERS } from '../actions/catalogue.ts'
import { SEVERITIES } from '../embedded/control-plane/severities.ts'
import {
  actionsFile,
  brokers,
  certificateFile,
  chosenSeries,
  connectMappingFile,
  count,
  flag,
  healthPort,
  keyFile,
  list,
  mappingFile,
  moments,
  objectivesFile,
  origins,
  ownCertificateFile,
  policyFile,
  port,
  principal,
  queriesFile,
  seconds,
  signers,
  tenantsFile,
  url,
  webhookSecret,
} from './config-values.ts'

/** Every variable and its purpose; `docs/reference/configuration.md` is generated from this. */
export const variables = {
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .describe('PostgreSQL: runs, evidence, approvals, views; and the bus, unless KAFKA_BROKERS is set'),
  KAFKA_BROKERS: brokers.describe('host:port, comma separated; absent: the bus is PostgreSQL'),
  KAFKA_SSL: flag.describe('true: TLS to the brokers; implied by any of the three files'),
  KAFKA_CA_FILE: certificateFile.describe('PEM file of the CA for the brokers'),
  KAFKA_CERT_FILE: ownCertificateFile.describe('PEM file of the client certificate, for brokers with mTLS'),
  KAFKA_KEY_FILE: keyFile.describe('PEM file of its private key'),
  KAFKA_SASL_MECHANISM: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'])
    .describe('absent: no SASL; oauthbearer: with access tokens of OIDC_ISSUER'),
  KAFKA_SASL_USERNAME: z.string().describe('with KAFKA_SASL_MECHANISM; for oauthbearer the client id'),
  KAFKA_SASL_PASSWORD: z.string().describe('with KAFKA_SASL_MECHANISM; for oauthbearer the client secret'),
  KAFKA_SASL_SCOPE: z.string().describe('scope of the tokens for the brokers, if the issuer requires one'),
  KAFKA_PRINCIPAL_ASSISTANT: principal
    .default('User:assistant')
    .describe('Kafka principal of the assistant, for the ACLs of `sre topics`'),
  KAFKA_PRINCIPAL_EXECUTOR: principal.default('User:executor').describe('the same for the executor'),
  KAFKA_PRINCIPAL_POSTMORTEM: principal.default('User:postmortem').describe('the same for the postmortem agent'),
  KAFKA_PRINCIPAL_ANOMALY: principal.default('User:anomaly').describe('the same for the anomaly agent'),
  KAFKA_PRINCIPAL_GATEWAY: principal.default('User:gateway').describe('the same for the gateway'),
  KAFKA_PRINCIPAL_CONTROL_PLANE: principal.default('User:control-plane').describe('the same for the control-plane'),
  KAFKA_PRINCIPAL_CONNECT: principal.default('User:connect').describe('the same for `sre connect`'),
  SCHEMA_REGISTRY_URL: url.describe('Confluent-compatible registry; needed with KAFKA_BROKERS'),
  SCHEMA_REGISTRY_USERNAME: z.string().describe('basic authentication at the registry'),
  SCHEMA_REGISTRY_PASSWORD: z.string().describe('basic authentication at the registry'),
  SCHEMA_REGISTRY_TOKEN: z.string().describe('bearer token for the registry'),
  SCHEMA_REGISTRY_CA_FILE: certificateFile.describe('PEM file of the CA for the registry'),
  OIDC_ISSUER: url.describe('issuer of access tokens'),
  OIDC_AUDIENCE: z.string().default('sre-assistant').describe('aud of tokens for the gateway'),
  SRE_GATEWAY_URL: url.describe(
    'gateway for `sre diagnose`, `sre approvals` …; absent: the platform running in DATA_DIR',
  ),
  GATEWAY_HOST: z.string().default('127.0.0.1').describe('address the gateway listens on'),
  GATEWAY_PORT: port.default(8080).describe('port the gateway listens on'),
  GATEWAY_PUBLIC_URL: url.describe(
    'URL by which clients reach the gateway, for its A2A agent card and its MCP metadata; absent: as each request addresses it',
  ),
  A2A_PUSH_ORIGINS: origins.describe(
    'origins, separated by commas, that A2A push notifications may be sent to; absent: they are not offered',
  ),
  GATEWAY_CERT_FILE: ownCertificateFile.describe(
    'PEM file of the certificate and its intermediates: the gateway then serves HTTPS only; read again when it changes',
  ),
  GATEWAY_KEY_FILE: keyFile.describe('PEM file of its private key'),
  GATEWAY_REDIRECT_PORT: port.describe('with GATEWAY_CERT_FILE: port that redirects plain HTTP; absent: there is none'),
  GATEWAY_MACHINE_CLIENTS: list.default(['control-plane']).describe('azp of machine clients that may call the gateway'),
  GATEWAY_READS_PER_MINUTE: count.default(100).describe('reads per caller and minute'),
  GATEWAY_WRITES_PER_MINUTE: count.default(50).describe('decisions and cancellations per caller and minute'),
  GATEWAY_DIAGNOSES_PER_MINUTE: count.default(20).describe('diagnoses per caller and minute'),
  GATEWAY_BATCHES_PER_MINUTE: count
    .default(5)
    .describe('capacity requests per caller and minute, each for up to 20 resources'),
  GATEWAY_BODY_BYTES: count.default(262_144).describe('limit of a request body in bytes'),
  GATEWAY_STREAMS: count.default(500).describe('open event streams per gateway'),
  GATEWAY_STREAMS_PER_TENANT: count.default(250).describe('open event streams per gateway and tenant'),
  GATEWAY_STREAMS_PER_CALLER: count.default(20).describe('open event streams per gateway and caller'),
  GATEWAY_ALERTS_TOKEN: webhookSecret.describe(
    "bearer token of Alertmanager's webhook at the gateway (/api/v1/webhooks/alertmanager); absent: the webhook needs an access token",
  ),
  CONTROL_PLANE_URL: url.describe(
    'control-plane that the agents query and the executor writes to; optional for the assistant and the postmortem agent',
  ),
  CONTROL_PLANE_RESOURCE: z
    .string()
    .describe('RFC 8707 resource in token requests of the agents, if the issuer requires one'),
  CONTROL_PLANE_HOST: z.string().default('127.0.0.1').describe('address `sre serve control-plane` listens on'),
  CONTROL_PLANE_PORT: port.default(8081).describe('port `sre serve control-plane` listens on'),
  CONTROL_PLANE_PUBLIC_URL: url.describe(
    'URL of `sre serve control-plane` in a browser; absent: the address it listens on',
  ),
  CONTROL_PLANE_PEOPLE_CLIENT: z
    .string()
    .default('console')
    .describe('client id that people sign in with at `sre serve control-plane`'),
  CONTROL_PLANE_ALERTS_TOKEN: webhookSecret.describe(
    "bearer token of Alertmanager's webhook at `sre serve control-plane` (/webhooks/alertmanager); absent: it applies rules of its own instead",
  ),
  CONTROL_PLANE_AUDIENCE: z.string().default('control-plane').describe('aud of tokens for the control-plane'),
  LAB_URL: url.describe('`sre serve lab` that `sre serve control-plane` manages; absent: it starts a shop of its own'),
  LAB_HOST: z.string().default('127.0.0.1').describe('address `sre serve lab` listens on'),
  LAB_PORT: port
    .default(8083)
    .describe('port `sre serve lab` listens on: scrape targets (`/targets`), metrics and, with LAB_TOKEN, deployments'),
  LAB_TOKEN: z
    .string()
    .describe('bearer token for deployments and faults at `sre serve lab`; absent: they are refused'),
  OTEL_EXPORTER_OTLP_ENDPOINT: url.describe(
    'where `sre serve lab` sends log lines and spans by OTLP/HTTP; absent: it sends none',
  ),
  CHROMA_URL: url.describe(
    'Chroma, for `sre memory`, the assistant and the postmortem agent; without credentials, as it has none; absent: no memory, except in `sre start`, which runs its own',
  ),
  EMBEDDINGS_URL: url.describe(
    'base of an OpenAI-compatible API that turns texts into vectors, such as http://127.0.0.1:11434/v1; absent: vectors are made here, from words',
  ),
  EMBEDDINGS_MODEL: z.string().describe('its model'),
  EMBEDDINGS_KEY: z.string().describe('its bearer token; absent: none'),
  ANTHROPIC_API_KEY: z.string().describe('key of a language model that speaks the Messages API, for `sre model check`'),
  ANTHROPIC_BASE_URL: url
    .default('https://api.anthropic.com')
    .describe('its address, without `/v1`: a proxy or a local model'),
  SRE_MODEL: z.string().describe('its name, as the server knows it'),
  ASSISTANT_CLIENT_ID: z.string().default('sre-assistant').describe('client id of the assistant: read only'),
  ASSISTANT_CLIENT_SECRET: z.string().describe('secret of ASSISTANT_CLIENT_ID'),
  EXECUTOR_CLIENT_ID: z
    .string()
    .default('sre-executor')
    .describe('client id of the executor: may write to the control-plane'),
  EXECUTOR_CLIENT_SECRET: z.string().describe('secret of EXECUTOR_CLIENT_ID'),
  POSTMORTEM_CLIENT_ID: z.string().default('sre-postmortem').describe('client id of the postmortem agent: read only'),
  POSTMORTEM_CLIENT_SECRET: z.string().describe('secret of POSTMORTEM_CLIENT_ID'),
  DECISION_KEYS: signers.describe(
    'trusted signers of decisions: issuer=JWKS URL, comma separated; usually the gateway and the control-plane',
  ),
  DECISION_ISSUER: z.string().default('sre-gateway').describe('issuer name of the gateway in signed decisions'),
  PROMETHEUS_URL: url.describe('metrics'),
  PROMETHEUS_TOKEN: z.string().describe('bearer token for Prometheus'),
  PROMETHEUS_USERNAME: z.string().describe('basic authentication at Prometheus'),
  PROMETHEUS_PASSWORD: z.string().describe('basic authentication at Prometheus'),
  PROMETHEUS_CA_FILE: certificateFile.describe('PEM file of the CA for Prometheus'),
  PROMETHEUS_TENANT: z.string().describe('X-Scope-OrgID for Prometheus-compatible stores'),
  PROMETHEUS_EXTERNAL_URL: url.describe('Prometheus URL for links, if different'),
  OBJECTIVES_FILE: objectivesFile.describe(
    'YAML: SLOs; a missed objective rules out nothing_wrong (docs/guides/method.md)',
  ),
  POLICY_FILE: policyFile.describe(
    'YAML: which anomalies and forecasts ask for a diagnosis by themselves, and what is kept out (docs/reference/policy.md); absent: none',
  ),
  ANOMALY_SOURCE: z
    .enum(['prometheus', 'otlp'])
    .default('prometheus')
    .describe(
      'where the anomaly agent reads metrics: PROMETHEUS_URL, or the topic otlp_metrics of the OpenTelemetry Collector',
    ),
  ANOMALY_QUERIES_FILE: queriesFile.describe(
    'YAML: own PromQL that the anomaly agent watches beside the golden signals (docs/guides/watch-and-warn.md)',
  ),
  ANOMALY_BANDS: chosenSeries.describe(
    'series whose expected range is a metric for dashboards: service or service/indicator, * for any, comma separated; absent: none',
  ),
  ANOMALY_STEP_S: seconds
    .default(10)
    .describe('s between measurements that the anomaly agent judges; another value begins anew'),
  METRICS_MAPPING_FILE: mappingFile.describe('YAML: custom PromQL, and how service names map to labels'),
  LOKI_URL: url.describe('logs'),
  LOKI_TOKEN: z.string().describe('bearer token for Loki'),
  LOKI_USERNAME: z.string().describe('basic authentication at Loki'),
  LOKI_PASSWORD: z.string().describe('basic authentication at Loki'),
  LOKI_CA_FILE: certificateFile.describe('PEM file of the CA for Loki'),
  LOKI_TENANT: z.string().describe('X-Scope-OrgID for Loki'),
  GRAFANA_URL: url.describe('Grafana URL for links to logs and Tempo traces; absent: no links'),
  GRAFANA_LOKI_DATASOURCE: z.string().describe('uid of the Loki data source in Grafana; absent: its default'),
  TRACES_URL: url.describe('traces; absent: no traces'),
  TRACES_KIND: z.enum(['zipkin', 'tempo', 'jaeger']).describe('type of the trace store'),
  TRACES_TOKEN: z.string().describe('bearer token for the trace store'),
  TRACES_USERNAME: z.string().describe('basic authentication at the trace store'),
  TRACES_PASSWORD: z.string().describe('basic authentication at the trace store'),
  TRACES_CA_FILE: certificateFile.describe('PEM file of the CA for the trace store'),
  TRACES_TENANT: z.string().describe('X-Scope-OrgID for the trace store'),
  TRACES_EXTERNAL_URL: url.describe('Zipkin or Jaeger URL for links, if different; for Tempo, set GRAFANA_URL'),
  GRAFANA_TEMPO_DATASOURCE: z.string().describe('uid of the Tempo data source in Grafana; absent: its default'),
  SRE_TENANTS_FILE: tenantsFile.describe(
    'YAML: which services belong to which tenant; absent: all belong to `default`',
  ),
  ACTIONS_FILE: actionsFile.describe(
    'YAML: the actions that may be proposed and run, the same for assistant and executor (docs/reference/actions.md); absent: actions.yaml',
  ),
  APPROVER_ROLES: list
    .default([...DECIDERS])
    .describe('roles that may decide; the assistant puts them into approvals, the executor enforces them'),
  APPROVAL_TTL_S: seconds.default(3600).describe('how long an approval stays open, in s'),
  DIAGNOSIS_LIMIT_S: seconds
    .default(120)
    .describe('limit of active work per diagnosis in s, unless the request sets one'),
  DIAGNOSES_AT_ONCE: count.default(10).describe('concurrent diagnoses per assistant'),
  DIAGNOSES_AT_ONCE_PER_TENANT: count.describe('the same per tenant; absent: the same number'),
  DIAGNOSES_PER_MINUTE_PER_TENANT: count.describe(
    'diagnoses started per tenant and minute, across all assistants; absent: no limit',
  ),
  DIAGNOSES_WAITING: count.default(1000).describe('queued diagnoses above which the assistant stops reading the topic'),
  VERIFY_AFTER_S: moments
    .default([30, 90, 210, 300])
    .describe(
      'when to measure the effect of an action, in s after it; ends early after two helped or three equal results in a row',
    ),
  POSTMORTEM_SEVERITY: z
    .enum([...SEVERITIES, 'off'])
    .default('P2')
    .describe(
      'least severe incident (P0 is the worst) whose postmortem the control-plane of `sre start` or `sre serve control-plane` requests once it is resolved, or `off`',
    ),
  POSTMORTEM_AFTER_ACTION: z
    .enum(['helped', 'off'])
    .default('off')
    .describe(
      '`helped`: the assistant asks the postmortem agent for a report as soon as an action helped, for a control-plane that asks for none; `sre start` does so only with POSTMORTEM_SEVERITY=off',
    ),
  RETENTION_DAYS: z.coerce
    .number()
    .positive()
    .default(30)
    .describe(
      'days to keep a session after its end (runs, evidence, approvals, views); at least the retention of the topics',
    ),
  HEALTH_PORT: healthPort.describe(
    'port of /healthz, /readyz and /metrics of `sre serve` and `sre connect`, or `off`; absent: gateway 8090, assistant 8091, executor 8092, control-plane 8093, connect 8094, lab 8095, postmortem 8096, anomaly 8097',
  ),
  HEALTH_HOST: z
    .string()
    .default('127.0.0.1')
    .describe('address the health port listens on; the port requires no token'),
  CONNECT_HOST: z.string().default('127.0.0.1').describe('address `sre connect github` or `webhook` listens on'),
  CONNECT_PORT: port.default(8082).describe('port `sre connect github` or `webhook` listens on'),
  CONNECT_BODY_BYTES: count.default(1_048_576).describe('limit of a webhook body in bytes'),
  CONNECT_GITHUB_SECRET: webhookSecret.describe('secret of the GitHub webhook, which signs each body'),
  CONNECT_WEBHOOK_TOKEN: webhookSecret.describe('bearer token that senders of `sre connect webhook` present'),
  CONNECT_MAPPING_FILE: connectMappingFile.describe(
    'YAML: names of services, namespaces and fields at the source (docs/guides/connect-your-systems.md)',
  ),
  CONNECT_NAMESPACES: list.describe('namespaces `sre connect kubernetes` watches; absent: all'),
  DATA_DIR: z
    .string()
    .default('.sre')
    .describe('folder for keys and the data of embedded components, readable by its owner only'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info').describe('pino level'),
} satisfies Record<string, z.ZodType>

export type VariableName = keyof typeof variables
