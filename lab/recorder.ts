/** Keeps the last hours of the shop's data as a growing recording. After a restart it continues where it ended. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseInstant } from '../recording/instant.ts'
import type { RecordedLogLine } from '../recording/log-lines.ts'
import { readIncident } from '../recording/read.ts'
import { createRecording } from '../recording/write.ts'
import type { IndicatorSample } from './indicators.ts'
import { dependencies } from './releases.ts'

export interface Recorder {
  dir: string
  samples(samples: readonly IndicatorSample[]): void
  log(line: RecordedLogLine): void
  /** why the last write failed, or null */
  failure(): string | null
  close(): Promise<void>
}

/** How often the window in incident.json is updated. */
const describeEveryMs = 10_000
/** Data older than this is trimmed hourly, on disk and in readers' memory. */
const keptMs = 6 * 3_600_000
const trimEveryMs = 3_600_000

/** `windowMs`: rate window of the samples. */
export async function openRecorder(dir: string, clock: () => number, windowMs: number): Promise<Recorder> {
  let start = existsSync(join(dir, 'incident.json')) ? parseInstant((await readIncident(dir)).window.start) : clock()
  const writer = await createRecording(dir, incident(start, clock(), windowMs), { resume: true })
  await writer.graph(Object.entries(dependencies).flatMap(([from, all]) => all.map((to) => ({ from, to }))))

  let failure: string | null = null
  const noted = (write: Promise<void>): Promise<void> =>
    write.then(
      () => {
        failure = null
      },
      (error: unknown) => {
        failure = error instanceof Error ? error.message : String(error)
      },
    )
  let described = clock()
  return {
    dir,
    samples: (samples) => {
      void noted(writer.samples(samples))
      if (clock() - described < describeEveryMs) return
      described = clock()
      if (described - start > keptMs + trimEveryMs) {
        start = described - keptMs
        void noted(writer.trim(start))
      }
      void noted(writer.describe(incident(start, described, windowMs)))
    },
    log: (line) => void noted(writer.logs([line])),
    failure: () => failure,
    close: async () => {
      await noted(writer.describe(incident(start, clock(), windowMs)))
      await writer.close()
    },
  }
}

const incident = (start: number, end: number, windowMs: number) => ({
  id: 'shop',
  title: 'The shop, as it runs',
  window: { start: new Date(start).toISOString(), end: new Date(end).toISOString() },
  rate_window_s: windowMs / 1000,
})
