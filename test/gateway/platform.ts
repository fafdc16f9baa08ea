/** A gateway with everything it stands on, real: database, issuer, keys. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { allowInsecureRequests, clientCredentialsGrant, discovery } from 'openid-client'
import { pino } from 'pino'
import { startIssuer } from '../../embedded/issuer.ts'
import type { Issuer } from '../../embedded/issuer.ts'
import { signIn } from '../../embedded/issuer/sign-in.ts'
import { buildGateway } from '../../gateway/build.ts'
import type { GatewayOptions } from '../../gateway/build.ts'
import { loadContract } from '../../schemas/contract.ts'
import { openSigningKeys } from '../../schemas/signing-keys.ts'
import type { SigningKeys } from '../../schemas/signing-keys.ts'
import { createDatabase } from '../servers/postgres.ts'
import { createMemoryBus } from './memory-bus.ts'
import type { MemoryBus } from './memory-bus.ts'

export interface Platform {
  app: FastifyInstance
  bus: MemoryBus
  issuer: Issuer
  keys: SigningKeys
  databaseUrl: string
  /** a token of a person, by name, or of a machine, by client id */
  tokenOf(who: string, scope?: string): Promise<string>
  /** asks as somebody; `null` asks without a token */
  ask(who: string | null, method: 'GET' | 'POST' | 'DELETE', url: string, options?: Ask): Promise<Answer>
  /** another gateway over the same database, bus and issuer */
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

const machineScopes: Record<string, string> = { 'control-plane': 'sre-platform:read sre-platform:diagnose' }

export const decisionIssuer = 'http://gateway.test'

export async function startPlatform(over: Partial<GatewayOptions> = {}): Promise<Platform> {
  const database = await createDatabase('gateway')
  const dataDir = mkdtempSync(join(tmpdir(), 'gateway-'))
  const issuer = await startIssuer({ dataDir })
  const keys = await openSigningKeys({ dir: join(dataDir, 'keys') })
  const bus = createMemoryBus()
  const another = async (more: Partial<GatewayOptions> = {}): Promise<FastifyInstance> => {
    const app = await buildGateway({
      databaseUrl: database.url,
      bus,
      contract: loadContract(),
      identity: { issuer: issuer.url },
      decisions: { issuer: decisionIssuer, keys },
      log: pino({ level: 'silent' }),
      ...over,
      ...more,
    })
    await app.ready()
    return app
  }
  const app = await another()
  const tokens = new Map<string, Promise<string>>()
  const tokenOf = (who: string, scope?: string): Promise<string> => {
    const known = tokens.get(`${who} ${scope}`) ?? obtain(issuer, who, scope)
    tokens.set(`${who} ${scope}`, known)
    return known
  }
  return {
    ...{ app, bus, issuer, keys, tokenOf, another, databaseUrl: database.url },
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
      await issuer.close()
      await database.drop()
      rmSync(dataDir, { recursive: true })
    },
  }
}

export async function inject(app: FastifyInstance, options: InjectOptions): Promise<Answer> {
  const { statusCode, headers, payload } = await app.inject(options)
  const json = String(headers['content-type']).startsWith('application/json')
  return { status: statusCode, headers, text: payload, body: json ? JSON.parse(payload) : {} }
}

async function obtain(issuer: Issuer, who: string, scope?: string): Promise<string> {
  const person = issuer.people.find(({ username }) => username === who)
  if (person !== undefined)
    return (await signIn({ issuer: issuer.url, username: who, password: person.password, ...(scope ? { scope } : {}) }))
      .accessToken
  const config = await discovery(new URL(issuer.url), who, issuer.clients[who], undefined, {
    execute: [allowInsecureRequests],
  })
  return (await clientCredentialsGrant(config, { scope: scope ?? machineScopes[who] ?? '' })).access_token
}
