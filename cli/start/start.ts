import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import exitHook from 'async-exit-hook'
import pino, { type Logger } from 'pino'
import type { ChromaNews } from '../../embedded/chroma.ts'
import { openDataDir } from '../../embedded/data-dir.ts'
import { type Platform, startPlatform } from '../../embedded/platform.ts'
import { StartRefused } from '../../embedded/start-refused.ts'
import type { Texts } from '../../gateway/present/texts.ts'
import { badDeployment } from '../../lab/scenario.ts'
import { type Embedder, localEmbedder } from '../../memory/embedding.ts'
import { type ClientContext, CommandError } from '../login/context.ts'
import { writeEndpoints } from '../login/endpoints.ts'
import { createNarrator, narrateOn } from '../terminal/narrate.ts'
import { createLog } from '../log.ts'
import { readConfig } from '../config.ts'
import { collectBaseline } from './baseline.ts'
import { tellOwn } from './own-screen.ts'
import { noteSources } from './noted-sources.ts'
import { type OwnSystems, ownSystems, readOwnConfig } from './own-systems.ts'
import { showRecorded } from './recorded.ts'
import { findRecordings } from './recordings.ts'
import { refused } from './refused.ts'
import { deployBadRelease, isDeployed, isStaged, type Staged, type Watch, watchBus } from './show.ts'
import type { StartOptions } from './options.ts'
import { failures, parts, shown } from './texts.ts'
import { inTurns, type Turns } from './turns.ts'

const PROPOSED_MS = 120_000

export interface Place extends Omit<OwnSystems, 'memory'> {
  /** default: an own Chroma, and vectors made here */
  memory?: { url?: string; embedder: Embedder }
  dataDir: string
  port: number
}

/** `signal` aborts the start between two components; those already running are stopped. */
export async function startForTerminal(context: ClientContext, place: Place, signal?: AbortSignal): Promise<Platform> {
  const config = readConfig(context.environment)
  const { dataDir } = place
  const made = openDataDir(dataDir)
  const log = createLog(
    { level: config.LOG_LEVEL },
    pino.destination({ dest: join(dataDir, 'platform.log'), mode: 0o600, sync: false }),
  )
  const began = Date.now()
  const platform = await startPlatform({
    ...place,
    log,
    recordings: await findRecordings(),
    memory: { embedder: localEmbedder, ...place.memory, news: memoryNews(context, log) },
    retentionDays: config.RETENTION_DAYS,
    onStarted: (part) => {
      const name = parts[part]?.[context.language] ?? part
      context.print(shown.started(name, ((Date.now() - began) / 1000).toFixed(1))[context.language])
      signal?.throwIfAborted()
    },
    database: {
      onLost: (why) => context.note(shown.lost(why, place.databaseUrl === undefined)[context.language]),
      onBack: (awayMs) => context.note(shown.back(Math.ceil(awayMs / 1000))[context.language]),
    },
  }).catch((error: unknown) => {
    if (!(error instanceof StartRefused)) throw error
    // remove the data folder created for a platform that did not start
    if (made !== undefined) rmSync(made, { recursive: true, force: true })
    throw new CommandError(refused(error.refusal))
  })
  noteSources(dataDir, place.own === undefined ? {} : context.environment)
  writeEndpoints(dataDir, { gateway: platform.gatewayUrl, issuer: platform.issuer.url })
  return platform
}

/** The platform runs without it: the screen says so, and the log has it too. */
const memoryNews = (context: ClientContext, log: Logger): ChromaNews => {
  const tell = (texts: Texts) => {
    log.warn(texts.en)
    context.note(texts[context.language])
  }
  return {
    onOff: (why) => tell(shown.memory.off(why)),
    onLost: (why) => tell(shown.memory.lost(why)),
    onBack: () => tell(shown.memory.back),
  }
}

export async function start(context: ClientContext, options: StartOptions): Promise<void> {
  const config = readOwnConfig(context.environment)
  const port = options.port ?? config.GATEWAY_PORT
  const place = { ...ownSystems(config, context.environment), dataDir: config.DATA_DIR, port }
  const signal = signalled(context)
  const platform = await startForTerminal(context, place, signal).catch((error: unknown) => {
    if (signal.aborted) return null
    throw error
  })
  if (platform === null) return
  const stopped = stopOn(signal, context, platform)
  const turns = inTurns(narrateOn(context, createNarrator(context.language, options.verbose)))
  const watch = await watchBus(platform.bus, turns.hear)
  if (place.own !== undefined) await tellOwn(context, place.own, config)
  else if (options.show && isStaged(platform))
    await show(context, platform, { watch, turns }).catch((error: unknown) => {
      if (!(error instanceof CommandError)) throw error
      context.note(error.texts[context.language])
    })
  context.print('')
  context.print(shown.running(platform, config.DATA_DIR)[context.language])
  const died = await stopped
  // a dead component may never stop, or end this process with exit code 0
  if (died) process.exit(1)
  await watch.stop()
}

async function show(context: ClientContext, platform: Staged, screen: { watch: Watch; turns: Turns }): Promise<void> {
  const { language } = context
  const baseline = collectBaseline(platform.shop.lab)
  await showRecorded(context, platform.bus, screen)
  if (isDeployed(platform)) return context.print(shown.stillDeployed[language])
  await baseline.complete(context)
  await deployBadRelease(platform)
  await screen.watch
    .until('ApprovalRequested', (value) => value.action.service === badDeployment.service, PROPOSED_MS)
    .catch((error: unknown) => {
      throw error instanceof CommandError ? new CommandError(failures.notProposed(PROPOSED_MS / 1000)) : error
    })
}

/** Aborted on SIGINT, SIGTERM or SIGHUP. */
function signalled(context: ClientContext): AbortSignal {
  const stop = new AbortController()
  const end = () => {
    if (stop.signal.aborted) return
    context.note(shown.stopping[context.language])
    stop.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // the exit hook of the embedded PostgreSQL would end the process before the other components have stopped
    exitHook.unhookEvent(signal)
    process.once(signal, end)
  }
  // npx passes a signal on to its shell, which may end without passing it on
  const parent = process.ppid
  if (context.environment['npm_command'] === 'exec') setInterval(() => process.ppid === parent || end(), 500).unref()
  return stop.signal
}

const DYING_MS = 15_000

/** Resolves when the platform has stopped; true if it died. */
async function stopOn(signal: AbortSignal, context: ClientContext, platform: Platform): Promise<boolean> {
  const asked = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null)
    else signal.addEventListener('abort', () => resolve(null))
  })
  const error = await Promise.race([asked, platform.failed])
  if (error !== null) context.note(shown.died(error.message)[context.language])
  await (error === null ? platform.stop() : Promise.race([platform.stop(), delay(DYING_MS)]))
  return error !== null
}
