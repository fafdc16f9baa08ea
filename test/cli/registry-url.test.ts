/** A wrong SCHEMA_REGISTRY_URL and missing topics, as seen when the first component starts. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../servers/free-port.ts'
import { kafka, startPrivateKafka } from '../servers/kafka.ts'
import { createDatabase } from '../servers/postgres.ts'
import { runHere, runUnmeasured } from './run-sre.ts'

const ends: (() => unknown)[] = []
let registryUrl: string
let broker: string
let databaseUrl: string

beforeAll(async () => {
  const [shared, own, database] = await Promise.all([kafka(), startPrivateKafka(), createDatabase('registry_url')])
  ;({ registryUrl } = shared)
  ;[broker = ''] = own.brokers
  databaseUrl = database.url
  ends.push(own.stop, database.drop)
}, 180_000)
afterAll(async () => {
  for (const end of ends) await end()
})

async function answering(status: number, type: string, body: string): Promise<string> {
  const server: Server = createServer((_, answer) => answer.writeHead(status, { 'content-type': type }).end(body))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  ends.push(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const environment = (url: string) => ({ KAFKA_BROKERS: broker, SCHEMA_REGISTRY_URL: url, DATABASE_URL: databaseUrl })
const COMPATIBLE = '/apis/ccompat/v7'

describe.each<{ what: string; url: () => string | Promise<string>; says: readonly RegExp[] }>([
  {
    what: 'the root of a registry whose API is elsewhere',
    url: () => new URL('/', registryUrl).href,
    says: [/no schema registry API at http:\S+\/ /, /answered 404/, /path of SCHEMA_REGISTRY_URL/],
  },
  {
    what: "the registry's own API",
    url: () => new URL('/apis/registry/v3', registryUrl).href,
    says: [/no schema registry API at \S+\/apis\/registry\/v3 /, /answered 404 application\/json/],
  },
  {
    what: 'a page',
    url: () => answering(200, 'text/html; charset=utf-8', '<h1>Welcome</h1>'),
    says: [/is not a Confluent-compatible schema registry \(it answered 200 text\/html\)/, /host, port and path/],
  },
  {
    what: 'other JSON',
    url: () => answering(200, 'application/json', '{"status":"success"}'),
    says: [/is not a Confluent-compatible schema registry \(it answered 200 application\/json\)/],
  },
  {
    what: 'a registry that wants credentials',
    url: () => answering(401, 'application/json', '{"message":{"of":"an object"}}'),
    says: [/refused access \(401 application\/json\). Set SCHEMA_REGISTRY_USERNAME/],
  },
  {
    what: 'a registry that fails',
    url: () => answering(503, 'application/json', '{"message":{"of":"an object"}}'),
    says: [/is failing \(it answered 503 application\/json\)/],
  },
  {
    what: 'nothing',
    url: async () => `http://someone:secret@127.0.0.1:${await freePort()}`,
    says: [/http:\/\/127\.0\.0\.1:\d+\/ cannot be reached: .*ECONNREFUSED/, /is SCHEMA_REGISTRY_URL right\?/],
  },
])('SCHEMA_REGISTRY_URL names $what', ({ what, url, says }) => {
  it('is reported in one line at start, by every command', async () => {
    const given = environment(await url())
    const told = (err: string) => {
      const lines = err.trimEnd().split('\n')
      expect(lines).toHaveLength(1)
      for (const part of says) expect(lines[0]).toMatch(part)
      if (!['nothing', 'a registry that wants credentials', 'a registry that fails'].includes(what))
        expect(lines[0]).toContain(COMPATIBLE)
      expect(lines[0]).not.toMatch(/object Object|secret/)
    }
    const registered = await runHere(['schemas', 'register'], given)
    expect(registered).toMatchObject({ code: 1, out: '' })
    told(registered.err)
    const served = await runUnmeasured(['serve', 'assistant'], { ...given, HEALTH_PORT: 'off' })
    expect(served).toMatchObject({ code: 1, out: '' })
    told(served.err)
    const chinese = await runHere(['--language', 'zh-TW', 'schemas', 'register'], given)
    expect(chinese.err).toMatch(/schema registry.*[請查]/)
  }, 60_000)
})

it('never says [object Object], whatever the registry answers to a schema', async () => {
  for (const body of ['{"message":{"of":"an object"}}', '{"detail":"no"}']) {
    const server = createServer((request, answer) => {
      const isKnown = request.method === 'GET' && request.url?.endsWith('/versions')
      answer.writeHead(isKnown ? 404 : 422, { 'content-type': 'application/json' })
      answer.end(isKnown ? '{"error_code":40401,"message":"no such subject"}' : body)
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    ends.push(() => server.close())
    const { err } = await runHere(
      ['schemas', 'register'],
      environment(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    )
    expect(err).toMatch(/^schema registration failed: sre\.\S+-value: .*it answered 422\n$/)
  }
}, 60_000)

it('is a warning of sre topics apply, which does not need the registry yet', async () => {
  const given = environment(new URL('/', registryUrl).href)
  const applied = await runHere(['topics', 'apply', '--replicas', '1'], given)
  expect(applied.code).toBe(0)
  expect(applied.err).toContain('no schema registry API at')
  expect(applied.err).toContain(COMPATIBLE)
}, 60_000)

it('says what to do about missing topics', async () => {
  const { brokers, stop } = await startPrivateKafka()
  ends.push(stop)
  const given = { ...environment(registryUrl), KAFKA_BROKERS: brokers.join(',') }
  for (const command of [
    ['dlq', 'list'],
    ['serve', 'assistant'],
  ]) {
    const { code, err } = await runUnmeasured(command, { ...given, HEALTH_PORT: 'off' })
    expect({ command, code }).toEqual({ command, code: 1 })
    expect(err).toContain('a topic is missing: create it with sre topics apply')
    expect(err).not.toContain('does not host')
  }
}, 180_000)
