/** Setting for tests of the control-plane: a database, a bus, an issuer, and deployable services. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { allowInsecureRequests, clientCredentialsGrant, discovery } from 'openid-client'
import type { Pool } from 'pg'
import type { Bus } from '../../bus/bus.ts'
import { createBus, preparePostgresBus } from '../../bus/create.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { createControlPlane, prepareControlPlane } from '../../embedded/control-plane/control-plane.ts'
import type { ControlPlane, ControlPlaneOptions } from '../../embedded/control-plane/control-plane.ts'
import type { ManagedServices, Measurement } from '../../embedded/control-plane/managed-services.ts'
import { startIssuer, type Issuer } from '../../embedded/issuer.ts'
import type { Person } from '../../embedded/issuer/state.ts'
import { signIn } from '../../embedded/issuer/sign-in.ts'
import { loadContract } from '../../schemas/contract.ts'
import type { EventName, Events } from '../../schemas/events.generated.ts'
import { settled } from '../bus/settled.ts'
import { keepPeople } from '../identity/people.ts'
import { createDatabase, type Database } from '../servers/postgres.ts'
import { singleTenant } from '../../tenants/tenants.ts'

const contract = loadContract()

export interface Setting {
  database: Database
  pool: Pool
  bus: Bus
  issuer: Issuer
  dataDir: string
  close(): Promise<void>
}

/** On its own database, or on its own server that a test may stop. */
export async function createSetting(database?: Database, options: SettingOptions = {}): Promise<Setting> {
  return openSetting(database ?? (await createDatabase('control_plane')), options)
}

interface SettingOptions {
  silentMs?: number
  /** people the issuer knows; default: its own four */
  people?: readonly Omit<Person, 'password'>[]
}

async function openSetting(database: Database, { people, ...busOptions }: SettingOptions): Promise<Setting> {
  const dataDir = mkdtempSync(join(tmpdir(), 'control-plane-'))
  await prepareControlPlane(database.url)
  const pool = openPool({ connectionString: database.url, max: 5 })
  await preparePostgresBus(database.url, contract)
  const bus = await createBus({ kind: 'postgres', databaseUrl: database.url, contract, ...busOptions })
  if (people !== undefined) keepPeople(dataDir, people)
  const issuer = await startIssuer({ dataDir })
  return {
    database,
    pool,
    bus,
    issuer,
    dataDir,
    close: async () => {
      await bus.close()
      await pool.end()
      await issuer.close()
      await database.drop()
      rmSync(dataDir, { recursive: true })
    },
  }
}

export interface FakeServices extends ManagedServices {
  /** every deployment carried out, as `<service> <image tag>` */
  deployed: string[]
  /** every other operation carried out: `restart <service>`, `scale <service> <replicas>`, `run <script>` */
  operated: string[]
  measure(round: readonly Omit<Measurement, 'time'>[], time: number): void
}

/** Services without processes: cart and its frontend. `releases`: additional ones of cart; `breaks`: image tags that do not start. */
export function createFakeServices(
  options: { releases?: string[]; breaks?: string[]; beforeDeploy?: (imageTag: string) => Promise<void> } = {},
): FakeServices {
  const listeners = new Set<(round: readonly Measurement[]) => void>()
  const running: Record<string, string> = { frontend: 'frontend:3.2.0', cart: 'cart:1.4.2' }
  const deployed: string[] = []
  const operated: string[] = []
  const replicas: Record<string, number> = { frontend: 1, cart: 1 }
  const startedAt: Record<string, number> = { frontend: Date.now(), cart: Date.now() }
  const service = (name: string, dependsOn: string[]) => ({
    ...{ name, dependsOn, imageTag: running[name] ?? '' },
    ...{ replicas: replicas[name] ?? 1, startedAt: startedAt[name] ?? 0 },
  })
  return {
    ...{ deployed, operated, mostReplicas: 5 },
    services: () => [service('frontend', ['cart']), service('cart', [])],
    restart: async (name) => {
      operated.push(`restart ${name}`)
      startedAt[name] = Date.now()
    },
    scale: async (name, count) => {
      operated.push(`scale ${name} ${count}`)
      replicas[name] = count
    },
    scripts: { clear_carts: { service: 'cart', parameters: { limit: { min: 1, max: 400 } } } },
    runScript: async (name, parameters) => {
      operated.push(`run ${name}`)
      return `cleared ${parameters['limit']} carts`
    },
    releases: { frontend: ['frontend:3.2.0'], cart: ['cart:1.4.2', 'cart:1.5.0', ...(options.releases ?? [])] },
    deploy: async (service, imageTag) => {
      await options.beforeDeploy?.(imageTag)
      if (options.breaks?.includes(imageTag)) throw new Error(`${imageTag} did not become ready`)
      deployed.push(`${service} ${imageTag}`)
      running[service] = imageTag
    },
    onSamples: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    measure: (round, time) => {
      for (const listener of listeners) listener(round.map((one) => ({ ...one, time })))
    },
  }
}

export async function startControlPlane(
  { pool, bus, issuer, dataDir }: Setting,
  options: Partial<ControlPlaneOptions> & Pick<ControlPlaneOptions, 'lab'>,
): Promise<ControlPlane & { url: string }> {
  const controlPlane = await createControlPlane({
    pool,
    bus,
    issuerUrl: issuer.url,
    audience: 'control-plane',
    dataDir,
    tenants: singleTenant,
    ...options,
  })
  return { ...controlPlane, url: await controlPlane.start() }
}

/** A machine's access token, by client credentials. */
export async function machineToken({ issuer }: Setting, clientId: string, scope: string): Promise<string> {
  const config = await discovery(new URL(issuer.url), clientId, issuer.clients[clientId], undefined, {
    execute: [allowInsecureRequests],
  })
  return (await clientCredentialsGrant(config, { scope })).access_token
}

export const passwordOf = ({ issuer }: Setting, username: string): string =>
  issuer.people.find((person) => person.username === username)?.password ?? ''

/** A person's access token for the control-plane. */
export const personToken = async (setting: Setting, username: string): Promise<string> =>
  (
    await signIn({
      issuer: setting.issuer.url,
      username,
      password: passwordOf(setting, username),
      resource: 'urn:sre-platform:control-plane',
    })
  ).accessToken

export interface Answer {
  status: number
  body: Record<string, unknown>
}

/** A client of the HTTP contract. */
export const client =
  (url: string, token: string | null) =>
  async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }

/** All events of one kind published so far. */
export async function published<E extends EventName>({ bus, pool }: Setting, event: E): Promise<Events[E][]> {
  await settled(pool)
  const values: Events[E][] = []
  for await (const delivery of bus.browse(contract.topicOf(event).name))
    values.push((await bus.decode(delivery)).value as Events[E])
  return values
}

/** Headers of all events of one kind published so far. */
export async function headersOf({ bus, pool }: Setting, event: EventName): Promise<Readonly<Record<string, string>>[]> {
  await settled(pool)
  return Array.fromAsync(bus.browse(contract.topicOf(event).name), ({ headers }) => headers)
}
