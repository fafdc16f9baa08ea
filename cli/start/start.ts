import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { styleText } from 'node:util'
import exitHook from 'async-exit-hook'
import pino from 'pino'
import { type Platform, startPlatform } from '../../embedded/platform.ts'
import { badDeployment } from '../../lab/scenario.ts'
import { type ClientContext, CommandError } from '../login/context.ts'
import { writeEndpoints } from '../login/endpoints.ts'
import { type Language, narrate } from '../terminal/narrate.ts'
import { readConfig } from '../config.ts'
import { type OwnSystems, ownSystems, readsOwnSources } from './own-systems.ts'
import { findRecordings } from './recordings.ts'
import { askAboutRecording, deployBadRelease, isDeployed, watchBus } from './show.ts'
import type { StartOptions } from './options.ts'

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
        `${styleText('green', '✓')} ${part} ${styleText('dim', `${((Date.now() - began) / 1000).toFixed(1)} s`)}`,
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
  const watch = await watchBus(platform.bus, (received) => narrate(received, options.language).forEach(context.print))
  if (options.show)
    await show(context, platform, { language: options.language, live: !readsOwnSources(config) }).catch(
      (error: unknown) => {
        if (!(error instanceof CommandError)) throw error
        context.note(error.message)
      },
    )
  context.print('')
  context.print(words[options.language].running(platform, join(context.dataDir, 'people.json')))
  await stopped
  await watch.stop()
}

async function show(
  context: ClientContext,
  platform: Platform,
  { language, live }: { language: Language; live: boolean },
): Promise<void> {
  const said = words[language]
  const shopUpAt = Date.now()
  context.print(`\n${styleText('bold', said.recorded)}`)
  const watch = await watchBus(platform.bus, () => undefined)
  try {
    for (const dir of (await findRecordings()).values()) {
      const session = await askAboutRecording(platform.bus, dir)
      await watch.until('DiagnosisCompleted', (value) => value.session_id === session, 60_000)
    }
    if (!live) return context.print(`\n${said.ownSources}`)
    context.print(`\n${styleText('bold', said.live)}`)
    if (isDeployed(platform)) return context.print(said.stillDeployed)
    const waitMs = BASELINE_MS - (Date.now() - shopUpAt)
    if (waitMs > 0) {
      context.print(styleText('dim', said.baseline(Math.ceil(waitMs / 1000))))
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
      context.note('stopping …')
      void platform.stop().then(resolve)
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      // the embedded PostgreSQL would end the process while the other parts still finish what they began
      exitHook.unhookEvent(signal)
      process.once(signal, stop)
    }
    platform.failed.then((error) => {
      context.note(`a part died: ${error.message}`)
      process.exitCode = 1
      stop()
    }, stop)
  })
}

const words: Record<
  Language,
  {
    recorded: string
    live: string
    ownSources: string
    stillDeployed: string
    baseline(seconds: number): string
    running(platform: Platform, people: string): string
  }
> = {
  en: {
    recorded: '1. A recorded public incident (TrainTicket, 29 January 2023), asked about as it was then. Read only.',
    live: '2. The shop, live: a release of one service is deployed for real.',
    ownSources:
      'The agents read PROMETHEUS_URL and LOKI_URL now, where the shop is not. Ask about your own services: `npx sre diagnose --service …`.',
    stillDeployed: 'The release of the last show still runs: `npx sre approvals` lists what waits for a person.',
    baseline: (seconds) => `the shop runs normally for ${seconds} s more, to have something to compare with`,
    running: (platform, people) =>
      `Running: gateway ${platform.gatewayUrl}, control-plane ${platform.controlPlaneUrl}/approvals. Sign in with \`npx sre login\` (test people and passwords: ${people}). Ctrl-C stops.`,
  },
  'zh-TW': {
    recorded: '1. 一個公開錄製的真實事故（TrainTicket，2023 年 1 月 29 日），依當時的提問診斷。唯讀。',
    live: '2. 即時的商店：真正部署其中一個服務的新版本。',
    ownSources:
      '代理程式現在讀取 PROMETHEUS_URL 與 LOKI_URL，那裡沒有這間商店。請查詢您自己的服務：`npx sre diagnose --service …`。',
    stillDeployed: '上一次展示的版本仍在執行：用 `npx sre approvals` 查看等待核准的項目。',
    baseline: (seconds) => `商店再正常運行 ${seconds} 秒，作為比較的基準`,
    running: (platform, people) =>
      `執行中：閘道 ${platform.gatewayUrl}，控制平面 ${platform.controlPlaneUrl}/approvals。以 \`npx sre login\` 登入（測試人員與密碼：${people}）。Ctrl-C 結束。`,
  },
}
