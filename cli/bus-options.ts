import { readFileSync } from 'node:fs'
import { localPostgresUrl } from '../embedded/postgres-settings.ts'
import { createTokenSource } from '../agents/runtime/token.ts'
import type { BusOptions } from '../bus/create.ts'
import type { KafkaConnection } from '../bus/kafka/connection.ts'
import type { Contract } from '../schemas/contract.ts'
import { type Config, ConfigurationError } from './config.ts'

/** For operator commands: the configured database or else that of the platform running in DATA_DIR. */
export const databaseUrlOf = (config: Config): string | undefined =>
  config.DATABASE_URL ?? localPostgresUrl(config.DATA_DIR) ?? undefined

/** Options for the bus of a running platform. */
export const runningBusFrom = (config: Config, contract: Contract): BusOptions =>
  busOptionsFrom({ ...config, DATABASE_URL: databaseUrlOf(config) }, contract)

/** Kafka if brokers are configured, else PostgreSQL. */
export function busOptionsFrom(config: Config, contract: Contract): BusOptions {
  const { KAFKA_BROKERS: brokers, SCHEMA_REGISTRY_URL: registryUrl, DATABASE_URL: databaseUrl } = config
  if (brokers === undefined || registryUrl === undefined) {
    if (databaseUrl === undefined)
      throw new ConfigurationError(
        'DATABASE_URL or KAFKA_BROKERS is required for the bus (a platform started by npm start is found through DATA_DIR)',
      )
    return { kind: 'postgres', databaseUrl, contract }
  }
  return { kind: 'kafka', brokers, registryUrl, contract, ...brokerAccess(config), ...registryAccess(config) }
}

function brokerAccess(config: Config) {
  const { KAFKA_SSL: ssl, KAFKA_CA_FILE: caFile, KAFKA_CERT_FILE: certFile, KAFKA_KEY_FILE: keyFile } = config
  const tls = { ...pem('ca', caFile), ...pem('cert', certFile), ...pem('key', keyFile) }
  return {
    ...(Object.keys(tls).length > 0 ? { ssl: tls } : ssl === true ? { ssl } : {}),
    ...saslOf(config),
  }
}

function saslOf(config: Config): Pick<KafkaConnection, 'sasl'> {
  const {
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_SASL_USERNAME: username,
    KAFKA_SASL_PASSWORD: password,
    KAFKA_SASL_SCOPE: scope,
    OIDC_ISSUER: issuer,
  } = config
  if (mechanism === undefined || username === undefined || password === undefined) return {}
  if (mechanism !== 'oauthbearer') return { sasl: { mechanism, username, password } }
  if (issuer === undefined) throw new ConfigurationError('OIDC_ISSUER: required with KAFKA_SASL_MECHANISM=oauthbearer')
  const token = createTokenSource({ issuer, clientId: username, clientSecret: password, ...(scope && { scope }) })
  return { sasl: { mechanism, token } }
}

function registryAccess(config: Config) {
  const {
    SCHEMA_REGISTRY_USERNAME: username,
    SCHEMA_REGISTRY_PASSWORD: password,
    SCHEMA_REGISTRY_TOKEN: token,
    SCHEMA_REGISTRY_CA_FILE: caFile,
  } = config
  return {
    ...(token === undefined ? {} : { registryAuth: { token } }),
    ...(username === undefined || password === undefined ? {} : { registryAuth: { username, password } }),
    ...pem('registryCa', caFile),
  }
}

const pem = <Name extends string>(name: Name, path: string | undefined): Partial<Record<Name, string>> =>
  path === undefined ? {} : ({ [name]: readFileSync(path, 'utf8') } as Record<Name, string>)
