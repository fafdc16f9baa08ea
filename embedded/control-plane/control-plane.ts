/**
 * A small but real control-plane: manages the lab's services, records changes and incidents, raises alerts, requests diagnoses, lets people decide,
 * and executes approved actions. One process, with its state in PostgreSQL.
 */
import { join } from 'node:path'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Pool } from 'pg'
import { pino, type Logger } from 'pino'
import type { OpenBounds } from '../../agents/executor/open-bounds.ts'
import type { Bus, Consumption } from '../../bus/bus.ts'
import { logging } from '../../bus/observer.ts'
import { migrate } from '../../bus/postgres/migrate.ts'
import { languageOf } from '../../gateway/present/language.ts'
import { refuseUnreadable } from '../../gateway/server-refusals.ts'
import { requestIdOf } from '../../gateway/trace.ts'
import { statementKeys } from '../../bus/statements/keys.ts'
import type { KeySet } from '../../schemas/signed.ts'
import { openSigningKeys } from '../../schemas/signing-keys.ts'
import type { Tenants } from '../../tenants/tenants.ts'
import { createAccess, demandScope, type Access, type Caller, type Scope } from './access.ts'
import { failureAnswer } from './api-error.ts'
import { approvalGroup, approvalTopics, createApprovals } from './approvals/approvals.ts'
import { createLogin } from './approvals/login.ts'
import { approvalApi, approvalPages } from './approvals/routes.ts'
import { createBackground } from './background.ts'
import { createDeployments, type DeploymentRow } from './deployments.ts'
import { createExecutions } from './executions.ts'
import type { House } from './house.ts'
import { createIncidents } from './incidents.ts'
import type { ManagedServices } from './managed-services.ts'
import { createRecentMeasurements } from './measurements.ts'
import { createOutbox } from './outbox.ts'
import { createOver } from './over.ts'
import { refusalBody, refuseUnknown } from './outside.ts'
import { alertmanagerRoutes } from './routes/alertmanager.ts'
import { automationRoutes } from './routes/automation.ts'
import { changeRoutes } from './routes/changes.ts'
import { incidentRoutes } from './routes/incidents.ts'
import { shopRules, type Rule } from './rules.ts'
import { severitiesFrom, type Severity } from './severities.ts'
import { recordToldChanges } from './told-changes.ts'
import { createWatch } from './watch.ts'

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller
  }
  interface FastifyContextConfig {
    /** required scope, if not the default of its method */
    scope?: Scope
  }
}

export interface ControlPlaneOptions {
  /** a database with the schema of `prepareControlPlane` */
  pool: Pool
  bus: Bus
  /** the services it manages */
  lab: ManagedServices
  issuerUrl: string
  /** `aud` of accepted tokens */
  audience: string
  /** where the keys that sign decisions are stored */
  dataDir: string
  /** client ids of machines whose tokens are accepted, besides people's; default: the agents' and its own */
  machines?: readonly string[]
  /** those that serve every tenant; the others belong to the tenant in their token; default: the agents */
  agents?: readonly string[]
  /** the client people sign in through; `resource` (RFC 8707) only if the issuer requires it; default: the embedded issuer's client */
  people?: { clientId: string; resource: string | null }
  /** URL for browsers and for verifiers of decisions; default: the listening address */
  publicUrl?: string
  /** `iss` of signed decisions; default `control-plane` */
  signer?: string
  /** public keys of the executors; default: those in this database */
  statementKeys?: KeySet
  /** limits on open approvals; excess ones go to dead letters */
  openBounds?: OpenBounds
  rules?: readonly Rule[]
  /** bearer token of Alertmanager's webhook; with one, alerts come from there alone, and nothing is judged by measurements */
  alertsToken?: string
  /** ms of measurements to collect after a deployment before judging it; default 30,000 */
  judgeAfterMs?: number
  /** which tenant owns which services */
  tenants: Tenants
  namespace?: string
  /** the least severe incident whose postmortem is requested once it is resolved; null: none; default P2 */
  postmortemsFrom?: Severity | null
  clock?: () => number
  log?: Logger
}

export interface ControlPlane {
  app: FastifyInstance
  /** consumes, watches, continues unfinished work, and listens; resolves to its URL */
  start(port?: number, host?: string): Promise<string>
  /** settles when the consumer has failed permanently: the process should exit and be restarted */
  readonly failed: Promise<Error>
  /** why its consumer is stalled, in words safe to show to anyone; null: it is not */
  unhealthy(): string | null
  /** idempotent; finishes running work */
  stop(): Promise<void>
}

export const prepareControlPlane = (databaseUrl: string): Promise<void> =>
  migrate(databaseUrl, 'control_plane', join(import.meta.dirname, 'migrations'))

