/** Everything on one machine in one process: real PostgreSQL, issuer, control-plane and shop, the PostgreSQL bus, gateway and agents. */
import { join } from 'node:path'
import { createRemoteJWKSet } from 'jose'
import type { Logger } from 'pino'
import { type Catalogue, DECIDERS } from '../actions/catalogue.ts'
import { arriving } from '../agents/anomaly/source.ts'
import type { AssistantOptions } from '../agents/assistant/assistant.ts'
import type { Runtime } from '../agents/runtime/runtime.ts'
import type { ToolCheck } from '../agents/runtime/status.ts'
import { recordedChanges } from '../agents/tools/changes/recorded.ts'
import { recordedControlPlane } from '../agents/tools/recording/control-plane.ts'
import { recordedLogs } from '../agents/tools/recording/logs.ts'
import { recordedMetrics } from '../agents/tools/recording/metrics.ts'
import { finishedRecording } from '../agents/tools/recording/source.ts'
import { recordedTraces } from '../agents/tools/recording/traces.ts'
import { liveMemory } from '../agents/tools/memory/memory.ts'
import type { Tools } from '../agents/tools/tools.ts'
import type { Bus } from '../bus/bus.ts'
import { type BusOptions, createBus, preparePostgresBus } from '../bus/create.ts'
import { openPool } from '../bus/postgres/pool.ts'
import type { Limits } from '../gateway/gateway.ts'
import { serveGateway } from '../gateway/serve.ts'
import type { Embedder } from '../memory/embedding.ts'
import type { Place } from '../memory/recall.ts'
import { loadContract } from '../schemas/contract.ts'
import type { DiagnosisRequested } from '../schemas/events.generated.ts'
import { openSigningKeys } from '../schemas/signing-keys.ts'
import { singleTenant, type Tenants } from '../tenants/tenants.ts'
import { prepareAgents, startAgents } from './agents.ts'
import type { Severity } from './control-plane/severities.ts'
import { type ChromaNews, startLocalChroma } from './chroma.ts'
import { SHOP_TIMES, startWatching, type WatchingOptions } from './anomaly.ts'
import { openDataDir } from './data-dir.ts'
import { lockDataDir } from './data-dir-lock.ts'
import { type DatabaseNews, watchDatabase } from './database-watch.ts'
import { type Issuer, startIssuer } from './issuer.ts'
import { readState } from './issuer/state.ts'
import { portFor, refusedPort } from './ports.ts'
import { startLocalPostgres } from './postgres.ts'
import { type Shop, startShop } from './shop.ts'

export interface PlatformOptions {
  /** folder for all data */
  dataDir: string
  log: Logger
  /** port of the gateway; default 8080; 0 picks a free one */
  port?: number
  /** default: PostgreSQL from npm, with its data in `dataDir` */
  databaseUrl?: string
  /** default: the log in PostgreSQL */
  bus?: Exclude<BusOptions, { kind: 'postgres' }>
  /** which tenant owns which services; default: `default` owns all */
  tenants?: Tenants
  /** recordings that may be diagnosed, by id */
  recordings: ReadonlyMap<string, string>
  /** tools for the user's own systems; there is then no shop and no actions */
  own?: Tools
  /** whether these answer */
  ownChecks?: readonly ToolCheck[]
  /** ms after an action at which its effect is measured */
  verifyAfterMs?: readonly number[]
  /** the actions that may be proposed and run; default: those in actions.yaml */
  catalogue?: Catalogue
  /** earlier incidents, runbooks and postmortems; absent: none. Without `url`, a Chroma from npm with its data in `dataDir` */
  memory?: { url?: string; embedder: Embedder; news: ChromaNews }
  /** overrides of the assistant's defaults */
  assistant?: Partial<Omit<AssistantOptions, 'tenants' | 'evidence' | 'toolsFor' | 'catalogue'>>
  /** which anomalies of the shop ask for a diagnosis; default: none */
  anomaly?: Pick<WatchingOptions, 'policyFile' | 'requestedBy'>
  gatewayLimits?: Limits
  /** bearer token of Alertmanager's webhook at the gateway; absent: the webhook needs an access token */
  alertsToken?: string
  /** the least severe incident of the shop whose postmortem is requested once it is resolved; null: none; default P2 */
  postmortemsFrom?: Severity | null
  /** days sessions are kept; default 30 */
  retentionDays?: number
  /** called as each part starts, to show progress */
  onStarted?(part: string): void
  /** called when the database goes down and when it comes back */
  database?: DatabaseNews
}

