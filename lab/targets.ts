/** Scrape targets for Prometheus' `file_sd_configs`, updated on every deployment. */
import type { RunningService } from './supervisor.ts'
import { writeWhole } from './state.ts'

/** One group of Prometheus file-based service discovery. */
export interface TargetGroup {
  targets: string[]
  labels: Record<string, string>
}

export const targetGroups = (running: readonly RunningService[]): TargetGroup[] =>
  running.map(({ name, address }) => ({
    targets: [new URL(address).host],
    labels: { job: name, service: name, namespace: 'shop' },
  }))

export interface TargetsFile {
  path: string
  /** Writes the current targets; concurrent calls are serialized. */
  update(): Promise<void>
  /** why the last write failed, or null */
  failure(): string | null
}

export function createTargetsFile(path: string, running: () => readonly RunningService[]): TargetsFile {
  let failure: string | null = null
  let last: Promise<void> = Promise.resolve()
  return {
    path,
    failure: () => failure,
    update: () => {
      last = last
        .then(() => writeWhole(path, `${JSON.stringify(targetGroups(running()), null, 2)}\n`))
        .then(
          () => {
            failure = null
          },
          (error: unknown) => {
            failure = error instanceof Error ? error.message : String(error)
          },
        )
      return last
    },
  }
}
