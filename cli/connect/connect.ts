/** Runs one adapter until it is stopped. */
import { once } from 'node:events'
import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import type { Bus } from '../../bus/bus.ts'
import { createBus, preparePostgresBus, PROMPT } from '../../bus/create.ts'
import { clusterIn } from '../../connect/kubernetes/access.ts'
import { followCluster } from '../../connect/kubernetes/follow.ts'
import { noMapping } from '../../connect/mapping.ts'
import { createRecorder, type Recorder } from '../../connect/recorder.ts'
import { serveWebhook } from '../../connect/server.ts'
import { answers, remembered } from '../../health/answers.ts'
import { loadContract } from '../../schemas/contract.ts'
import { runningBusFrom } from '../bus-options.ts'
import { type Config, readConfig } from '../config.ts'
import { createLog } from '../log.ts'
import { type ClientContext, CommandError } from '../login/context.ts'
import { wordsOf } from '../login/reason.ts'
import { registryFound } from '../registry.ts'
import { openHealth } from '../serve/health.ts'
import { reached } from '../serve/reached.ts'
import { tenantsFrom } from '../serve/settings.ts'
import type { SourceName } from './source-name.ts'
import { connecting as texts } from './texts.ts'

interface Adapter {
  /** why its source cannot be read; null: it can, or it waits for calls */
  unhealthy(): string | null
  stop(): Promise<void>
}

const REQUIRED = { kubernetes: [], github: ['CONNECT_GITHUB_SECRET'], webhook: ['CONNECT_WEBHOOK_TOKEN'] } as const
const DAY_MS = 86_400_000
const REMEMBERED_MS = 1000

export async function connect(context: ClientContext, source: SourceName): Promise<void> {
  const config = readConfig(context.environment, REQUIRED[source])
  const log = createLog({ level: config.LOG_LEVEL, base: { part: 'connect', source } })
  const bus = await busOf(config)
  const registry = new Registry()
  const recorder = createRecorder({ bus, tenants: tenantsFrom(config), registry })
  const adapter = await start(source, { config, recorder, log }).catch(async (error: unknown) => {
    await bus.close()
    throw error
  })
  const ready = remembered(async () => {
    const checks = { bus: await answers(async () => (await bus.health()).ok), source: adapter.unhealthy() === null }
    return { ready: checks.bus && checks.source, checks }
  }, REMEMBERED_MS)
  const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  try {
    const closeHealth = await openHealth('connect', config, { registry, ready })
    log.info(`connect ${source} is running`)
    await stopped
    await closeHealth()
  } finally {
    await adapter.stop()
    await bus.close()
  }
}

async function busOf(config: Config): Promise<Bus> {
  const contract = loadContract()
  const options = runningBusFrom(config, contract)
  if (options.kind === 'postgres') {
    await reached(options.databaseUrl)
    await preparePostgresBus(options.databaseUrl, contract)
    return createBus(options)
  }
  await registryFound(options)
  // a sender waits for the answer
  return createBus({ ...options, patience: PROMPT })
}

type Given = { config: Config; recorder: Recorder; log: Logger }

async function start(source: SourceName, { config, recorder, log }: Given): Promise<Adapter> {
  const mapping = config.CONNECT_MAPPING_FILE ?? noMapping
  if (source === 'kubernetes') {
    const cluster = clusterOrRefusal()
    log.info(`watching ${cluster.server}`)
    const namespaces = config.CONNECT_NAMESPACES
    return followCluster({ ...{ cluster, namespaces, mapping, recorder, log }, keepMs: config.RETENTION_DAYS * DAY_MS })
  }
  const { CONNECT_HOST: host, CONNECT_PORT: port, CONNECT_BODY_BYTES: bodyBytes } = config
  const secret = (source === 'github' ? config.CONNECT_GITHUB_SECRET : config.CONNECT_WEBHOOK_TOKEN) ?? ''
  const server = await serveWebhook({
    ...{ kind: source, secret, mapping, recorder, log, host, port, bodyBytes },
  }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' || error.code === 'EACCES' || error.code === 'EADDRNOTAVAIL'
      ? new CommandError(texts.port(host, port, error.code))
      : error
  })
  log.info(`listening on ${server.url}`)
  return { unhealthy: () => null, stop: server.close }
}

function clusterOrRefusal() {
  try {
    return clusterIn()
  } catch (error) {
    throw new CommandError(texts.cluster(wordsOf(error)))
  }
}
