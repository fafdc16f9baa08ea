import { connect } from 'node:net'
import { startContainer } from '../docker/container.ts'
import { kafkaJars, settings, startKafka } from '../local/kafka.ts'
import { lacking } from '../local/toolchain.ts'
import type { Server } from '../server.ts'

const image = 'apache/kafka:4.4.0'
const controller = 29093

const variable = (property: string) => `KAFKA_${property.toUpperCase().replaceAll('.', '_')}`

const connects = (port: number) =>
  new Promise<boolean>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.once('connect', () => socket.destroy()).once('error', reject)
  })

export const kafka: Server<{ brokers: string[] }> = {
  title: 'Kafka',
  given: ({ TEST_KAFKA_BROKERS: brokers }) => (brokers ? { brokers: brokers.split(',') } : undefined),
  image,
  docker: () =>
    startContainer(
      {
        image,
        environment: (port) => ({
          ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [variable(key), value])),
          KAFKA_CONTROLLER_QUORUM_VOTERS: `1@localhost:${controller}`,
          KAFKA_LISTENERS: `PLAINTEXT://0.0.0.0:${port},CONTROLLER://localhost:${controller}`,
          KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
        }),
        readyLine: /Kafka Server started/,
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
