/** A typical secured cluster: TLS with a private CA, client certificates, every SASL mechanism, and a registry behind TLS. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createBus } from '../../bus/create.ts'
import { busOptionsFrom } from '../../cli/bus-options.ts'
import { readConfig } from '../../cli/config.ts'
import type { Issuer } from '../../embedded/issuer.ts'
import { cancel, contract, listen } from '../bus/bench.ts'
import { kafka } from '../servers/kafka.ts'
import { certified, startSecuredKafka } from '../servers/secured-kafka.ts'
import { runHere } from './run-sre.ts'

const dir = mkdtempSync(join(tmpdir(), 'secured-bus-'))
const password = 'the word of the broker'
const registryToken = 'a token of the registry'
const credentials = { username: 'sre', password: 'the word of the registry' }
let environment: Record<string, string>
let registry: Server
let issuer: Issuer
let secured: Awaited<ReturnType<typeof startSecuredKafka>>
let registryUrl: string
let plain: { brokers: string[] }
let expiredBroker: { address: string; file: string; server: Server }

beforeAll(async () => {
  ;[secured, { registryUrl }] = await Promise.all([
    startSecuredKafka({ users: { sre: password }, listener: { 'connections.max.reauth.ms': '13000' } }),
    kafka(),
  ])
  plain = await kafka()
  expiredBroker = await startExpired()
  const { certificate: cert, key, files } = secured
  issuer = secured.issuer
  registry = createServer({ key, cert }, (incoming, answer) => {
    const basic = `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`
    if (![basic, `Bearer ${registryToken}`].includes(incoming.headers.authorization ?? ''))
      return answer.writeHead(401).end()
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
    ...secured.environmentOf('sre'),
    SCHEMA_REGISTRY_URL: `https://127.0.0.1:${(registry.address() as AddressInfo).port}${new URL(registryUrl).pathname}`,
    SCHEMA_REGISTRY_USERNAME: credentials.username,
    SCHEMA_REGISTRY_PASSWORD: credentials.password,
    SCHEMA_REGISTRY_CA_FILE: files.cert,
  }
}, 180_000)

afterAll(async () => {
  expiredBroker?.server.close()
  registry?.close()
  registry?.closeAllConnections()
  await secured?.stop()
  rmSync(dir, { recursive: true })
})

/** Serves an expired certificate. */
async function startExpired() {
  const { certificate: cert, key } = await certified('broker', { until: new Date(Date.now() - 86_400_000) })
  const file = join(dir, 'expired.pem')
  writeFileSync(file, cert)
  const server = createServer({ cert, key }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, file, address: `127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const clientOf = (id: string) => ({ KAFKA_SASL_USERNAME: id, KAFKA_SASL_PASSWORD: issuer.clients[id] ?? '' })

/** The assistant's client; the broker accepts tokens for the control-plane audience. */
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
  it('can be set up from the command line, and delivers events', async () => {
    expect(await runHere(['topics', 'apply', '--replicas', '1'], environment)).toMatchObject({ code: 0 })
    expect(await runHere(['schemas', 'register'], environment)).toMatchObject({ code: 0 })
    await carriesEvents(environment)
  })

  it.each(['scram-sha-256', 'scram-sha-512'])('delivers events with %s', async (mechanism) => {
    await carriesEvents({ ...environment, KAFKA_SASL_MECHANISM: mechanism })
  })

  it('delivers events with access tokens of the platform issuer', async () => {
    await carriesEvents({ ...environment, ...byToken() })
  })

  it.each([
    ['without the authority', { KAFKA_CA_FILE: '', KAFKA_CERT_FILE: '', KAFKA_KEY_FILE: '', KAFKA_SSL: 'true' }, /self-signed certificate/], // prettier-ignore
    ['without a certificate', { KAFKA_CERT_FILE: '', KAFKA_KEY_FILE: '' }, /certificate required|socket/i],
    ['with a wrong password', { KAFKA_SASL_PASSWORD: 'another word' }, /authentication/i],
    ['with a wrong password in SCRAM', { KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_SASL_PASSWORD: 'another word' }, /authentication/i], // prettier-ignore
  ])('refuses access %s, with a reason and without the password', async (_how, wrong, reason) => {
    const ran = await runHere(['topics', 'plan'], { ...environment, ...wrong })
    expect(ran).toMatchObject({ code: 1, err: expect.stringMatching(/^Kafka: /) })
    expect(ran.err).toMatch(reason)
    expect(ran.err).not.toContain(environment.KAFKA_SASL_PASSWORD)
    expect(ran.err).not.toContain('another word')
  })

  it.each([
    ['for others', () => clientOf('control-plane'), /the broker refused the token: .*invalid_token/],
    ['that the issuer refuses to give', () => ({ KAFKA_SASL_PASSWORD: 'another word' }), /invalid_client/],
  ])('refuses access with a token %s, with a reason and without the token', async (_which, wrong, reason) => {
    const ran = await runHere(['topics', 'plan'], { ...environment, ...byToken(), ...wrong() })
    expect(ran).toMatchObject({ code: 1, err: expect.stringMatching(/^Kafka: /) })
    expect(ran.err).toMatch(reason)
    expect(ran.err).not.toMatch(/eyJ|another word/)
  })

  it('reports a registry with an unknown CA', async () => {
    const ran = await runHere(['schemas', 'register'], { ...environment, SCHEMA_REGISTRY_CA_FILE: '' })
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('self-signed certificate') })
  })

  it('survives re-authentication, also with tokens', async () => {
    const given = { ...environment, ...byToken() }
    const bus = await createBus(busOptionsFrom(readConfig(given), contract))
    const key = randomUUID()
    const listener = await listen(bus)
    // longer than connections.max.reauth.ms of the brokers
    for (let sequence = 0; sequence < 8; sequence++) {
      await bus.publish([await bus.encode('DiagnosisCancelRequested', cancel(key, sequence))])
      await new Promise((resolve) => setTimeout(resolve, 2000))
    }
    const found = await listener.of(key, 8)
    expect(found.map(({ value }) => value.sequence)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    await bus.close()
  }, 120_000)

  it('accesses a registry with a bearer token, and never prints a refused one', async () => {
    const { SCHEMA_REGISTRY_USERNAME: _name, SCHEMA_REGISTRY_PASSWORD: _word, ...without } = environment
    const given = { ...without, SCHEMA_REGISTRY_TOKEN: registryToken }
    expect(await runHere(['schemas', 'register'], given)).toMatchObject({ code: 0 })
    const ran = await runHere(['schemas', 'register'], { ...without, SCHEMA_REGISTRY_TOKEN: 'stale' })
    expect(ran).toMatchObject({ code: 1, err: expect.stringMatching(/401|unauthorized/i) })
    expect(ran.err).not.toContain('stale')
  })

  it.each([
    ['in plain text on a port of TLS', (): Record<string, string> => ({ KAFKA_CA_FILE: '', KAFKA_CERT_FILE: '', KAFKA_KEY_FILE: '' }), /close the connection without an error: KAFKA_SSL/], // prettier-ignore
    ['by a name that its certificate lacks', () => ({ KAFKA_BROKERS: (environment['KAFKA_BROKERS'] ?? '').replace('127.0.0.1', 'localhost') }), /must be names in their certificate/], // prettier-ignore
    ['with an expired certificate of the broker', () => ({ KAFKA_BROKERS: expiredBroker.address, KAFKA_CA_FILE: expiredBroker.file }), /certificate has expired .*renewed/], // prettier-ignore
    ['with TLS on a port without', () => ({ KAFKA_BROKERS: plain.brokers.join(',') }), /does this port speak TLS/],
    ['with SASL on a port without', () => ({ KAFKA_BROKERS: plain.brokers.join(','), KAFKA_CA_FILE: '', KAFKA_CERT_FILE: '', KAFKA_KEY_FILE: '' }), /does not use SASL/], // prettier-ignore
  ])('reports the reason when asked %s', async (_how, wrong, reason) => {
    const ran = await runHere(['topics', 'plan'], { ...environment, ...wrong() })
    expect(ran).toMatchObject({ code: 1, err: expect.stringMatching(reason) })
    expect(ran.err).not.toContain(password)
  })

  it('refuses an expired certificate and a mismatched key at start, in one message', async () => {
    const stranger = join(dir, 'stranger.pem')
    writeFileSync(stranger, (await certified()).key)
    const wrong = { KAFKA_KEY_FILE: stranger, KAFKA_SASL_MECHANISM: 'gssapi', KAFKA_SSL: 'perhaps' }
    const { err } = await runHere(['topics', 'plan'], { ...environment, ...wrong })
    expect(err).toContain('KAFKA_KEY_FILE: ')
    expect(err).toContain('is not the key of the certificate in')
    expect(err).toContain('KAFKA_SASL_MECHANISM: ')
    expect(err).toContain('KAFKA_SSL: ')
    const expired = await runHere(['topics', 'plan'], { ...environment, KAFKA_CERT_FILE: expiredBroker.file })
    expect(expired.err).toMatch(/KAFKA_CERT_FILE: .* expired on /)
  })
})
