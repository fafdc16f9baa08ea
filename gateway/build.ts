/** Assembles the gateway from its dependencies. It does not read the environment or open a port. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Bus, Consumption } from '../bus/bus.ts'
import { logging } from '../bus/observer.ts'
import { openPool } from '../bus/postgres/pool.ts'
import { readinessOf } from '../health/readiness.ts'
import type { Contract } from '../schemas/contract.ts'
import type { SigningKeys } from '../schemas/signing-keys.ts'
import type { Tenants } from '../tenants/tenants.ts'
import { deliverPushes } from './a2a/push/deliver.ts'
import { watchAnswers } from './answering.ts'
import { createApp } from './app.ts'
import { createTokenCheck } from './auth/caller.ts'
import type { IdentityOptions } from './auth/caller.ts'
import { createIssuerKeys } from './auth/issuer-keys.ts'
import { readDocument } from './document.ts'
import { defaultLimits } from './gateway.ts'
import type { Gateway, Limits } from './gateway.ts'
import { migrateKeys, purgeKeys } from './idempotency/keys.ts'
import { createMetrics } from './metrics.ts'
import { createStreamPlaces } from './stream-places.ts'
import { readTls, type TlsFiles } from './tls.ts'
import type { ViewBounds } from './views/bounds.ts'
import { purgeViews } from './views/purge.ts'
import { statementKeys } from '../bus/statements/keys.ts'
import { decisionReader } from './views/read-decision.ts'
import { watchSessions } from './views/session-watch.ts'
import { followTopics, migrateViews } from './views/views.ts'

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  version: string
}

export interface GatewayOptions {
  /** PostgreSQL of the views; also read for the agents' evidence if that is in the same database */
  databaseUrl: string
  /** not closed by the gateway */
  bus: Bus
  contract: Contract
  identity: IdentityOptions
  /** bearer token of Alertmanager's webhook; absent: it needs an access token like any other */
  alertsToken?: string
  /** which services each tenant may ask about and act on */
  tenants: Tenants
  /** `issuer` is the `iss` of signed decisions, by which the executor finds these keys */
  decisions: { issuer: string; keys: SigningKeys }
  log: Logger
  limits?: Partial<Limits>
  /** absent: plain HTTP */
  tls?: TlsFiles
  /** origins that A2A push notifications may be sent to; absent: they are not offered */
  pushOrigins?: readonly string[]
  /** URL by which clients reach the gateway, for the agent card and the metadata of MCP; absent: as each request addresses it */
  publicUrl?: string
  /** ms between heartbeats of event streams; default 15,000. A client that reads nothing for three of them is disconnected. */
  heartbeatMs?: number
  /** ms a capacity request waits for its result, and a proposal for its answer; default 20,000 */
  capacityWaitMs?: number
  /** ms a request for a postmortem waits for the agent to look up an incident that no session names; default 5,000 */
  incidentWaitMs?: number
  /** readiness probes of the configured sources */
  sources?: Gateway['sources']
  /** limits on what the views store from topics that anyone can publish to */
  viewBounds?: ViewBounds
  /** days a session is shown; default 30, the retention of its topics */
  retentionDays?: number
  now?: () => number
  /** called when the views cannot be updated any more: the process should exit and be restarted */
  onFailed?(error: Error): void
}

/** Migrates the gateway's schemas. */
export async function prepareGateway(databaseUrl: string): Promise<void> {
  await migrateViews(databaseUrl)
  await migrateKeys(databaseUrl)
}

export interface AssembledGateway {
  app: FastifyInstance
  registry: Registry
  ready(): Promise<{ ready: boolean }>
}

/** Migrates, subscribes and returns the app, ready for `inject()` or `listen()`. `app.close()` closes everything it opened. */
export const buildGateway = async (options: GatewayOptions): Promise<FastifyInstance> =>
  (await assembleGateway(options)).app

/** The same, with what the health port shows. */
export async function assembleGateway(options: GatewayOptions): Promise<AssembledGateway> {
  const {
    databaseUrl,
    bus,
    contract,
    identity,
    tenants,
    decisions,
    log,
    now = Date.now,
    sources = {},
    pushOrigins = [],
    retentionDays = 30,
  } = options
  await prepareGateway(databaseUrl)
  const connections = (max: number) =>
    openPool({ connectionString: databaseUrl, max, connectionTimeoutMillis: 5000 }, (err) =>
      log.warn({ err }, 'lost a database connection'),
    )
  const pool = connections(10)
  const locks = connections(2)
  const limits = { ...defaultLimits, ...options.limits }
  const streams = createStreamPlaces(limits)
  const viewsUnhealthy = () => (consumption === undefined ? 'not subscribed' : consumption.unhealthy())
  const metrics = createMetrics(streams, { bus, unhealthy: viewsUnhealthy })
  const closing = new AbortController()
  const views = { pool, readDecision: decisionReader(decisions) }
  const watch = watchSessions({ databaseUrl, log })
  const answering = watchAnswers(databaseUrl)
  let consumption: Consumption | undefined
  const document = readDocument()
  const app = await createApp({
    ...{ document, closing, answering, alertsToken: options.alertsToken },
    card: { version, issuer: identity.issuer, publicUrl: options.publicUrl, pushOrigins },
    ...(options.tls === undefined ? {} : { tls: readTls(options.tls) }),
    checkToken: createTokenCheck({ ...identity, keys: createIssuerKeys(identity.issuer), now }),
    gateway: {
      ...{ pool, locks, bus, views, watch, tenants, streams, decisions, sources, metrics, now, log },
      viewsUnhealthy,
      issuer: identity.issuer,
      publicUrl: options.publicUrl,
      specification: document.specification,
      limits,
      heartbeatMs: options.heartbeatMs ?? 15_000,
      capacityWaitMs: options.capacityWaitMs ?? 20_000,
      incidentWaitMs: options.incidentWaitMs ?? 5000,
      version,
      startedAt: now(),
      closing: closing.signal,
    },
  })
  const purge = async (): Promise<void> => {
    await purgeKeys(pool)
    await purgeViews(pool, now() - retentionDays * 86_400_000, now())
  }
  const purging = setInterval(() => void purge().catch((err: unknown) => log.warn({ err }, 'not purged')), 3_600_000)
  let pushing: { stop(): Promise<void> } | undefined
  app.addHook('onReady', async () => {
    if (pushOrigins.length > 0) pushing = deliverPushes({ pool, log, origins: pushOrigins, retentionDays })
    consumption = await followTopics({
      ...{ ...views, bus, contract, log, keys: statementKeys(pool) },
      ...(options.viewBounds === undefined ? {} : { bounds: options.viewBounds }),
      onIgnored(ignored) {
        for (const { received, code } of ignored) metrics.ignoredStatements.inc({ event: received.event, code })
      },
      observer: logging(log),
      onFolded(records, seconds) {
        metrics.folded.inc(records)
        metrics.foldSeconds.observe(seconds)
      },
    })
    void consumption.failed.then((error) => options.onFailed?.(error))
  })
  app.addHook('onClose', async () => {
    clearInterval(purging)
    metrics.close()
    await pushing?.stop()
    await consumption?.stop()
    await watch.close()
    await Promise.all([pool.end(), locks.end(), answering.close()])
  })
  return { app, registry: metrics.registry, ready: readinessOf({ pool, bus, sources, unhealthy: viewsUnhealthy }) }
}
