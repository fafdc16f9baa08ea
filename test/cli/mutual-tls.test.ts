/** Brokers with mutual TLS and without SASL. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createBus } from '../../bus/create.ts'
import { busOptionsFrom } from '../../cli/bus-options.ts'
import { readConfig } from '../../cli/config.ts'
import { cancel, contract } from '../bus/bench.ts'
import { kafka, startPrivateKafka } from '../servers/kafka.ts'
import { certified } from '../servers/secured-kafka.ts'
import { runHere } from './run-sre.ts'

const dir = mkdtempSync(join(tmpdir(), 'mutual-tls-'))
const USERS = ['admin', 'gateway', 'assistant']
let environment: Record<string, string>
let tearDown: () => Promise<void>

const withCertificateOf = (user: string) => ({
  ...environment,
  KAFKA_CERT_FILE: join(dir, `${user}.pem`),
  KAFKA_KEY_FILE: join(dir, `${user}.key`),
  ...Object.fromEntries(USERS.map((part) => [`KAFKA_PRINCIPAL_${part.toUpperCase()}`, `User:CN=${part}`]).slice(1)),
})

beforeAll(async () => {
  const ca = await certified('an authority')
  const { certificate, key } = await certified('broker', { ca })
  writeFileSync(join(dir, 'ca.pem'), ca.certificate)
  for (const user of USERS) {
    const own = await certified(user, { ca })
    writeFileSync(join(dir, `${user}.pem`), own.certificate)
    writeFileSync(join(dir, `${user}.key`), own.key)
  }
  const [{ registryUrl }, broker] = await Promise.all([
    kafka(),
    startPrivateKafka({
      ...{ certificate, key, users: {}, tokens: { issuer: 'none', audience: 'none', jwks: '{"keys":[]}' } },
      ...{ authority: ca.certificate, protocol: 'SSL', superUsers: ['CN=admin'] },
      listener: { 'ssl.client.auth': 'requested' },
    }),
  ])
  tearDown = broker.stop
  environment = {
    KAFKA_BROKERS: broker.brokers.join(','),
    KAFKA_CA_FILE: join(dir, 'ca.pem'),
    SCHEMA_REGISTRY_URL: registryUrl,
  }
}, 180_000)
afterAll(async () => {
  await tearDown?.()
  rmSync(dir, { recursive: true })
})

describe('a cluster behind TLS without SASL', () => {
  it('authenticates users by certificate, with the permissions of topics.yaml', async () => {
    const applied = await runHere(['topics', 'apply', '--replicas', '1', '--acls'], withCertificateOf('admin'))
    expect(applied, applied.err).toMatchObject({ code: 0 })
    expect(await runHere(['schemas', 'register'], environment)).toMatchObject({ code: 0 })
    const publish = async (user: string) => {
      const bus = await createBus(busOptionsFrom(readConfig(withCertificateOf(user)), contract))
      try {
        await bus.publish([await bus.encode('DiagnosisCancelRequested', cancel(randomUUID(), 0))])
      } finally {
        await bus.close()
      }
    }
    await publish('gateway')
    await expect(publish('assistant')).rejects.toThrow(/not authorized.*sre topics apply --acls/i)
  })

  it('accepts TLS without a client certificate', async () => {
    const planned = await runHere(['topics', 'plan', '--replicas', '1'], environment)
    expect(planned, planned.err).toMatchObject({ code: 0, err: expect.stringContaining('matches') })
  })
})
