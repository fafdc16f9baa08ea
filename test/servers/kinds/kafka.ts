import { connect } from 'node:net'
import { startContainer } from '../docker/container.ts'
import { allowed, kafkaJars, SCRAM, type Secured, securedSettings, settings, startKafka } from '../local/kafka.ts'
import { lacking } from '../local/toolchain.ts'
import type { Server } from '../server.ts'

const image = 'apache/kafka:4.4.0'
const controller = 29093
const own = 29092
const jwks = '/etc/kafka/jwks.json'

const variable = (property: string) => `KAFKA_${property.toUpperCase().replaceAll('.', '_')}`

const connects = (port: number) =>
  new Promise<boolean>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.once('connect', () => socket.destroy()).once('error', reject)
  })

const listeners = (host: string, port: number, secured: boolean) =>
  secured ? `SECURED://${host}:${port},PLAINTEXT://localhost:${own}` : `PLAINTEXT://${host}:${port}`

/** Commands that create the SCRAM users on a running broker, because its image formats the storage without them. */
const scramUsers = ({ users }: Secured) =>
  Object.entries(users).map(([user, password]) => [
    '/opt/kafka/bin/kafka-configs.sh',
    ...['--bootstrap-server', `localhost:${own}`, '--alter', '--entity-type', 'users', '--entity-name', user],
    ...['--add-config', SCRAM.map((mechanism) => `${mechanism}=[password="${password}"]`).join(',')],
  ])

export const kafka: Server<{ brokers: string[] }, Secured | undefined> = {
  title: 'Kafka',
  given: ({ TEST_KAFKA_BROKERS: brokers }) => (brokers ? { brokers: brokers.split(',') } : undefined),
  image,
  docker: ({ options: secured }) =>
    startContainer(
      {
        image,
        environment: (port) => ({
          ...Object.fromEntries(
            Object.entries({ ...settings, ...(secured ? securedSettings(secured, jwks) : {}) }).map(([key, value]) => [
              variable(key),
              value,
            ]),
          ),
          ...(secured ? { KAFKA_OPTS: allowed(jwks) } : {}),
          KAFKA_CONTROLLER_QUORUM_VOTERS: `1@localhost:${controller}`,
          KAFKA_LISTENERS: `${listeners('0.0.0.0', port, secured !== undefined)},CONTROLLER://localhost:${controller}`,
          KAFKA_ADVERTISED_LISTENERS: listeners('127.0.0.1', port, secured !== undefined),
        }),
        readyLine: /Kafka Server started/,
        ...(secured
          ? { files: [{ content: secured.tokens.jwks, target: jwks }], afterwards: scramUsers(secured) }
          : {}),
      },
      (port) => ({ brokers: [`127.0.0.1:${port}`] }),
      connects,
    ),
  local: {
    missing: (environment) => lacking(environment, 'java', 'maven'),
    prepared: kafkaJars.prepared,
    prepare: kafkaJars.prepare,
    start: startKafka,
  },
}
