/** Configuration: environment only, read once where a program starts, and everything wrong told in one message. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import {
  brokers,
  certificateFile,
  count,
  flag,
  keyFile,
  list,
  mappingFile,
  objectivesFile,
  moments,
  port,
  seconds,
  signers,
  tenantsFile,
  url,
} from './config-values.ts'

/** Every variable, with what it is for; `docs/reference/configuration.md` is made from this. */
export const variables = {
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .describe('PostgreSQL: runs, evidence, approvals, views; the bus too, unless KAFKA_BROKERS is set'),
  KAFKA_BROKERS: brokers.describe('host:port, comma separated; absent: the bus is PostgreSQL'),
  KAFKA_SSL: flag.describe('true: TLS to the brokers; on too where one of the three files is given'),
  KAFKA_CA_FILE: certificateFile.describe('PEM file of the authority the brokers are trusted by'),
  KAFKA_CERT_FILE: certificateFile.describe('PEM file of our own certificate, for brokers that ask for one'),
  KAFKA_KEY_FILE: keyFile.describe('PEM file of its private key'),
  KAFKA_SASL_MECHANISM: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'])
    .describe('absent: no SASL; oauthbearer: with access tokens of OIDC_ISSUER'),
  KAFKA_SASL_USERNAME: z.string().describe('with KAFKA_SASL_MECHANISM; of oauthbearer the client id'),
  KAFKA_SASL_PASSWORD: z.string().describe('with KAFKA_SASL_MECHANISM; of oauthbearer the secret of that client'),
  KAFKA_SASL_SCOPE: z.string().describe('scope of the tokens for the brokers, for issuers that want one'),
  SCHEMA_REGISTRY_URL: url.describe('Confluent-compatible registry; needed with KAFKA_BROKERS'),
  SCHEMA_REGISTRY_USERNAME: z.string().describe('basic authentication at the registry'),
  SCHEMA_REGISTRY_PASSWORD: z.string().describe('basic authentication at the registry'),
  SCHEMA_REGISTRY_CA_FILE: certificateFile.describe('PEM file of the authority the registry is trusted by'),
  OIDC_ISSUER: url.describe('issuer of access tokens'),
  OIDC_AUDIENCE: z.string().default('sre-assistant').describe('aud that tokens for the gateway carry'),
  SRE_GATEWAY_URL: url.describe(
    'the gateway that `sre diagnose`, `sre approvals` … ask; absent: the platform running in DATA_DIR',
  ),
  GATEWAY_HOST: z.string().default('127.0.0.1').describe('address the gateway listens on'),
  GATEWAY_PORT: port.default(8080).describe('port the gateway listens on'),
  GATEWAY_MACHINE_CLIENTS: list.default(['control-plane']).describe('azp of machines that may call the gateway'),
  GATEWAY_READS_PER_MINUTE: count.default(100).describe('requests a caller may make in a minute that only read'),
  GATEWAY_WRITES_PER_MINUTE: count.default(50).describe('decisions and cancellations a caller may make in a minute'),
  GATEWAY_DIAGNOSES_PER_MINUTE: count.default(20).describe('diagnoses a caller may ask for in a minute'),
  GATEWAY_BODY_BYTES: count.default(262_144).describe('bytes the body of a request may have'),
  GATEWAY_STREAMS: count.default(500).describe('event streams one gateway keeps open at once'),
  GATEWAY_STREAMS_PER_TENANT: count.default(250).describe('event streams one gateway keeps open for one tenant'),
  GATEWAY_STREAMS_PER_CALLER: count.default(20).describe('event streams one gateway keeps open for one caller'),
  CONTROL_PLANE_URL: url.describe(
    'the control-plane the agents ask, and the executor writes to; the assistant can do without',
  ),
  CONTROL_PLANE_RESOURCE: z
    .string()
    .describe('RFC 8707 resource the agents name when they ask for tokens, for issuers that want one'),
  CONTROL_PLANE_PORT: port.default(8081).describe('port `sre serve control-plane` listens on, on 127.0.0.1'),
  CONTROL_PLANE_AUDIENCE: z.string().default('control-plane').describe('aud that tokens for it carry'),
  ASSISTANT_CLIENT_ID: z.string().default('sre-assistant').describe('client credentials of the assistant: read only'),
  ASSISTANT_CLIENT_SECRET: z.string().describe('secret of ASSISTANT_CLIENT_ID'),
  EXECUTOR_CLIENT_ID: z
    .string()
    .default('sre-executor')
    .describe('client credentials of the executor: may write to the control-plane'),
  EXECUTOR_CLIENT_SECRET: z.string().describe('secret of EXECUTOR_CLIENT_ID'),
  DECISION_KEYS: signers.describe(
    'who may sign decisions: issuer=JWKS URL, comma separated; usually the gateway and the control-plane',
  ),
  DECISION_ISSUER: z.string().default('sre-gateway').describe('name the gateway signs decisions with'),
  PROMETHEUS_URL: url.describe('metrics'),
  PROMETHEUS_TOKEN: z.string().describe('bearer token for Prometheus'),
  PROMETHEUS_USERNAME: z.string().describe('basic authentication at Prometheus'),
  PROMETHEUS_PASSWORD: z.string().describe('basic authentication at Prometheus'),
  PROMETHEUS_CA_FILE: certificateFile.describe('PEM file of the authority Prometheus is trusted by'),
  PROMETHEUS_TENANT: z.string().describe('X-Scope-OrgID for Prometheus-compatible stores'),
  PROMETHEUS_EXTERNAL_URL: url.describe('where people open Prometheus, when that is another address'),
  OBJECTIVES_FILE: objectivesFile.describe(
    'YAML: what users were promised; a missed objective is never called nothing (docs/guides/method.md)',
  ),
  METRICS_MAPPING_FILE: mappingFile.describe('YAML: own PromQL and how a service name maps to labels'),
  LOKI_URL: url.describe('logs'),
  LOKI_TOKEN: z.string().describe('bearer token for Loki'),
  LOKI_USERNAME: z.string().describe('basic authentication at Loki'),
  LOKI_PASSWORD: z.string().describe('basic authentication at Loki'),
  LOKI_CA_FILE: certificateFile.describe('PEM file of the authority Loki is trusted by'),
  LOKI_TENANT: z.string().describe('X-Scope-OrgID for Loki'),
  GRAFANA_URL: url.describe(
    'where people look at logs, and at the traces of Tempo; absent: answers from there carry no link',
  ),
  GRAFANA_LOKI_DATASOURCE: z.string().describe('uid of the Loki data source in Grafana; absent: its default'),
  TRACES_URL: url.describe('traces; absent: nothing here keeps any'),
  TRACES_KIND: z.enum(['zipkin', 'tempo', 'jaeger']).describe('what answers at TRACES_URL'),
  TRACES_TOKEN: z.string().describe('bearer token for the traces'),
  TRACES_USERNAME: z.string().describe('basic authentication at the traces'),
  TRACES_PASSWORD: z.string().describe('basic authentication at the traces'),
  TRACES_CA_FILE: certificateFile.describe('PEM file of the authority that the source of traces is trusted by'),
  TRACES_TENANT: z.string().describe('X-Scope-OrgID for the traces'),
  TRACES_EXTERNAL_URL: url.describe(
    'where people open Zipkin or Jaeger, when that is another address; of Tempo it is GRAFANA_URL',
  ),
  GRAFANA_TEMPO_DATASOURCE: z.string().describe('uid of the Tempo data source in Grafana; absent: its default'),
  SRE_TENANTS_FILE: tenantsFile.describe(
    'YAML: which services belong to which tenant; absent: all to `default`, none to another',
  ),
  APPROVER_ROLES: list
    .default(['team_manager', 'super_admin'])
    .describe('a decider needs one of these: the assistant names them, the executor holds to them'),
  APPROVAL_TTL_S: seconds.default(3600).describe('s an approval stays open'),
  DIAGNOSIS_LIMIT_S: seconds
    .default(120)
    .describe('s of active work a diagnosis may take, where the request names none'),
  DIAGNOSES_AT_ONCE: count.default(10).describe('diagnoses one assistant works on at once'),
  DIAGNOSES_AT_ONCE_PER_TENANT: count.describe('the same for one tenant; absent: as many'),
  DIAGNOSES_PER_MINUTE_PER_TENANT: count.describe(
    'diagnoses that may begin in a minute for one tenant, of all assistants together; absent: no limit',
  ),
  DIAGNOSES_WAITING: count.default(1000).describe('diagnoses that may wait before no more are taken from the topic'),
  VERIFY_AFTER_S: moments
    .default([30, 90, 210, 300])
    .describe(
      's after an action at which its effect is measured; ends when two in a row say it helped, or three the same',
    ),
  RETENTION_DAYS: z.coerce
    .number()
    .positive()
    .default(30)
    .describe('days a session is kept after its end: runs, evidence, approvals, views; no less than the topics keep'),
  DATA_DIR: z
    .string()
    .default('.sre')
    .describe('where keys and the embedded parts keep their data, for their owner alone'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info').describe('pino level'),
} satisfies Record<string, z.ZodType>

type Variables = typeof variables
type Name = keyof Variables
export type VariableName = Name
type Possible = {
  [N in Name]: Variables[N] extends z.ZodDefault ? z.output<Variables[N]> : z.output<Variables[N]> | undefined
}
/** What was configured. A variable that is not required and not set is undefined. */
export type Config<Required extends Name = never> = Possible & { [N in Required]: z.output<Variables[N]> }

export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}