export interface Platform {
  gatewayUrl: string
  databaseUrl: string
  issuer: Issuer
  /** null: the user's own systems are diagnosed instead */
  shop: Shop | null
  bus: Bus
  runtime: Runtime
  /** settles when a part has died, the database is lost or a consumer has failed, permanently: the process should exit and be restarted */
  readonly failed: Promise<Error>
  /** takes limited time; may be called twice */
  stop(): Promise<void>
}

const SIGNER = 'sre-gateway'
const DAY_MS = 86_400_000

/** Throws `StartRefused`, before starting anything, if it cannot start. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { dataDir, log, tenants = singleTenant, port: gatewayPort = 8080, onStarted = () => undefined } = options
  openDataDir(dataDir)
  const lock = lockDataDir(dataDir)
  const contract = loadContract()
  const ends: (() => Promise<unknown>)[] = [async () => lock.release()]
  const stop = async () => {
    for (const end of ends.splice(0).reverse())
      await end().catch((error: unknown) => log.error({ error: String(error) }, 'did not stop cleanly'))
  }
  try {
    await portFor('gateway', gatewayPort)
    await portFor('identity provider', readState(dataDir)?.port ?? 0)
    const local = options.databaseUrl === undefined ? await startLocalPostgres(dataDir) : null
    if (local !== null) ends.push(() => local.close())
    const databaseUrl = options.databaseUrl ?? local?.url ?? ''
    onStarted('PostgreSQL')
    await prepareAgents(databaseUrl)
    if (options.bus === undefined) await preparePostgresBus(databaseUrl, contract)
    const bus = await createBus(options.bus ?? { kind: 'postgres', databaseUrl, contract })
    ends.push(() => bus.close())
    const issuer = await startIssuer({ dataDir })
    ends.push(() => issuer.close())
    onStarted('identity provider')
    const shop =
      options.own === undefined
        ? await startShop({
            ...{ dataDir, databaseUrl, bus, issuer, tenants, log, onStarted, ends },
            ...(options.postmortemsFrom === undefined ? {} : { postmortemsFrom: options.postmortemsFrom }),
          })
        : null

    const keys = await openSigningKeys({ dir: join(dataDir, 'gateway-keys') })
    const { promise: gatewayFailed, resolve: failGateway } = Promise.withResolvers<Error>()
    const gateway = await serveGateway({
      databaseUrl,
      bus,
      contract,
      identity: { issuer: issuer.url },
      tenants,
      decisions: { issuer: SIGNER, keys },
      log,
      host: '127.0.0.1',
      port: gatewayPort,
      onFailed: failGateway,
      ...(options.gatewayLimits === undefined ? {} : { limits: options.gatewayLimits }),
      ...(options.alertsToken === undefined ? {} : { alertsToken: options.alertsToken }),
      ...(options.retentionDays === undefined ? {} : { retentionDays: options.retentionDays }),
    }).catch((error: unknown) => {
      throw refusedPort('gateway', gatewayPort, error)
    })
    ends.push(() => gateway.close())
    onStarted('gateway')

    const memory = await memoryFor(options, ends)
    const systems = shop?.tools ?? withRecordedChanges(options.own, databaseUrl, ends)
    if (systems === null) throw new Error('no systems to query')
    const live: Tools = { ...systems, ...(memory === null ? {} : { memory: liveMemory(memory) }) }
    const runtime = await startAgents({
      bus,
      contract,
      databaseUrl,
      log,
      tenants,
      alsoForget: shop?.forget ?? [],
      ...(options.catalogue === undefined ? {} : { catalogue: options.catalogue }),
      tools: shop?.checks ?? { assistant: options.ownChecks ?? [], postmortem: [] },
      changes: shop === null,
      ...(memory === null ? {} : { memory }),
      ...(options.retentionDays === undefined ? {} : { keepMs: options.retentionDays * DAY_MS }),
      assistant: {
        ...{ approverRoles: DECIDERS, approvalTtlMs: 3_600_000, defaultLimitMs: 120_000 },
        ...options.assistant,
        // only if the control-plane does not ask by itself: there is one report of an incident, and it is written when it is asked for
        postmortems: options.assistant?.postmortems === true && options.postmortemsFrom === null,
        toolsFor: answersFor(live, options.recordings),
      },
      postmortem: {
        ...(shop === null ? {} : { controlPlane: shop.looking }),
        ...(options.assistant?.objectives === undefined ? {} : { objectives: options.assistant.objectives }),
      },
      // without actions, no executor is needed
      ...(shop === null
        ? {}
        : {
            executor: {
              ...shop.acting,
              metrics: shop.tools.metrics,
              verifyAfterMs: options.verifyAfterMs ?? [15_000, 15_000, 30_000],
              executionLimitMs: 60_000,
              approvalTtlMs: options.assistant?.approvalTtlMs ?? 3_600_000,
              trustedKeys: new Map([
                [SIGNER, createRemoteJWKSet(new URL('/.well-known/jwks.json', gateway.url))],
                ['control-plane', createRemoteJWKSet(new URL('/.well-known/jwks.json', shop.controlPlaneUrl))],
              ]),
            },
          }),
    })
    ends.push(() => runtime.stop())
    let watchingFailed: Promise<Error> | null = null
    if (shop !== null) {
      const source = arriving(shop.lab.onSamples)
      ends.push(async () => source.end())
      const watching = await startWatching({
        ...{ databaseUrl, bus, contract, log, tenants, source, controlPlane: shop.tools.controlPlane },
        ...{ policyFile: null, requestedBy: '', ...SHOP_TIMES, checks: [] },
        ...options.anomaly,
        keepMs: (options.retentionDays ?? 30) * DAY_MS,
      })
      ends.push(() => watching.stop())
      watchingFailed = watching.failed
    }
    onStarted('agents')
    const database = watchDatabase({
      url: databaseUrl,
      ...(local === null ? {} : { revive: local.revive }),
      onLost: (why) => {
        log.error({ error: why }, 'the database is lost')
        options.database?.onLost(why)
      },
      onBack: (awayMs) => {
        log.info({ away_ms: awayMs }, 'the database is back')
        options.database?.onBack(awayMs)
      },
    })
    ends.push(() => database.stop())
    lock.tell(gateway.url)
    const failed = Promise.race([
      runtime.failed,
      gatewayFailed,
      database.failed,
      ...(shop === null ? [] : [shop.failed]),
      ...(watchingFailed === null ? [] : [watchingFailed]),
    ])
    return { gatewayUrl: gateway.url, databaseUrl, issuer, shop, bus, runtime, failed, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** null: none is wanted, or Chroma cannot run here, as the news say. */
