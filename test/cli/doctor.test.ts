/** `sre doctor` against real servers: healthy, unconfigured, and with each kind of failure. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createSocketServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPool } from '../../bus/postgres/pool.ts'
import { lookAll } from '../../cli/doctor/check.ts'
import { nodeCheck } from '../../cli/doctor/machine.ts'
import { MIGRATIONS } from '../../cli/doctor/postgres.ts'
import { type Issuer, startIssuer } from '../../embedded/issuer.ts'
import { freePort } from '../servers/free-port.ts'
import { startPrivateChroma } from '../servers/chroma.ts'
import { kafka, startPrivateKafka } from '../servers/kafka.ts'
import { loki } from '../servers/loki.ts'
import { createDatabase, type Database } from '../servers/postgres.ts'
import { startPrometheus } from '../servers/prometheus.ts'
import { zipkin } from '../servers/zipkin.ts'
import { runHere, runSre } from './run-sre.ts'
import { serve } from './serve.ts'

const dir = mkdtempSync(join(tmpdir(), 'sre-doctor-'))
const RESOURCE = 'urn:sre-platform:control-plane'
const ends: (() => unknown)[] = []
let database: Database
let issuer: Issuer
let well: Record<string, string>

beforeAll(async () => {
  const [prometheus, chroma, logs, traces, own] = await Promise.all([
    startPrometheus(),
    startPrivateChroma(),
    loki(),
    zipkin(),
    createDatabase('doctor'),
  ])
  database = own
  issuer = await startIssuer({ dataDir: join(dir, 'issuer') })
  ends.push(prometheus.stop, chroma.stop, database.drop, issuer.close)
  const basics = { DATABASE_URL: database.url, OIDC_ISSUER: issuer.url, CONTROL_PLANE_RESOURCE: RESOURCE }
  const controlPlane = await serve('control-plane', {
    ...{ ...basics, CONTROL_PLANE_PORT: '0', DATA_DIR: join(dir, 'control-plane') },
  })
  ends.push(controlPlane.stop)
  well = {
    ...{ ...basics, PROMETHEUS_URL: prometheus.url, LOKI_URL: logs.url, TRACES_URL: traces.url, TRACES_KIND: 'zipkin' },
    ...{ CHROMA_URL: chroma.url, LOKI_TENANT: 'doctor', DATA_DIR: join(dir, 'not', 'made', 'yet') },
    CONTROL_PLANE_URL: /listening on (http:[^"]+)/.exec(controlPlane.said())?.[1] ?? '',
    ASSISTANT_CLIENT_SECRET: issuer.clients['sre-assistant'] ?? '',
    EXECUTOR_CLIENT_SECRET: issuer.clients['sre-executor'] ?? '',
    POSTMORTEM_CLIENT_SECRET: issuer.clients['sre-postmortem'] ?? '',
    DECISION_KEYS: 'sre-gateway=http://127.0.0.1:8080/.well-known/jwks.json',
  }
  await runHere(['migrate'], well)
}, 240_000)
afterAll(async () => {
  for (const end of ends.reverse()) await end()
  rmSync(dir, { recursive: true })
})

interface Line {
  check: string
  state: string
  message: string
  todo: string | null
  details: string[]
}

async function doctor(environment: Record<string, string>, ...words: string[]) {
  const { code, out } = await runHere(['doctor', ...words, '--json'], environment)
  const lines = new Map((JSON.parse(out) as Line[]).map((one) => [one.check, one]))
  const inState = (state: string) => [...lines.values()].filter((one) => one.state === state).map(({ check }) => check)
  return { code, lines, inState }
}

async function answering(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  ends.push(() => (server.closeAllConnections(), server.close()))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A port that takes connections and says nothing. */
async function silent(): Promise<number> {
  const server = createSocketServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  ends.push(() => server.close())
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const ON_KAFKA = ['kafka', 'topics', 'registry', 'schemas']

describe('sre doctor', () => {
  it('finds everything healthy, and reports what is not configured as such, not as healthy', async () => {
    const { code, lines, inState } = await doctor(well)
    expect(inState('not_configured')).toEqual(ON_KAFKA)
    expect(lines.get('lag')).toMatchObject({ state: 'not_checked', message: expect.stringContaining('no agent has read') as string }) // prettier-ignore
    expect([...lines.values()].filter(({ state, check }) => state !== 'ok' && !['lag', ...ON_KAFKA].includes(check))).toEqual([]) // prettier-ignore
    expect(lines.get('configuration')?.message).toBe('complete for gateway, assistant, executor, postmortem')
    expect(lines.get('postgres')?.message).toMatch(/^answers, version \d+/)
    expect(code).toBe(0)
  })

  it('prints one line per check, in both languages', async () => {
    const [english, chinese] = await Promise.all([
      runSre(['doctor'], well),
      runSre(['doctor', '--language', 'zh-TW'], well),
    ])
    expect(english).toMatchObject({ code: 0, err: '' })
    for (const line of english.out.trimEnd().split('\n'))
      expect(line).toMatch(/^([✓] [^:]+: .|- [^:]+: not (configured \(|checked: ))/)
    expect(english.out).toContain('✓ control-plane: answers sre-assistant\n')
    expect(chinese.out).toContain('- Kafka：未設定（KAFKA_BROKERS）\n')
    expect(chinese.out.split('\n')).toHaveLength(english.out.split('\n').length)
  })

  it('fails if nothing is configured', async () => {
    const { code, inState } = await doctor({ DATA_DIR: dir })
    expect({ code, ok: inState('ok'), failed: inState('failed') }).toEqual({
      ...{ code: 1, ok: ['node', 'disk'], failed: ['configuration'] },
    })
  })

  // two of these wait until a check gives up
  it.concurrent.each<{
    what: string
    set: () => Record<string, string> | Promise<Record<string, string>>
    failed?: string[]
    warned?: string[]
    check: string
    says: RegExp
    todo: RegExp
  }>([
    {
      what: 'PostgreSQL is down',
      set: async () => ({ DATABASE_URL: `postgresql://sre:secret@127.0.0.1:${await freePort()}/sre` }),
      ...{ failed: ['postgres', 'migrations'], check: 'postgres', says: /ECONNREFUSED/, todo: /DATABASE_URL/ },
    },
    {
      what: 'PostgreSQL never answers',
      set: async () => ({ DATABASE_URL: `postgresql://sre:secret@127.0.0.1:${await silent()}/sre` }),
      ...{ failed: ['postgres', 'migrations'], check: 'postgres', says: /./, todo: /DATABASE_URL/ },
    },
    {
      what: 'a secret is wrong',
      set: () => ({ EXECUTOR_CLIENT_SECRET: 'wrong' }),
      ...{ failed: ['executor_token'], check: 'executor_token', says: /refused sre-executor a token: invalid_client/ },
      todo: /EXECUTOR_CLIENT_SECRET/,
    },
    {
      what: 'a secret is wrong',
      set: () => ({ POSTMORTEM_CLIENT_SECRET: 'wrong' }),
      ...{
        failed: ['postmortem_token'],
        check: 'postmortem_token',
        says: /refused sre-postmortem a token: invalid_client/,
      },
      todo: /POSTMORTEM_CLIENT_SECRET/,
    },
    {
      what: 'the assistant may not ask the control-plane',
      set: () => ({ ASSISTANT_CLIENT_SECRET: 'wrong' }),
      ...{ failed: ['assistant_token', 'control_plane'], check: 'control_plane', says: /invalid_client/ },
      todo: /CONTROL_PLANE_URL/,
    },
    {
      what: 'the issuer is called otherwise',
      set: async () => ({ OIDC_ISSUER: well['OIDC_ISSUER']!.replace('127.0.0.1', 'localhost') }),
      ...{
        failed: ['issuer', 'assistant_token', 'executor_token', 'postmortem_token', 'control_plane'],
        check: 'issuer',
      },
      ...{ says: /its issuer is http:\/\/127/, todo: /OIDC_ISSUER/ },
    },
    {
      what: 'Prometheus is something else',
      set: async () => ({ PROMETHEUS_URL: await answering((_, answer) => answer.end('<h1>Grafana</h1>')) }),
      ...{ failed: ['prometheus'], check: 'prometheus', says: /did not answer with JSON/, todo: /PROMETHEUS_URL/ },
    },
    {
      what: 'Loki wants credentials',
      set: async () => ({ LOKI_URL: await answering((_, answer) => answer.writeHead(401).end('no')) }),
      ...{ failed: ['loki'], check: 'loki', says: /401/, todo: /LOKI_URL and its credentials/ },
    },
    {
      what: 'the traces never answer',
      set: async () => ({ TRACES_URL: await answering(() => undefined) }),
      ...{ failed: ['traces'], check: 'traces', says: /./, todo: /TRACES_URL/ },
    },
    {
      what: 'Chroma is down',
      set: async () => ({ CHROMA_URL: `http://127.0.0.1:${await freePort()}` }),
      ...{ failed: ['chroma'], check: 'chroma', says: /ECONNREFUSED/, todo: /CHROMA_URL/ },
    },
    {
      what: 'Chroma is something else',
      set: async () => ({ CHROMA_URL: await answering((_, answer) => answer.end('<h1>Grafana</h1>')) }),
      ...{ failed: ['chroma'], check: 'chroma', says: /./, todo: /CHROMA_URL/ },
    },
    {
      what: 'a clock is ahead',
      set: async () => {
        const date = () => new Date(Date.now() + 60_000).toUTCString()
        const body = JSON.stringify({ status: 'success', data: { resultType: 'vector', result: [] } })
        return { PROMETHEUS_URL: await answering((_, answer) => answer.setHeader('date', date()).end(body)) }
      },
      ...{ warned: ['clock'], check: 'clock', says: /PROMETHEUS_URL (59|60|61|62) s/, todo: /NTP/ },
    },
    {
      what: 'variables are invalid',
      set: () => ({ LOKI_URL: 'loki:3100', DECISION_KEYS: 'nonsense' }),
      ...{ failed: ['configuration'], check: 'configuration', says: /^2 errors/, todo: /configuration\.md/ },
    },
  ])('says what to do if $what, and checks the rest', async ({ set, failed = [], warned = [], check, says, todo }) => {
    const { code, lines, inState } = await doctor({ ...well, ...(await set()) })
    expect({ failed: inState('failed'), warned: inState('warning') }).toEqual({ failed, warned })
    expect(code).toBe(failed.length > 0 ? 1 : 0)
    expect(lines.get(check)?.message).toMatch(says)
    expect(lines.get(check)?.todo).toMatch(todo)
    expect(JSON.stringify([...lines])).not.toContain('secret@')
  })

  it('treats an invalid setting as neither absent nor healthy', async () => {
    const { lines } = await doctor({ ...well, LOKI_URL: 'loki:3100' })
    expect(lines.get('loki')).toMatchObject({ state: 'not_checked', message: 'not checked: see configuration' })
    expect(lines.get('configuration')?.details).toContain('LOKI_URL: must be an http(s) URL')
  })

  it('checks the configuration of the named components', async () => {
    const { EXECUTOR_CLIENT_SECRET: _, DECISION_KEYS: __, ...without } = well
    expect((await doctor(without)).code).toBe(0)
    const { lines } = await doctor(without, 'executor')
    expect(lines.get('configuration')?.details).toEqual([
      expect.stringMatching(/^EXECUTOR_CLIENT_SECRET is required/),
      expect.stringMatching(/^DECISION_KEYS is required/),
    ])
  })

  it('distinguishes databases that are new, behind, or of a newer version', async () => {
    const empty = await createDatabase('doctor_empty')
    ends.push(empty.drop)
    const given = { ...well, DATABASE_URL: empty.url }
    const migrations = async () => (await doctor(given)).lines.get('migrations')
    expect(await migrations()).toMatchObject({ state: 'warning', message: 'not applied yet' })
    const { out } = await runHere(['migrate', '--json'], given)
    const made = (JSON.parse(out) as { schemas: string[] }).schemas
    expect(Object.keys(MIGRATIONS).sort()).toEqual(made.filter((one) => one !== 'dbos').sort())
    expect(await migrations()).toMatchObject({ state: 'ok' })
    const pool = openPool({ connectionString: empty.url, max: 1 })
    const { rows } = await pool.query<{ name: string }>(`DELETE FROM gateway.migrations WHERE id = (SELECT max(id) FROM gateway.migrations) RETURNING name`) // prettier-ignore
    expect(await migrations()).toMatchObject({ state: 'warning', message: 'older than this version: gateway' })
    await pool.query('INSERT INTO gateway.migrations (name, run_on) VALUES ($1, now()), ($2, now())', [rows[0]?.name, '9999-of-tomorrow']) // prettier-ignore
    expect(await migrations()).toMatchObject({ state: 'failed', message: 'made by a newer version: gateway' })
    await pool.end()
  })

  it('follows a Kafka from no topics to all well', async () => {
    const [{ registryUrl }, { brokers, stop }] = await Promise.all([kafka(), startPrivateKafka()])
    ends.push(stop)
    const given = { ...well, KAFKA_BROKERS: brokers.join(','), SCHEMA_REGISTRY_URL: registryUrl }
    const before = await doctor(given)
    expect(before.lines.get('topics')).toMatchObject({
      ...{ state: 'failed', message: expect.stringMatching(/^\d+ differences/), todo: expect.stringContaining('sre topics apply') }, // prettier-ignore
    })
    await runHere(['topics', 'apply'], given)
    await runHere(['schemas', 'register'], given)
    const after = await doctor(given)
    expect({ code: after.code, failed: after.inState('failed'), warned: after.inState('warning') }).toEqual({
      ...{ code: 0, failed: [], warned: ['topics'] },
    })
    expect(after.lines.get('schemas')).toMatchObject({ state: 'ok', message: 'all registered' })
    const wrong = await doctor({ ...given, SCHEMA_REGISTRY_URL: new URL('/', registryUrl).href })
    expect(wrong.inState('failed')).toEqual(['registry'])
    expect(wrong.lines.get('registry')?.message).toContain('/apis/ccompat/v7')
    expect(wrong.lines.get('schemas')).toMatchObject({ state: 'not_checked' })
  }, 240_000)
})

describe('a check', () => {
  it('fails by itself, in time', async () => {
    const found = await lookAll(
      [
        { id: 'loki', look: () => new Promise(() => undefined) },
        { id: 'kafka', look: () => Promise.reject(new Error('of its own')) },
        nodeCheck(),
      ],
      50,
    )
    expect(found.map(({ state, says }) => [state, says.en])).toEqual([
      ['failed', 'no answer within 0.05 s'],
      ['failed', 'of its own'],
      ['ok', `version ${process.versions.node}`],
    ])
    expect((await lookAll([nodeCheck('22.3.1')]))[0]).toMatchObject({ state: 'failed', todo: { en: 'install Node.js 24 or newer' } }) // prettier-ignore
  })
})
