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

/** Settings of a single node, broker and controller at once. Names as in Kafka. */
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
  // A killed group member is detected in 3 s instead of 6, the broker's default minimum.
  'group.min.session.timeout.ms': '3000',
  // A killed broker comes back in 6 s instead of 12.
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '500',
}

/** Security settings: PEM texts, passwords by user (PLAIN and SCRAM), and the accepted token issuer. */
export type Secured = {
  certificate: string
  key: string
  users: Record<string, string>
  /** `jwks`: URL of the issuer's public keys */
  tokens: { issuer: string; audience: string; jwks: string }
  /** users without restrictions; all others need ACLs. Absent: no authorizer */
  superUsers?: readonly string[]
  /** CA of client certificates; default: the broker's own certificate */
  authority?: string
  /** default: SASL over TLS, with client certificates */
  protocol?: 'SASL_SSL' | 'SSL'
  /** further settings of the listener */
  listener?: Record<string, string>
}

const line = (pem: string) => pem.trim().replaceAll(/\r?\n/g, ' ')
const loginModule = (name: string, options = '') =>
  `org.apache.kafka.common.security.${name}LoginModule required${options};`
export const jwksUrl = (file: string) => `file://${file}`
/** The JVM refuses to load a key set from elsewhere. */
export const allowed = (file: string) => `-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${jwksUrl(file)}`

/** A listener SECURED with TLS, client certificates and SASL, next to the broker's own. `jwks`: path of the key file. */
export const securedSettings = (secured: Secured, jwks: string) => {
  const { certificate, key, users, tokens, superUsers, authority = certificate, protocol = 'SASL_SSL' } = secured
  const passwords = Object.entries(users).map(([user, password]) => ` user_${user}="${password}"`)
  const settings = {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.certificate.chain': line(certificate),
    'ssl.keystore.key': line(key),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.certificates': line(authority),
    'ssl.client.auth': 'required',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    'plain.sasl.jaas.config': loginModule('plain.Plain', passwords.join('')),
    'scram-sha-256.sasl.jaas.config': loginModule('scram.Scram'),
    'scram-sha-512.sasl.jaas.config': loginModule('scram.Scram'),
    'oauthbearer.sasl.jaas.config': loginModule('oauthbearer.OAuthBearer'),
    'oauthbearer.sasl.server.callback.handler.class':
      'org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler',
    'oauthbearer.sasl.oauthbearer.jwks.endpoint.url': jwksUrl(jwks),
    'oauthbearer.sasl.oauthbearer.expected.issuer': tokens.issuer,
    'oauthbearer.sasl.oauthbearer.expected.audience': tokens.audience,
    ...secured.listener,
  }
  return {
    'listener.security.protocol.map': `PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURED:${protocol}`,
    ...(superUsers === undefined ? {} : authorizer(superUsers)),
    ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [`listener.name.secured.${name}`, value])),
  }
}

/** The broker itself is anonymous: it uses its own listeners. */
const authorizer = (superUsers: readonly string[]) => ({
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': ['ANONYMOUS', ...superUsers].map((user) => `User:${user}`).join(';'),
  'allow.everyone.if.no.acl.found': 'false',
})

/** SCRAM mechanisms, as Kafka's tools name them. */
export const SCRAM = ['SCRAM-SHA-256', 'SCRAM-SHA-512']

/** Kafka in KRaft mode on free loopback ports, its log in `folder`. */
export async function startKafka({
  folder,
  options: secured,
}: Place<Secured | undefined>): Promise<Started<{ brokers: string[] }>> {
  const [port, controller, own] = [await freePort(), await freePort(), await freePort()]
  const broker = `127.0.0.1:${port}`
  const listeners = secured ? `SECURED://${broker},PLAINTEXT://127.0.0.1:${own}` : `PLAINTEXT://${broker}`
  const jwks = join(folder, 'jwks.json')
  if (secured) await writeFile(jwks, secured.tokens.jwks)
  const properties = {
    ...settings,
    ...(secured ? securedSettings(secured, jwks) : {}),
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
    ...(secured ? [allowed(jwks)] : []),
    ...['-cp', join(kafkaJars.folder, 'lib', '*')],
  ]
  const format = ['kafka.tools.StorageTool', 'format', `--cluster-id=${randomBytes(16).toString('base64url')}`]
  const users = Object.entries(secured?.users ?? {}).flatMap(([user, password]) =>
    SCRAM.flatMap((mechanism) => ['--add-scram', `${mechanism}=[name="${user}",password="${password}"]`]),
  )
  await run(java, ['-XX:TieredStopAtLevel=1', ...jvm, ...format, '-c', file, ...users])
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
