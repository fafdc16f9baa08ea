/** While the bus is down, a request is refused at once with what to do, and a refused request never takes effect. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createBus, prepareKafkaBus } from '../../bus/create.ts'
import { signIn } from '../../embedded/issuer/sign-in.ts'
import { type Issuer, startIssuer } from '../../embedded/issuer.ts'
import { loadContract } from '../../schemas/contract.ts'
import { freePort } from '../servers/free-port.ts'
import { kafka, startPrivateKafka } from '../servers/kafka.ts'
import { startPrivatePostgres } from '../servers/postgres.ts'
import { serve } from './serve.ts'

/** A POST gives up after this: far more than the 2 s it should take, far less than a Kafka client waits by itself. */
const PATIENCE_MS = 12_000
const contract = loadContract()
const dir = mkdtempSync(join(tmpdir(), 'sre-bus-away-'))
let issuer: Issuer
let token: string
beforeAll(async () => {
  issuer = await startIssuer({ dataDir: dir })
  const alice = {
    issuer: issuer.url,
    username: 'alice',
    password: issuer.people.find(({ username }) => username === 'alice')?.password ?? '',
  }
  token = (await signIn(alice)).accessToken
}, 60_000)
afterAll(async () => {
  await issuer?.close()
  rmSync(dir, { recursive: true })
})

const REFUSED = {
  status: 503,
  retryAfter: expect.stringMatching(/^\d+$/),
  body: { error: 'SERVICE_UNAVAILABLE', message: expect.any(String), request_id: expect.any(String) },
}

async function startGateway(environment: Record<string, string>) {
  const port = await freePort()
  const part = await serve('gateway', {
    ...{ OIDC_ISSUER: issuer.url, GATEWAY_PORT: String(port), DATA_DIR: join(dir, String(port)) },
    ...environment,
  })
  const ask = async (method: 'GET' | 'POST', path: string, body?: object, key?: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`, {
      method,
      headers: {
        ...{ authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const told = (await answer.json()) as Record<string, unknown>
    return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body: told }
  }
  const post = (service: string, key?: string) => ask('POST', 'diagnostics/alerts', { incident_ids: ['inc-1'], affected_services: [service] }, key) // prettier-ignore
  const listed = async () => {
    const { body } = await ask('GET', 'diagnostics/history')
    return (body['items'] as { service: string }[]).map(({ service }) => service)
  }
  return { ...part, post, listed }
}

describe('a POST while the bus is gone', () => {
  it('is answered 503 while the broker is gone, and accepted once it is back', async () => {
    const [broker, { registryUrl }, postgres] = await Promise.all([
      startPrivateKafka(),
      kafka(),
      startPrivatePostgres(),
    ])
    const options = { kind: 'kafka' as const, brokers: broker.brokers, registryUrl, contract }
    await prepareKafkaBus(options, { replicas: 1 })
    const gateway = await startGateway({
      ...{ DATABASE_URL: postgres.url, KAFKA_BROKERS: broker.brokers.join(','), SCHEMA_REGISTRY_URL: registryUrl },
    })
    expect(await gateway.post('before')).toMatchObject({ status: 202 })
    await broker.kill()
    const refused = await Promise.all([gateway.post('one'), gateway.post('two'), gateway.post('keyed', 'key-1')])
    for (const answer of refused) expect(answer).toMatchObject(REFUSED)
    expect(await gateway.post('three')).toMatchObject(REFUSED)
    expect(await gateway.listed()).toEqual(['before'])

    await broker.start()
    await expect
      .poll(() => gateway.post('keyed', 'key-1'), { timeout: 60_000, interval: 500 })
      .toMatchObject({ status: 202 })
    const bus = await createBus(options)
    const published = async () => {
      const services: (string | null)[] = []
      for await (const delivery of bus.browse(contract.topicOf('DiagnosisRequested').name)) {
        const { event, value } = await bus.decode(delivery)
        if (event === 'DiagnosisRequested') services.push(value.service)
      }
      return services.sort()
    }
    // a broker that was started again still elects leaders
    await expect.poll(published, { timeout: 60_000, interval: 500 }).toEqual(['before', 'keyed'])
    await bus.close()
    expect((await gateway.listed()).sort()).toEqual(['before', 'keyed'])
    await gateway.stop()
    await Promise.all([broker.stop(), postgres.stop()])
  }, 400_000)

  it('is answered 503 while PostgreSQL is gone, which then is the bus', async () => {
    const postgres = await startPrivatePostgres()
    const gateway = await startGateway({ DATABASE_URL: postgres.url })
    expect(await gateway.post('before')).toMatchObject({ status: 202 })
    await postgres.kill()
    for (const key of [undefined, 'key-1']) expect(await gateway.post('keyed', key)).toMatchObject(REFUSED)
    await postgres.start()
    await expect.poll(() => gateway.post('keyed', 'key-1'), { timeout: 60_000 }).toMatchObject({ status: 202 })
    expect((await gateway.listed()).sort()).toEqual(['before', 'keyed'])
    expect(await gateway.stop()).toBe(0)
    await postgres.stop()
  }, 240_000)
})
