/** A cluster as most have it: TLS by an authority of their own, certificates of clients, every kind of SASL, and a registry behind TLS. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createBus } from '../../bus/create.ts'
import { busOptionsFrom } from '../../cli/bus-options.ts'
import { readConfig } from '../../cli/config.ts'
import { type Issuer, startIssuer } from '../../embedded/issuer.ts'
import { cancel, contract, listen } from '../bus/bench.ts'
import { kafka, startPrivateKafka } from '../servers/kafka.ts'
import { runSre } from './run-sre.ts'

const dir = mkdtempSync(join(tmpdir(), 'secured-bus-'))
const password = 'the word of the broker'
const credentials = { username: 'sre', password: 'the word of the registry' }
let environment: Record<string, string>
let registry: Server
let issuer: Issuer
let tearDown: () => Promise<void>

beforeAll(async () => {
  const { private: key, cert: certificate } = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  const files = { cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem') }
  issuer = await startIssuer({ dataDir: join(dir, 'issuer') })
  const jwks = await (await fetch(`${issuer.url}/jwks`)).text()
  const tokens = { issuer: issuer.url, audience: 'control-plane', jwks }
  const [{ registryUrl }, broker] = await Promise.all([
    kafka(),
    startPrivateKafka({ certificate, key, users: { sre: password }, tokens }),
  ])
  tearDown = broker.stop
  writeFileSync(files.cert, certificate)
  writeFileSync(files.key, key)
  registry = createServer({ key, cert: certificate }, (incoming, answer) => {
    const basic = `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`
    if (incoming.headers.authorization !== basic) return answer.writeHead(401).end()
    const { authorization: _, ...headers } = incoming.headers
    const onward = request(new URL(registryUrl).origin + incoming.url, { method: incoming.method ?? 'GET', headers })
    onward.on('response', (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(answer)
    })
    incoming.pipe(onward)
  }).listen(0, '127.0.0.1')
  await once(registry, 'listening')
  environment = {
    KAFKA_BROKERS: broker.brokers.join(','),
    KAFKA_CA_FILE: files.cert,
    KAFKA_CERT_FILE: files.cert,
    KAFKA_KEY_FILE: files.key,
    KAFKA_SASL_MECHANISM: 'plain',
    KAFKA_SASL_USERNAME: 'sre',
    KAFKA_SASL_PASSWORD: password,
    SCHEMA_REGISTRY_URL: `https://127.0.0.1:${(registry.address() as AddressInfo).port}${new URL(registryUrl).pathname}`,
    SCHEMA_REGISTRY_USERNAME: credentials.username,
    SCHEMA_REGISTRY_PASSWORD: credentials.password,
    SCHEMA_REGISTRY_CA_FILE: files.cert,
  }
}, 180_000)

afterAll(async () => {
  registry?.close()
  registry?.closeAllConnections()
  await tearDown?.()
  await issuer?.close()
  rmSync(dir, { recursive: true })
})

const clientOf = (id: string) => ({ KAFKA_SASL_USERNAME: id, KAFKA_SASL_PASSWORD: issuer.clients[id] ?? '' })

/** The one that the assistant has at the control-plane: the broker takes tokens for that audience. */
const byToken = () => ({
  OIDC_ISSUER: issuer.url,
  KAFKA_SASL_MECHANISM: 'oauthbearer',
  KAFKA_SASL_SCOPE: 'sre-platform:read',
  ...clientOf('sre-assistant'),
})

async function carriesEvents(given: Record<string, string>): Promise<void> {
  const bus = await createBus(busOptionsFrom(readConfig(given), contract))
  const key = randomUUID()
  const listener = await listen(bus)
  await bus.publish([await bus.encode('DiagnosisCancelRequested', cancel(key, 7))])
  expect(await listener.of(key, 1)).toMatchObject([{ value: { sequence: 7 } }])
  await bus.close()
}

describe('a cluster behind TLS and SASL', () => {
  it('is prepared from the command line, and carries events both ways', async () => {
    expect(await runSre(['topics', 'apply', '--replicas', '1'], environment)).toMatchObject({ code: 0 })
    expect(await runSre(['schemas', 'register'], environment)).toMatchObject({ code: 0 })
    await carriesEvents(environment)
  })

  it.each(['scram-sha-256', 'scram-sha-512'])('carries events with the password shown by %s', async (mechanism) => {
    await carriesEvents({ ...environment, KAFKA_SASL_MECHANISM: mechanism })
  })

  it('carries events with tokens of the platform, from the issuer that has its people', async () => {
    await carriesEvents({ ...environment, ...byToken() })
  })

  it.each([
    ['without the authority', { KAFKA_CA_FILE: '', KAFKA_CERT_FILE: '', KAFKA_KEY_FILE: '', KAFKA_SSL: 'true' }, /self-signed certificate/], // prettier-ignore
    ['without a certificate', { KAFKA_CERT_FILE: '', KAFKA_KEY_FILE: '' }, /certificate required|socket/i],
    ['with a wrong password', { KAFKA_SASL_PASSWORD: 'another word' }, /authentication/i],
    ['with a wrong password in SCRAM', { KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_SASL_PASSWORD: 'another word' }, /authentication/i], // prettier-ignore
  ])('is not entered %s, and says why without the password', async (_how, wrong, reason) => {
    const ran = await runSre(['topics', 'plan'], { ...environment, ...wrong })
    expect(ran).toMatchObject({ code: 1, err: expect.stringMatching(/^Kafka: /) })
    expect(ran.err).toMatch(reason)
    expect(ran.err).not.toContain(environment.KAFKA_SASL_PASSWORD)
    expect(ran.err).not.toContain('another word')
  })

  it.each([
    ['for others', () => clientOf('control-plane'), /the broker refused the token: .*invalid_token/],
    ['that the issuer refuses to give', () => ({ KAFKA_SASL_PASSWORD: 'another word' }), /invalid_client/],
  ])('is not entered with a token %s, and says why without it', async (_which, wrong, reason) => {
    const ran = await runSre(['topics', 'plan'], { ...environment, ...byToken(), ...wrong() })
    expect(ran).toMatchObject({ code: 1, err: expect.stringMatching(/^Kafka: /) })
    expect(ran.err).toMatch(reason)
    expect(ran.err).not.toMatch(/eyJ|another word/)
  })

  it('says why a registry of an unknown authority cannot be asked', async () => {
    const ran = await runSre(['schemas', 'register'], { ...environment, SCHEMA_REGISTRY_CA_FILE: '' })
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('self-signed certificate') })
  })
})
