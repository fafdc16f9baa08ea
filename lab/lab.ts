/**
 * A small shop of real processes to investigate: it takes load, can be deployed to, and gathers its own metrics and logs into a recording
 * that grows. It knows nothing of agents, and nothing it shows says which release is a bad one.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { RecordedLogLine } from '../recording/log-lines.ts'
import type { IndicatorSample } from './indicators.ts'
import { readLogLine } from './log-lines.ts'
import { openRecorder } from './recorder.ts'
import { releasesOf, services, type ServiceName } from './releases.ts'
import { startScraping } from './scrape.ts'
import { startSupervisor, type RunningService } from './supervisor.ts'
import { createTargetsFile, targetGroups, type TargetGroup } from './targets.ts'

export interface LabOptions {
  /** state and recording live here and survive a restart */
  dataDir: string
  /** visits per second at the frontend; each makes about three requests in all; default 12 */
  visitsPerSecond?: number
  /** default 1000 */
  scrapeEveryMs?: number
  /** what rates and quantiles look back on; default 10,000 */
  windowMs?: number
  /** how long after its start the shop is not measured; default 4000 */
  warmUpMs?: number
  /** a process that is not ready by then has failed; default 30,000 */
  startLimitMs?: number
  clock?: () => number
}

export interface Lab {
  services(): RunningService[]
  /** image tags that can be deployed, by service */
  releases: Readonly<Record<ServiceName, readonly string[]>>
  /** Returns when the new release has the traffic and the old one is gone. Throws `LabError`; then the old one still serves. */
  deploy(service: string, imageTag: string): Promise<void>
  /** Puts back what ran before the last deployment. Throws `LabError` `unknown_release` when nothing did. */
  rollback(service: string): Promise<void>
  /** each round of samples as it is taken; returns what ends it */
  onSamples(listener: (samples: readonly IndicatorSample[]) => void): () => void
  /** each line a service writes; returns what ends it */
  onLog(listener: (line: RecordedLogLine) => void): () => void
  /** where Prometheus finds the services now; `targetsFile` holds the same for `file_sd_configs` and follows deployments */
  scrapeTargets(): TargetGroup[]
  targetsFile: string
  /** a recording (docs/reference) that grows while the lab runs */
  recordingDir: string
  /** why the recording or the targets miss something, or null */
  unhealthy(): string | null
  close(): Promise<void>
}

export async function startLab(options: LabOptions): Promise<Lab> {
  const { dataDir, clock = Date.now } = options
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const recorder = await openRecorder(join(dataDir, 'recording'), clock)
  const samples = createListeners<readonly IndicatorSample[]>()
  const logs = createListeners<RecordedLogLine>()
  samples.add((round) => recorder.samples(round))
  logs.add((line) => recorder.log(line))

  let running: () => RunningService[] = () => []
  const targets = createTargetsFile(join(dataDir, 'targets.json'), () => running())
  const supervisor = await startSupervisor({
    dataDir,
    visitsPerSecond: options.visitsPerSecond ?? 12,
    startLimitMs: options.startLimitMs ?? 30_000,
    onLine: (service, line, stream) =>
      logs.tell(
        readLogLine(line, {
          service,
          instance: `${service}-0`,
          at: clock(),
          ...(stream === 'stderr' ? { level: 'error' } : {}),
        }),
      ),
    onChange: () => void targets.update(),
  }).catch(async (error: unknown) => {
    await recorder.close()
    throw error
  })
  running = supervisor.services
  await targets.update()
  const scraping = startScraping({
    services: running,
    everyMs: options.scrapeEveryMs ?? 1_000,
    warmUpMs: options.warmUpMs ?? 4_000,
    windowMs: options.windowMs ?? 10_000,
    clock,
    onSamples: samples.tell,
  })

  return {
    services: running,
    releases: Object.fromEntries(services.map((name) => [name, releasesOf(name)])) as Record<ServiceName, string[]>,
    deploy: supervisor.deploy,
    rollback: supervisor.rollback,
    onSamples: samples.add,
    onLog: logs.add,
    scrapeTargets: () => targetGroups(running()),
    targetsFile: targets.path,
    recordingDir: recorder.dir,
    unhealthy: () => recorder.failure() ?? targets.failure(),
    close: async () => {
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
