/** A gateway with real dependencies: database, bus, issuer, keys. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { pino } from 'pino'
import { expect } from 'vitest'
import type { Pool } from 'pg'
import { BusError } from '../../bus/bus.ts'
import type { Bus, EncodedRecord, Received } from '../../bus/bus.ts'
import type { BusOptions } from '../../bus/create.ts'
import { createBus, prepareKafkaBus, preparePostgresBus } from '../../bus/create.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { prepareExecutor } from '../../agents/executor/executor.ts'
import { createSeal } from '../../agents/executor/statements.ts'
import { startIssuer } from '../../embedded/issuer.ts'
import type { Issuer } from '../../embedded/issuer.ts'
import type { Person } from '../../embedded/issuer/state.ts'
import { buildGateway } from '../../gateway/build.ts'
import type { GatewayOptions } from '../../gateway/build.ts'
import type { ViewEvent } from '../../gateway/views/fold.ts'
import { loadContract } from '../../schemas/contract.ts'
import type { Contract } from '../../schemas/contract.ts'
import { openSigningKeys } from '../../schemas/signing-keys.ts'
import type { SigningKeys } from '../../schemas/signing-keys.ts'
import type { EventName } from '../../schemas/events.generated.ts'
import { published } from '../bus/published.ts'
import { kafka } from '../servers/kafka.ts'
import { createDatabase } from '../servers/postgres.ts'
import { keepPeople } from '../identity/people.ts'
import type { Database } from '../servers/postgres.ts'
import type { WithoutContract } from '../runtime/counting.ts'
import { expectDescribed } from './described.ts'
import { ownTopics } from './own-topics.ts'
import { unlimited } from '../../bench/fuzz/http/surface.ts'
import { tokenFrom } from '../../bench/fuzz/http/tokens.ts'
import { singleTenant } from '../../tenants/tenants.ts'

export interface Platform {
  app: FastifyInstance
  /** the options it was built with */
  options: GatewayOptions
  bus: Bus
  /** for another process: its bus, and the prefix of its topic names */
  busOptions: WithoutContract<BusOptions>
  prefix: string
  /** makes the bus fail as if its server were down */
  takeBusAway(away: boolean): void
  /** an event as agents publish it, with the executor's statements signed */
  encoded(event: ViewEvent): Promise<EncodedRecord>
  /** publishes as agents do, with the executor's statements signed, and waits until the views have it */
  tell(...events: ViewEvent[]): Promise<void>
  /** all events of a topic */
  published<E extends EventName>(event: E): Promise<(Received & { event: E })[]>
  issuer: Issuer
  keys: SigningKeys
  databaseUrl: string
  /** a pool of two connections, for tests to query and change the database */
  pool: Pool
  keysDir: string
  /** a token of a person, by name, or of a machine, by client id */
  tokenOf(who: string, scope?: string): Promise<string>
  /** sends a request as this caller; `null`: without a token */
  ask(who: string | null, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, options?: Ask): Promise<Answer>
  /** another gateway on the same database, bus and issuer */
  another(over?: Partial<GatewayOptions>): Promise<FastifyInstance>
  close(): Promise<void>
}

interface Ask {
  body?: unknown
  headers?: Record<string, string>
}

export interface Answer {
  status: number
  headers: Record<string, unknown>
  body: Record<string, unknown>
  text: string
}

type Inject = InjectOptions & { method: 'GET' | 'POST' | 'PATCH' | 'DELETE'; url: string }

/** Servers a test provides itself; default: a database on the shared server, and the bus in it. */
export interface Servers {
  database?: Database
  /** people the issuer knows; default: its own four */
  people?: readonly Omit<Person, 'password'>[]
  /** uses the shared broker, with topics of its own */
  kafka?: boolean
}

export const decisionIssuer = 'http://gateway.test'

