/** A private broker with TLS, client certificates and SASL, and the variables that configure a user of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import kafkajs from 'kafkajs'
import { generate } from 'selfsigned'
import { startIssuer } from '../../embedded/issuer.ts'
import { startPrivateKafka } from './kafka.ts'

export interface SecuredKafkaOptions {
  /** passwords by user */
  users: Record<string, string>
  /** users without ACLs; absent: the broker has no authorizer */
  superUsers?: readonly string[]
  /** further settings of its listener */
  listener?: Record<string, string>
}

export interface Certified {
  certificate: string
  key: string
}

/** A certificate for 127.0.0.1, or for `cn`; self-signed, or signed by `ca`. */
export async function certified(cn = 'broker', options: { ca?: Certified; until?: Date } = {}): Promise<Certified> {
  const { ca, until } = options
  const { private: key, cert: certificate } = await generate([{ name: 'commonName', value: cn }], {
    algorithm: 'sha256',
    ...(ca && { ca: { cert: ca.certificate, key: ca.key } }),
    ...(until && { notBeforeDate: new Date(until.getTime() - 86_400_000), notAfterDate: until }),
    extensions: [
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
      { name: 'basicConstraints', cA: ca === undefined },
    ],
  })
  return { certificate, key }
}

export async function startSecuredKafka({ users, ...options }: SecuredKafkaOptions) {
  const dir = mkdtempSync(join(tmpdir(), 'secured-kafka-'))
  const files = { cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem') }
  const { certificate, key } = await certified()
  writeFileSync(files.cert, certificate)
  writeFileSync(files.key, key)
  const issuer = await startIssuer({ dataDir: join(dir, 'issuer') })
  const jwks = await (await fetch(`${issuer.url}/jwks`)).text()
  const tokens = { issuer: issuer.url, audience: 'control-plane', jwks }
  const broker = await startPrivateKafka({ certificate, key, users, tokens, ...options })
  return {
    broker,
    issuer,
    certificate,
    key,
    files,
    environmentOf: (user: string): Record<string, string> => ({
      KAFKA_BROKERS: broker.brokers.join(','),
      KAFKA_CA_FILE: files.cert,
      KAFKA_CERT_FILE: files.cert,
      KAFKA_KEY_FILE: files.key,
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_SASL_USERNAME: user,
      KAFKA_SASL_PASSWORD: users[user] ?? '',
    }),
    /** adds an ACL that is not in topics.yaml */
    async allow(principal: string, topic: string): Promise<void> {
      const superUser = options.superUsers?.[0] ?? ''
      const admin = new kafkajs.Kafka({
        brokers: broker.brokers,
        ssl: { ca: certificate, cert: certificate, key },
        sasl: { mechanism: 'plain', username: superUser, password: users[superUser] ?? '' },
        logLevel: kafkajs.logLevel.NOTHING,
      }).admin()
      await admin.connect()
      await admin.createAcls({
        acl: [
          {
            principal,
            host: '*',
            resourceName: topic,
            resourceType: kafkajs.AclResourceTypes.TOPIC,
            resourcePatternType: kafkajs.ResourcePatternTypes.LITERAL,
            operation: kafkajs.AclOperationTypes.WRITE,
            permissionType: kafkajs.AclPermissionTypes.ALLOW,
          },
        ],
      })
      await admin.disconnect()
    },
    async stop(): Promise<void> {
      await broker.stop()
      await issuer.close()
      rmSync(dir, { recursive: true })
    },
  }
}
