/**
 * A small shop of real processes to diagnose: it gets traffic, can be deployed to, and collects its own metrics and logs into a growing recording. It knows
 * nothing of agents, and nothing it exposes reveals which release is bad.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { RecordedLogLine } from '../recording/log-lines.ts'
import type { IndicatorSample } from './indicators.ts'
import { readLogLine } from './log-lines.ts'
import type { ReportedSpan } from './otlp.ts'
import { openRecorder } from './recorder.ts'
import { releasesOf, services, type ServiceName } from './releases.ts'
import { runShopScript, type ShopScript, shopScripts } from './run-script.ts'
import { startScraping } from './scrape.ts'
import { MOST_REPLICAS, startSupervisor, type RunningService } from './supervisor.ts'
import { createSwitchboard, type FaultState, type MadeChange } from './switchboard.ts'
import { createTargetsFile, targetGroups, type TargetGroup } from './targets.ts'

export interface LabOptions {
  /** state and recording are stored here and survive a restart */
  dataDir: string
  /** visits per second at the frontend, about three requests each; default 12 */
  visitsPerSecond?: number
  /** default 1000 */
  scrapeEveryMs?: number
  /** rate window in ms; default 10,000 */
  windowMs?: number
  /** ms after the start during which nothing is measured; default 4000 */
  warmUpMs?: number
  /** ms a process may take to become ready; default 30,000 */
  startLimitMs?: number
  clock?: () => number
}

export interface Lab {
  /** each service, with the name, address and process of its first replica */
  services(): RunningService[]
  /** each replica of each service */
  replicas(): RunningService[]
  /** deployable image tags by service */
  releases: Readonly<Record<ServiceName, readonly string[]>>
  /** Resolves when the new release serves the traffic and the old one has ended. Throws `LabError`; the old one then still serves. */
  deploy(service: string, imageTag: string): Promise<void>
  /** Goes back to the release before the last deployment. Throws `LabError` `unknown_release` if there is none. */
  rollback(service: string): Promise<void>
  /** Replaces the processes by new ones of the same release. Throws `LabError`; the old ones then still serve. */
  restart(service: string): Promise<void>
  /** Throws `LabError` `not_scalable` beyond the bounds. */
  scale(service: string, replicas: number): Promise<void>
  mostReplicas: number
  /** maintenance scripts by name */
  scripts: Readonly<Record<string, ShopScript>>
  /** Runs a maintenance script as its own process; resolves to what it printed. Throws `LabError`. */
  runScript(name: string, parameters: Readonly<Record<string, string>>): Promise<string>
  /** Freezes the processes of a service: they keep their connections and answer nothing. */
  hang(service: string): void
  /** Begins a sale, or ends the current one: many more customers, who buy vouchers. */
  sale(): void
  /** every fault the lab can have, and which are on */
  faults(): FaultState[]
  /** Resolves when it has begun; `forMs`: null: until it is switched off. Throws `LabError` (`unknown_fault`, `fault_on`). */
  faultOn(name: string, forMs: number | null): Promise<void>
  /** Throws `LabError` (`unknown_fault`, `fault_off`). */
  faultOff(name: string): Promise<void>
  /** the newest changes that faults made, oldest first */
  changes(): readonly MadeChange[]
  /** called with each change that a fault makes; returns an unsubscribe function */
  onChange(listener: (change: MadeChange) => void): () => void
  /** called with each round of samples; returns an unsubscribe function */
  onSamples(listener: (samples: readonly IndicatorSample[]) => void): () => void
  /** called with each log line; returns an unsubscribe function */
  onLog(listener: (line: RecordedLogLine) => void): () => void
  /** called with a span for each request that a service answered; returns an unsubscribe function */
  onSpan(listener: (span: ReportedSpan) => void): () => void
  /** current scrape targets; `targetsFile` has them for `file_sd_configs` and follows deployments */
  scrapeTargets(): TargetGroup[]
  targetsFile: string
  /** a recording (docs/reference) that grows while the lab runs */
  recordingDir: string
  /** why the recording or the targets are incomplete, or a fault is still on after its time; null: all is as it should be */
  unhealthy(): string | null
  close(): Promise<void>
}

export async function startLab(options: LabOptions): Promise<Lab> {
  const { dataDir, clock = Date.now, windowMs = 10_000 } = options
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const recorder = await openRecorder(join(dataDir, 'recording'), clock, windowMs)
  const samples = createListeners<readonly IndicatorSample[]>()
  const logs = createListeners<RecordedLogLine>()
  const spans = createListeners<ReportedSpan>()
  const changes = createListeners<MadeChange>()
  samples.add((round) => recorder.samples(round))
  logs.add((line) => recorder.log(line))

  let replicas: () => RunningService[] = () => []
  const targets = createTargetsFile(join(dataDir, 'targets.json'), () => replicas())
  const supervisor = await startSupervisor({
    dataDir,
    visitsPerSecond: options.visitsPerSecond ?? 12,
    startLimitMs: options.startLimitMs ?? 30_000,
    onLine: (from, line, stream) =>
      logs.tell(readLogLine(line, { ...from, at: clock(), ...(stream === 'stderr' ? { level: 'error' } : {}) })),
    onSpan: (from, span) => spans.tell({ ...span, ...from }),
    onChange: () => void targets.update(),
  }).catch(async (error: unknown) => {
    await recorder.close()
    throw error
  })
  replicas = supervisor.replicas
  const switchboard = createSwitchboard({ supervisor, clock, onChange: changes.tell })
  await targets.update()
  const scraping = startScraping({
    services: replicas,
    everyMs: options.scrapeEveryMs ?? 1_000,
    warmUpMs: options.warmUpMs ?? 4_000,
    windowMs,
    clock,
    onSamples: samples.tell,
  })

  return {
    ...{ services: supervisor.services, replicas },
    releases: Object.fromEntries(services.map((name) => [name, releasesOf(name)])) as Record<ServiceName, string[]>,
    deploy: supervisor.deploy,
    rollback: supervisor.rollback,
    ...{ restart: supervisor.restart, scale: supervisor.scale, hang: supervisor.hang, sale: supervisor.sale },
    ...{ mostReplicas: MOST_REPLICAS, scripts: shopScripts },
    runScript: (name, parameters) => runShopScript(name, parameters, supervisor),
    faults: switchboard.faults,
    faultOn: switchboard.on,
    faultOff: switchboard.off,
    changes: switchboard.changes,
    onChange: changes.add,
    onSamples: samples.add,
    onLog: logs.add,
    onSpan: spans.add,
    scrapeTargets: () => targetGroups(replicas()),
    targetsFile: targets.path,
    recordingDir: recorder.dir,
    unhealthy: () => recorder.failure() ?? targets.failure() ?? switchboard.failure(),
    close: async () => {
      switchboard.close()
      await scraping.stop()
      await supervisor.close()
      await targets.update()
      await recorder.close()
    },
  }
}

function createListeners<T>() {
  const listeners = new Set<(value: T) => void>()
  return {
    add: (listener: (value: T) => void) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    tell: (value: T) => {
      for (const listener of listeners) listener(value)
    },
  }
}