export async function createControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { pool, bus, lab, issuerUrl, clock = Date.now, log = pino({ level: 'silent' }) } = options
  const outbox = createOutbox({ pool, bus, log })
  const house: House = {
    pool,
    bus,
    outbox,
    managed: lab,
    clock,
    log,
    identity: `${issuerUrl}|control-plane`,
    tenants: options.tenants,
    namespace: options.namespace ?? 'shop',
  }
  const keys = await openSigningKeys({ dir: join(options.dataDir, 'signing-keys') })
  const background = createBackground(log)
  const recent = createRecentMeasurements()
  const deployments = createDeployments(house)
  const executions = createExecutions(house, deployments, background)
  const { postmortemsFrom = 'P2' } = options
  const severities = severitiesFrom(postmortemsFrom)
  const incidents = createIncidents(house, severities)
  const over = createOver({ house, severities })
  const judgeAfterMs = options.judgeAfterMs ?? 30_000
  const watch = createWatch({ house, rules: options.rules ?? shopRules, judgeAfterMs, recent, incidents, deployments })
  const approvals = createApprovals({
    ...{ house, keys, signer: options.signer ?? 'control-plane' },
    statementKeys: options.statementKeys ?? statementKeys(pool),
    ...(options.openBounds === undefined ? {} : { bounds: options.openBounds }),
  })
  const { clientId, resource } = options.people ?? { clientId: 'console', resource: 'urn:sre-platform:control-plane' }
  const machineClients = options.machines ?? knownMachines
  const access = createAccess({
    ...{ issuerUrl, audience: options.audience, machineClients, personClients: [clientId] },
    agents: options.agents ?? knownAgents,
  })
  const login = createLogin({ issuerUrl, clientId, resource, scope: peopleScope, access, clock })

  const carryOut = (deployment: DeploymentRow) =>
    background.run({ deployment: deployment.id }, async () => watch.deployed(await deployments.carryOut(deployment)))

  const answerFailure = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const { status, body } = failureAnswer(error, request.id, languageOf(request.headers['accept-language']))
    if (status >= 500) log.error({ request_id: request.id, error: String(error) }, 'request failed')
    if (status === 401) reply.header('www-authenticate', 'Bearer')
    return reply.code(status).send(body)
  }
  const app = Fastify({
    ...{ frameworkErrors: answerFailure, clientErrorHandler: refuseUnreadable(refusalBody) },
    // a request without a Host header is refused by a hook, with an error body like any other
    http: { requireHostHeader: false },
    ...{ logger: false, bodyLimit: 65_536, return503OnClosing: false, forceCloseConnections: true },
    requestTimeout: 30_000,
    genReqId: requestIdOf,
  })
  let url = ''
  app.setErrorHandler(answerFailure)
  refuseUnknown(app)
  app.get('/healthz', () => ({ status: 'healthy', timestamp: new Date(clock()) }))
  app.get('/.well-known/jwks.json', () => keys.jwks())
  await app.register(async (pages) =>
    approvalPages(pages, { approvals, login, clock, publicUrl: () => options.publicUrl ?? url }),
  )
  const { alertsToken } = options
  if (alertsToken !== undefined) alertmanagerRoutes(app, { house, incidents, token: alertsToken })
  await app.register(
    async (api) => {
      guard(api, access)
      incidentRoutes(api, { house, rules: watch.state })
      changeRoutes(api, { house, deployments, recent, carryOut })
      automationRoutes(api, { house, executions })
      approvalApi(api, approvals)
    },
    { prefix: '/api/v1' },
  )

  let consumption: Consumption | null = null
  let leaveChanges = (): void => undefined
  const { promise: failed, resolve: fail } = Promise.withResolvers<Error>()
  let stopping: Promise<void> | null = null
  return {
    app,
    start: async (port = 0, host = '127.0.0.1') => {
      outbox.start()
      leaveChanges = recordToldChanges(house, background)
      if (alertsToken === undefined) await watch.start()
      for (const deployment of await deployments.running()) if (deployment.execution_id === null) carryOut(deployment)
      await executions.resume()
      consumption = await bus.subscribe({
        group: approvalGroup,
        consumer: 'control-plane',
        topics: approvalTopics,
        observer: logging(log),
        handle: approvals.handle,
      })
      void consumption.failed.then(fail)
      over.start()
      url = await app.listen({ host, port })
      return url
    },
    failed,
    unhealthy: () => (consumption === null ? 'not subscribed' : consumption.unhealthy()),
    stop: () => {
      stopping ??= (async () => {
        await app.close()
        leaveChanges()
        await consumption?.stop()
        await over.stop()
        await watch.stop()
        await background.stop()
        await outbox.stop()
      })()
      return stopping
    },
  }
}

const knownAgents = ['sre-assistant', 'sre-postmortem', 'sre-executor']
const knownMachines = [...knownAgents, 'control-plane']
const peopleScope = 'openid sre-platform:read sre-platform:write sre-platform:approve'

/** Every route needs a token, and the scope of its method or its own. */
function guard(api: FastifyInstance, access: Access): void {
  api.decorateRequest('caller')
  api.addHook('onRequest', async (request) => {
    request.caller = await access.bearer(request.headers.authorization)
    const byMethod = request.method === 'GET' || request.method === 'HEAD' ? 'sre-platform:read' : 'sre-platform:write'
    demandScope(request.caller, request.routeOptions.config.scope ?? byMethod)
  })
}