/** Names that go together: each needs the others. */
const TOGETHER: readonly (readonly Name[])[] = [
  ['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL'],
  ['KAFKA_CERT_FILE', 'KAFKA_KEY_FILE'],
  ['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'],
  ['SCHEMA_REGISTRY_USERNAME', 'SCHEMA_REGISTRY_PASSWORD'],
  ['PROMETHEUS_USERNAME', 'PROMETHEUS_PASSWORD'],
  ['LOKI_USERNAME', 'LOKI_PASSWORD'],
  ['TRACES_URL', 'TRACES_KIND'],
  ['TRACES_USERNAME', 'TRACES_PASSWORD'],
]

/** Two ways to prove who one is: which of them counts must not be left to the order in a program. */
const APART: readonly (readonly [Name, Name])[] = [
  ['PROMETHEUS_TOKEN', 'PROMETHEUS_USERNAME'],
  ['LOKI_TOKEN', 'LOKI_USERNAME'],
  ['TRACES_TOKEN', 'TRACES_USERNAME'],
]

/** Where something is, of which other variables say how to reach it: those alone would be taken for nothing. */
const ADDRESSES: readonly Name[] = ['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL', 'PROMETHEUS_URL', 'LOKI_URL', 'TRACES_URL']

const TLS_FILES = ['KAFKA_CA_FILE', 'KAFKA_CERT_FILE', 'KAFKA_KEY_FILE'] as const