async function memoryFor(
  { dataDir, memory }: PlatformOptions,
  ends: (() => Promise<unknown>)[],
): Promise<Place | null> {
  if (memory === undefined) return null
  const { embedder, news } = memory
  if (memory.url !== undefined) return { url: memory.url, embedder }
  const local = await startLocalChroma(dataDir, news)
  if (local === null) return null
  ends.push(() => local.close())
  return { url: local.url, embedder }
}

/** The user's own systems have no control-plane here: changes come from the bus. */
function withRecordedChanges(own: Tools | undefined, databaseUrl: string, ends: (() => Promise<unknown>)[]) {
  if (own === undefined) return null
  const pool = openPool({ connectionString: databaseUrl, max: 2 })
  ends.push(() => pool.end())
  return { ...own, controlPlane: { ...own.controlPlane, ...recordedChanges(pool) } }
}

const noRecording = (id: string) => ({
  ...{ code: 'no_recording', about: id },
  text: { en: `no recording ${id}`, zh: `沒有錄製資料 ${id}` },
})

/** A request may name a known recording; its data is then read instead of the live systems'. */
function answersFor(live: Tools, recordings: ReadonlyMap<string, string>) {
  const known = new Map([...recordings].map(([id, dir]) => [id, recordedTools(dir)]))
  return (request: Pick<DiagnosisRequested, 'context'>) => {
    const id = request.context['recording']
    if (id === undefined) return { tools: live }
    const tools = known.get(id)
    return tools === undefined ? { refused: noRecording(id) } : { tools }
  }
}

function recordedTools(dir: string): Tools {
  const source = finishedRecording(dir)
  return {
    metrics: recordedMetrics(source),
    logs: recordedLogs(source),
    traces: recordedTraces(source),
    controlPlane: recordedControlPlane(source),
  }
}
