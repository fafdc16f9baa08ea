/** Variables that contradict or require each other. */
import type { VariableName as Name } from './variables.ts'
import { matching } from './config-values.ts'

/** Variables that must be set together. */
const TOGETHER: readonly (readonly Name[])[] = [
  ['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL'],
  ['KAFKA_CERT_FILE', 'KAFKA_KEY_FILE'],
  ['GATEWAY_CERT_FILE', 'GATEWAY_KEY_FILE'],
  ['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'],
  ['SCHEMA_REGISTRY_USERNAME', 'SCHEMA_REGISTRY_PASSWORD'],
  ['PROMETHEUS_USERNAME', 'PROMETHEUS_PASSWORD'],
  ['LOKI_USERNAME', 'LOKI_PASSWORD'],
  ['TRACES_URL', 'TRACES_KIND'],
  ['TRACES_USERNAME', 'TRACES_PASSWORD'],
  ['EMBEDDINGS_URL', 'EMBEDDINGS_MODEL'],
]

/** Mutually exclusive ways to authenticate. */
const APART: readonly (readonly [Name, Name])[] = [
  ['SCHEMA_REGISTRY_TOKEN', 'SCHEMA_REGISTRY_USERNAME'],
  ['PROMETHEUS_TOKEN', 'PROMETHEUS_USERNAME'],
  ['LOKI_TOKEN', 'LOKI_USERNAME'],
  ['TRACES_TOKEN', 'TRACES_USERNAME'],
]

/** Addresses that the other variables with the same prefix require. */
const ADDRESSES: readonly Name[] = ['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL', 'PROMETHEUS_URL', 'LOKI_URL', 'TRACES_URL']

/** Exempt: the commands that only print ACLs need no address. */
const OF_FILES = /^KAFKA_PRINCIPAL_/

const TLS_FILES = ['KAFKA_CA_FILE', 'KAFKA_CERT_FILE', 'KAFKA_KEY_FILE'] as const

/** Contradictions between variables. */
export function contradictions(config: Readonly<Partial<Record<Name, unknown>>>, given: readonly Name[]): string[] {
  const isGiven = (name: Name) => given.includes(name)
  const apart = TOGETHER.flatMap((group) => {
    const [there, missing] = [group.filter(isGiven), group.filter((name) => !isGiven(name))]
    const isPart = there.length > 0 && missing.length > 0
    return isPart ? [`${missing.join(', ')}: required together with ${there.join(', ')}`] : []
  })
  const files = TLS_FILES.filter(isGiven)
  if (config.KAFKA_SSL === false && files.length > 0)
    apart.push(`KAFKA_SSL: false contradicts ${files.join(', ')}: remove one or the other`)
  for (const prefix of ['KAFKA', 'GATEWAY'] as const) {
    const [certificate, key] = [config[`${prefix}_CERT_FILE`], config[`${prefix}_KEY_FILE`]]
    if (typeof certificate === 'string' && typeof key === 'string' && !matching(certificate, key))
      apart.push(`${prefix}_KEY_FILE: ${key} is not the key of the certificate in ${certificate}`)
  }
  if (isGiven('GATEWAY_REDIRECT_PORT') && !isGiven('GATEWAY_CERT_FILE'))
    apart.push('GATEWAY_REDIRECT_PORT: requires GATEWAY_CERT_FILE')
  if (isGiven('LAB_URL') && !isGiven('LAB_TOKEN')) apart.push('LAB_TOKEN: required with LAB_URL')
  if (config.KAFKA_SASL_MECHANISM === 'oauthbearer' && !isGiven('OIDC_ISSUER'))
    apart.push('OIDC_ISSUER: required with KAFKA_SASL_MECHANISM=oauthbearer')
  if (config.ANOMALY_SOURCE === 'otlp' && !isGiven('KAFKA_BROKERS'))
    apart.push(
      'ANOMALY_SOURCE: otlp is a topic of Kafka and requires KAFKA_BROKERS; the PostgreSQL bus has no such topic',
    )
  if (config.ANOMALY_SOURCE === 'otlp' && isGiven('ANOMALY_QUERIES_FILE'))
    apart.push('ANOMALY_QUERIES_FILE: asks PROMETHEUS_URL and requires ANOMALY_SOURCE=prometheus')
  for (const [one, other] of APART.filter((pair) => pair.every(isGiven)))
    apart.push(`${one}, ${other}: set only one of them`)
  for (const address of ADDRESSES.filter((name) => !isGiven(name))) {
    const prefix = address.slice(0, address.lastIndexOf('_') + 1)
    const lost = given.filter((name) => name.startsWith(prefix) && !OF_FILES.test(name))
    if (lost.length > 0) apart.push(`${lost.join(', ')}: requires ${address}`)
  }
  return apart
}