/** Whether somebody gave it, by itself or in a file. */
export const isSet = (environment: Readonly<Record<string, string | undefined>>, name: Name): boolean =>
  [environment[name], `${name}_FILE` in variables ? undefined : environment[`${name}_FILE`]].some((text) => text !== undefined && text !== '') // prettier-ignore

/**
 * `<NAME>_FILE` may hold a secret instead of `<NAME>`. Throws one `ConfigurationError` that lists everything wrong; `refused` is what the
 * caller found wrong already.
 */
export function readConfig<Required extends Name = never>(
  environment: Readonly<Record<string, string | undefined>>,
  required: readonly Required[] = [],
  refused: readonly string[] = [],
): Config<Required> {
  const wrong: string[] = [...refused]
  const config: Partial<Record<Name, unknown>> = {}
  for (const [name, schema] of Object.entries(variables) as [Name, z.ZodType][]) {
    const given = valueOf(environment, name, wrong)
    if (given === undefined && (required as readonly string[]).includes(name) && !schema.safeParse(undefined).success) {
      wrong.push(`${name} is needed: ${schema.description ?? ''}`)
      continue
    }
    if (given === undefined && !schema.safeParse(undefined).success) continue
    const parsed = schema.safeParse(given)
    if (parsed.success) config[name] = parsed.data
    else wrong.push(`${name}: ${parsed.error.issues.map((issue) => issue.message).join(', ')}`)
  }
  wrong.push(...contradictions(config, (name) => isSet(environment, name)))
  if (wrong.length > 0)
    throw new ConfigurationError(`The configuration is wrong:\n${wrong.map((line) => `  - ${line}`).join('\n')}`)
  return config as Config<Required>
}

/** What is wrong between variables, whether or not each is right by itself. */
function contradictions(config: Readonly<Partial<Record<Name, unknown>>>, isGiven: (name: Name) => boolean): string[] {
  const apart = TOGETHER.flatMap((group) => {
    const [there, missing] = [group.filter(isGiven), group.filter((name) => !isGiven(name))]
    const isPart = there.length > 0 && missing.length > 0
    return isPart ? [`${missing.join(', ')}: needed together with ${there.join(', ')}`] : []
  })
  const files = TLS_FILES.filter(isGiven)
  if (config.KAFKA_SSL === false && files.length > 0)
    apart.push(`KAFKA_SSL: false, and yet ${files.join(', ')} would be used: leave out either`)
  if (config.KAFKA_SASL_MECHANISM === 'oauthbearer' && !isGiven('OIDC_ISSUER'))
    apart.push('OIDC_ISSUER: needed with KAFKA_SASL_MECHANISM=oauthbearer')
  for (const [one, other] of APART.filter((pair) => pair.every(isGiven)))
    apart.push(`${one}, ${other}: one of the two only`)
  for (const address of ADDRESSES.filter((name) => !isGiven(name))) {
    const prefix = address.slice(0, address.lastIndexOf('_') + 1)
    const lost = (Object.keys(variables) as Name[]).filter((name) => name.startsWith(prefix) && isGiven(name))
    if (lost.length > 0) apart.push(`${lost.join(', ')}: of no use without ${address}`)
  }
  return apart
}

function valueOf(
  environment: Readonly<Record<string, string | undefined>>,
  name: Name,
  wrong: string[],
): string | undefined {
  const given = environment[name]
  if (given !== undefined && given !== '') return given
  const file = environment[`${name}_FILE`]
  if (file === undefined || `${name}_FILE` in variables) return undefined
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    wrong.push(`${name}_FILE: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}