export async function startPlatform(over: Partial<GatewayOptions> = {}, servers: Servers = {}): Promise<Platform> {
  const database = servers.database ?? (await createDatabase('gateway'))
  const dataDir = mkdtempSync(join(tmpdir(), 'gateway-'))
  if (servers.people !== undefined) keepPeople(dataDir, servers.people)
  const issuer = await startIssuer({ dataDir })
  const keysDir = join(dataDir, 'keys')
  const keys = await openSigningKeys({ dir: keysDir })
  const prefix = servers.kafka ? `t${randomBytes(4).toString('hex')}.` : ''
  const contract = ownTopics(loadContract(), prefix)
  const busOptions = await prepareBus(database.url, contract, servers)
  const real = await createBus({ ...busOptions, contract } as BusOptions)
  const pool = openPool({ connectionString: database.url, max: 2 })
  await prepareExecutor(database.url)
  const seal = createSeal(pool)
  const encoded = async ({ event, value }: ViewEvent) => seal(event, await real.encode(event, value))
  let away = false
  const bus: Bus = {
    ...real,
    publish: async (records) => {
      if (away) throw new BusError('unavailable', 'the bus is away')
      return real.publish(records)
    },
    health: async () => (away ? { ok: false, reason: 'away' } : real.health()),
  }
  const options: GatewayOptions = {
    databaseUrl: database.url,
    bus,
    contract,
    identity: { issuer: issuer.url },
    tenants: singleTenant,
    // few tests have an agent that looks incidents up
    incidentWaitMs: 100,
    decisions: { issuer: decisionIssuer, keys },
    log: pino({ level: 'silent' }),
    ...over,
    // tests poll often
    limits: { ...unlimited, ...over.limits },
  }
  const another = async (more: Partial<GatewayOptions> = {}): Promise<FastifyInstance> => {
    const app = await buildGateway({ ...options, ...more })
    await app.ready()
    return app
  }
  const app = await another()
  const tokens = new Map<string, Promise<string>>()
  const tokenOf = (who: string, scope?: string): Promise<string> => {
    const known = tokens.get(`${who} ${scope}`) ?? tokenFrom(issuer, who, scope)
    tokens.set(`${who} ${scope}`, known)
    return known
  }
  return {
    ...{ app, bus, issuer, keys, options, tokenOf, another, keysDir, pool, databaseUrl: database.url },
    ...{ busOptions, prefix, encoded },
    takeBusAway: (gone) => (away = gone),
    async tell(...events) {
      await real.publish(await Promise.all(events.map(encoded)))
      const ids = events
        .filter(({ event }) => !['ApprovalDecided', 'AgentStatus', 'PostmortemCompleted'].includes(event))
        .map(({ value }) => value.event_id)
      await expect.poll(() => folded(pool, ids), { timeout: 60_000, interval: 20 }).toBe(ids.length)
    },
    published: (event) => published(event, { bus: real, contract, pool }),
    ask: async (who, method, url, { body, headers } = {}) => {
      const authorization = who === null ? {} : { authorization: `Bearer ${await tokenOf(who)}` }
      return inject(app, {
        method,
        url,
        headers: { ...authorization, ...headers },
        ...(body === undefined ? {} : { payload: body as object }),
      })
    },
    async close() {
      await app.close()
      await real.close()
      await pool.end()
      await issuer.close()
      await database.drop()
      rmSync(dataDir, { recursive: true })
    },
  }
}

async function prepareBus(databaseUrl: string, contract: Contract, servers: Servers) {
  if (!servers.kafka) {
    await preparePostgresBus(databaseUrl, contract)
    return { kind: 'postgres' as const, databaseUrl }
  }
  const options = { ...(await kafka()), sessionMs: 6000 }
  await prepareKafkaBus({ ...options, contract }, { replicas: 1 })
  return { kind: 'kafka' as const, ...options }
}

async function folded(pool: Pool, ids: readonly string[]): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM gateway.session_events WHERE event_id = ANY($1::uuid[])',
    [ids],
  )
  return rows[0]?.n ?? 0
}

/** Sends a request and checks the response against the document. */
export async function inject(app: FastifyInstance, options: Inject): Promise<Answer> {
  const { statusCode, headers, payload } = await app.inject(options)
  const json = String(headers['content-type']).startsWith('application/json')
  const answer = { status: statusCode, headers, text: payload, body: json ? JSON.parse(payload) : {} }
  expectDescribed(options.method, options.url, answer)
  return answer
}
