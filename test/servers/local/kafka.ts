import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../free-port.ts'
import type { Place, Started } from '../server.ts'
import { build, cached } from './cache.ts'
import { startProcess } from './process.ts'
import { findJava } from './toolchain.ts'

const run = promisify(execFile)
const pom = new URL('kafka/pom.xml', import.meta.url)
const logging = new URL('kafka/log4j2.properties', import.meta.url)

export const kafkaJars = cached('kafka', readFileSync(pom, 'utf8'), async (folder) => {
  await copyFile(pom, join(folder, 'pom.xml'))
  await build(['mvn', '-q', '-B', 'package'], folder)
})

/** One node, broker and controller at once, that single-node topics and transactions suit. Names as Kafka has them. */
export const settings = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  'controller.listener.names': 'CONTROLLER',
  'inter.broker.listener.name': 'PLAINTEXT',
  'num.partitions': '3',
  'auto.create.topics.enable': 'false',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '3',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '3',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'group.initial.rebalance.delay.ms': '0',
  // A member that was killed is missed in 3 s instead of 6, the least a broker allows unless told so.
  'group.min.session.timeout.ms': '3000',
  // A broker that was killed comes back in 6 s instead of 12.
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '500',
}

/** What clients must show, and what the broker shows them: PEM texts, and passwords by user. */
export type Secured = { certificate: string; key: string; users: Record<string, string> }

const line = (pem: string) => pem.trim().replaceAll(/\r?\n/g, ' ')

/** A listener SECURED with TLS, certificates of clients and SASL PLAIN, beside the broker's own. */
export const securedSettings = ({ certificate, key, users }: Secured) => ({
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURED:SASL_SSL',
  'listener.name.secured.ssl.keystore.type': 'PEM',
  'listener.name.secured.ssl.keystore.certificate.chain': line(certificate),
  'listener.name.secured.ssl.keystore.key': line(key),
  'listener.name.secured.ssl.truststore.type': 'PEM',
  'listener.name.secured.ssl.truststore.certificates': line(certificate),
  'listener.name.secured.ssl.client.auth': 'required',
  'listener.name.secured.sasl.enabled.mechanisms': 'PLAIN',
  'listener.name.secured.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${Object.entries(
    users,
  )
    .map(([user, password]) => `user_${user}="${password}"`)
    .join(' ')};`,
})

/** Kafka in KRaft mode on free loopback ports, its log in `folder`. */
export async function startKafka({
  folder,
  options: secured,
}: Place<Secured | undefined>): Promise<Started<{ brokers: string[] }>> {
  const [port, controller, own] = [await freePort(), await freePort(), await freePort()]
  const broker = `127.0.0.1:${port}`
  const listeners = secured ? `SECURED://${broker},PLAINTEXT://127.0.0.1:${own}` : `PLAINTEXT://${broker}`
  const properties = {
    ...settings,
    ...(secured ? securedSettings(secured) : {}),
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `${listeners},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': listeners,
    'log.dirs': join(folder, 'data'),
  }
  const file = join(folder, 'server.properties')
  await writeFile(
    file,
    Object.entries(properties)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  )
  const java = (await findJava()) ?? 'java'
  const jvm = [
    ...['-Xms128m', '-Xmx512m', '-XX:+UseSerialGC', `-Dlog4j2.configurationFile=${logging.pathname}`],
    ...['-cp', join(kafkaJars.folder, 'lib', '*')],
  ]
  const format = ['kafka.tools.StorageTool', 'format', `--cluster-id=${randomBytes(16).toString('base64url')}`]
  await run(java, ['-XX:TieredStopAtLevel=1', ...jvm, ...format, '-c', file])
  const log = join(folder, 'kafka.log')
  const instance = await startProcess({
    title: 'Kafka',
    command: java,
    args: [...jvm, 'kafka.Kafka', file],
    log,
    ready: async () => (await readFile(log, 'utf8')).includes('Kafka Server started'),
  })
  return { address: { brokers: [broker] }, instance }
}
