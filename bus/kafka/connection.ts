/** Connection settings of the brokers, for producers, consumers and admin clients. */
import './batches.ts'
import './headers.ts'
import './lengths.ts'
import './refusals.ts'
import './timers.ts'
import { connect as connectSocket, isIP } from 'node:net'
import { addAbortSignal } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import kafkajs, { type ISocketFactory, type Kafka, type KafkaConfig, type Mechanism, type SASLOptions } from 'kafkajs'
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

/** Aborting `signal` closes all connections and opens no more: kafkajs itself reconnects and sends again, even after `disconnect`. */
export function connect(connection: KafkaConnection, signal?: AbortSignal): Kafka {
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
  if (signal !== undefined) config.socketFactory = socketsUntil(signal)
  return new kafkajs.Kafka(config)
}

const KEEP_ALIVE_MS = 60_000

const socketsUntil =
  (signal: AbortSignal): ISocketFactory =>
  ({ host, port, ssl, onConnect }) => {
    signal.throwIfAborted()
    const name = isIP(host) === 0 ? { servername: host } : {}
    const socket = ssl
      ? connectTls({ host, port, ...name, ...ssl }, onConnect)
      : connectSocket({ host, port }, onConnect)
    return addAbortSignal(signal, socket.setKeepAlive(true, KEEP_ALIVE_MS))
  }

const saslOf = (sasl: NonNullable<KafkaConnection['sasl']>): SASLOptions | Mechanism =>
  sasl.mechanism === 'oauthbearer'
    ? oauthBearer(sasl.token)
    : ({ mechanism: sasl.mechanism, username: sasl.username, password: sasl.password } as SASLOptions)
