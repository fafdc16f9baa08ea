/** Puts the gateway together from its dependencies. Nothing here reads the environment or opens a port. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Bus, Consumption } from '../bus/bus.ts'
import { type Dropped, droppedChannel } from '../bus/dropped.ts'
import { logging } from '../bus/observer.ts'
import { openPool } from '../bus/postgres/pool.ts'
import type { Contract } from '../schemas/contract.ts'
import type { SigningKeys } from '../schemas/signing-keys.ts'
import type { Tenants } from '../tenants/tenants.ts'
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
import type { ViewBounds } from './views/bounds.ts'
import { purgeViews } from './views/purge.ts'
import { statementKeys } from './views/statement-keys.ts'
import { decisionReader } from './views/read-decision.ts'
import { watchSessions } from './views/session-watch.ts'
import { followTopics, migrateViews } from './views/views.ts'

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  version: string
}

export interface GatewayOptions {
  /** PostgreSQL of the views; also read for the agents' evidence where that lies there */
  databaseUrl: string
  /** not closed by the gateway */
  bus: Bus
  contract: Contract
  identity: IdentityOptions
  /** which services a caller may ask about and have acted on, by the tenant of its token */
  tenants: Tenants
  /** `issuer` is the `iss` of the decisions it signs: the name under which the executor trusts these keys */
  decisions: { issuer: string; keys: SigningKeys }
  log: Logger
  limits?: Partial<Limits>
  /** of event streams; default 15,000. A reader that takes nothing for three of them is given up. */
  heartbeatMs?: number
  /** ms a request for a capacity waits for the answer; default 20,000 */
  capacityWaitMs?: number
  /** probes of readyz for what is configured */
  sources?: Gateway['sources']
  /** how much of what anybody can publish the views keep */
  viewBounds?: ViewBounds
  /** days sessions are shown; default 30, as long as their topics keep them */
  retentionDays?: number
  now?: () => number
  /** told when the views cannot be folded any more: the process should exit and be restarted */
  onFailed?(error: Error): void
}

/** Brings the gateway's schemas up to date. */
export async function prepareGateway(databaseUrl: string): Promise<void> {
  await migrateViews(databaseUrl)
  await migrateKeys(databaseUrl)
}

/** Migrates, subscribes and returns the app, ready for `inject()` or `listen()`. `app.close()` ends everything it opened. */
export async function buildGateway(options: GatewayOptions): Promise<FastifyInstance> {
  const { databaseUrl, bus, contract, identity, tenants, decisions, log, now = Date.now, sources = {} } = options
  await prepareGateway(databaseUrl)
  const connections = (max: number) =>
    openPool({ connectionString: databaseUrl, max, connectionTimeoutMillis: 5000 }, (err) =>
      log.warn({ err }, 'a database connection broke'),
    )
  const pool = connections(10)
  const locks = connections(2)
  const limits = { ...defaultLimits, ...options.limits }
  const streams = createStreamPlaces(limits)
  const viewsUnhealthy = () => (consumption === undefined ? 'not subscribed' : consumption.unhealthy())
  const metrics = createMetrics(streams, viewsUnhealthy)
  const closing = new AbortController()
  const views = { pool, readDecision: decisionReader(decisions) }
  const watch = watchSessions({ databaseUrl, log })
  let consumption: Consumption | undefined
  const app = await createApp({
    document: readDocument(),
    closing,
    checkToken: createTokenCheck({ ...identity, keys: createIssuerKeys(identity.issuer), now }),
    gateway: {
      ...{ pool, locks, bus, views, watch, tenants, streams, decisions, sources, metrics, now, log },
      viewsUnhealthy,
      limits,
      heartbeatMs: options.heartbeatMs ?? 15_000,
      capacityWaitMs: options.capacityWaitMs ?? 20_000,
      version,
      startedAt: now(),
      closing: closing.signal,
    },
  })
  const countDropped = (message: unknown): void => {
    const { what, count } = message as Dropped
    metrics.dropped.inc({ what }, count)
  }
  droppedChannel.subscribe(countDropped)
  const purge = async (): Promise<void> => {
    await purgeKeys(pool)
    await purgeViews(pool, now() - (options.retentionDays ?? 30) * 86_400_000, now())
  }
  const purging = setInterval(() => void purge().catch((err: unknown) => log.warn({ err }, 'not purged')), 3_600_000)
  app.addHook('onReady', async () => {
    consumption = await followTopics({
      ...{ ...views, bus, contract, log, keys: statementKeys(pool) },
      ...(options.viewBounds === undefined ? {} : { bounds: options.viewBounds }),
      onIgnored(ignored) {
        for (const { received, code } of ignored) metrics.ignoredStatements.inc({ event: received.event, code })
      },
      observer: logging(log, { putAside: ({ origin: { topic }, code }) => metrics.deadLetters.inc({ topic, code }) }),
      onFolded(records, seconds) {
        metrics.folded.inc(records)
        metrics.foldSeconds.observe(seconds)
      },
    })
    void consumption.failed.then((error) => options.onFailed?.(error))
  })
  app.addHook('onClose', async () => {
    clearInterval(purging)
    droppedChannel.unsubscribe(countDropped)
    await consumption?.stop()
    await watch.close()
    await Promise.all([pool.end(), locks.end()])
  })
  return app
}
