import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { styleText } from 'node:util'
import exitHook from 'async-exit-hook'
import pino from 'pino'
import { type Platform, startPlatform } from '../../embedded/platform.ts'
import { badDeployment } from '../../lab/scenario.ts'
import { type ClientContext, CommandError } from '../login/context.ts'
import { writeEndpoints } from '../login/endpoints.ts'
import { narrate } from '../terminal/narrate.ts'
import { readConfig } from '../config.ts'
import { type OwnSystems, ownSystems, readsOwnSources } from './own-systems.ts'
import { findRecordings } from './recordings.ts'
import { askAboutRecording, deployBadRelease, isDeployed, watchBus } from './show.ts'
import type { StartOptions } from './options.ts'
import { parts, shown } from './texts.ts'

/** Normal time the shop needs before a change in it can be told from its habits. */
export const BASELINE_MS = 25_000

export interface Place extends OwnSystems {
  dataDir: string
  port: number
}

export async function startForTerminal(context: ClientContext, place: Place): Promise<Platform> {
  const config = readConfig(context.environment)
  const { dataDir } = place
  mkdirSync(dataDir, { recursive: true })
  const log = pino({ level: config.LOG_LEVEL }, pino.destination({ dest: join(dataDir, 'platform.log'), sync: false }))
  const began = Date.now()
  const platform = await startPlatform({
    ...place,
    log,
    recordings: await findRecordings(),
    retentionDays: config.RETENTION_DAYS,
    onStarted: (part) =>
      context.print(
        `${styleText('green', '✓')} ${parts[part]?.[context.language] ?? part} ${styleText('dim', `${((Date.now() - began) / 1000).toFixed(1)} s`)}`,
      ),
  })
  writeEndpoints(dataDir, { gateway: platform.gatewayUrl, issuer: platform.issuer.url })
  return platform
}

export async function start(context: ClientContext, options: StartOptions): Promise<void> {
  const config = readConfig(context.environment)
  const port = options.port ?? config.GATEWAY_PORT
  const platform = await startForTerminal(context, { ...ownSystems(config), dataDir: config.DATA_DIR, port })
  const stopped = stopOnSignal(context, platform)
  const watch = await watchBus(platform.bus, (received) => narrate(received, context.language).forEach(context.print))
  if (options.show)
    await show(context, platform, !readsOwnSources(config)).catch((error: unknown) => {
      if (!(error instanceof CommandError)) throw error
      context.note(error.texts[context.language])
    })
  context.print('')
  context.print(shown.running(platform, join(context.dataDir, 'people.json'))[context.language])
  await stopped
  await watch.stop()
}

async function show(context: ClientContext, platform: Platform, live: boolean): Promise<void> {
  const { language } = context
  const shopUpAt = Date.now()
  context.print(`\n${styleText('bold', shown.recorded[language])}`)
  const watch = await watchBus(platform.bus, () => undefined)
  try {
    for (const dir of (await findRecordings()).values()) {
      const session = await askAboutRecording(platform.bus, dir)
      await watch.until('DiagnosisCompleted', (value) => value.session_id === session, 60_000)
    }
    if (!live) return context.print(`\n${shown.ownSources[language]}`)
    context.print(`\n${styleText('bold', shown.live[language])}`)
    if (isDeployed(platform)) return context.print(shown.stillDeployed[language])
    const waitMs = BASELINE_MS - (Date.now() - shopUpAt)
    if (waitMs > 0) {
      context.print(styleText('dim', shown.baseline(Math.ceil(waitMs / 1000))[language]))
      await new Promise((resolve) => setTimeout(resolve, waitMs))
    }
    await deployBadRelease(platform)
    await watch.until('ApprovalRequested', (value) => value.action.service === badDeployment.service, 120_000)
  } finally {
    await watch.stop()
  }
}

function stopOnSignal(context: ClientContext, platform: Platform): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      context.note(shown.stopping[context.language])
      void platform.stop().then(resolve)
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      // the embedded PostgreSQL would end the process while the other parts still finish what they began
      exitHook.unhookEvent(signal)
      process.once(signal, stop)
    }
    platform.failed.then((error) => {
      context.note(shown.died(error.message)[context.language])
      process.exitCode = 1
      stop()
    }, stop)
  })
}
