/** Connection settings of the brokers, for producers, consumers and admin clients. */
import './batches.ts'
import './headers.ts'
import './lengths.ts'
import './refusals.ts'
import './timers.ts'
import kafkajs, { type Kafka, type KafkaConfig, type Mechanism, type SASLOptions } from 'kafkajs'
import { oauthBearer } from './oauthbearer.ts'

export interface KafkaConnection {
  brokers: readonly string[]
  /** TLS to the brokers; `true`: verified with the system's certificate authorities */
  ssl?: true | Tls
  sasl?:
    | { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; username: string; password: string }
    /** OAUTHBEARER with the platform's own tokens */
    | { mechanism: 'oauthbearer'; token(): Promise<string> }
  clientId?: string
}

/** PEM texts. */
export interface Tls {
  /** certificate authority of the brokers; absent: the system's authorities */
  ca?: string
  /** client certificate, for brokers that require one */
  cert?: string
  key?: string
}

export function connect(connection: KafkaConnection): Kafka {
  const { brokers, ssl, clientId = 'sre-platform' } = connection
  const config: KafkaConfig = {
    clientId,
    brokers: [...brokers],
    connectionTimeout: 5000,
    requestTimeout: 15_000,
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { initialRetryTime: 200, maxRetryTime: 3000, retries: 8 },
  }
  if (ssl !== undefined) config.ssl = ssl
  if (connection.sasl !== undefined) config.sasl = saslOf(connection.sasl)
  return new kafkajs.Kafka(config)
}

const saslOf = (sasl: NonNullable<KafkaConnection['sasl']>): SASLOptions | Mechanism =>
  sasl.mechanism === 'oauthbearer'
    ? oauthBearer(sasl.token)
    : ({ mechanism: sasl.mechanism, username: sasl.username, password: sasl.password } as SASLOptions)
