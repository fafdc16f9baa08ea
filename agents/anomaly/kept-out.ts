/** Decides what is kept out of the announcements: what people expect, maintenance, and deployments in progress. Pure. */
import type { Exception } from '../../analysis/watch/exceptions.ts'

/** Learned from the bus. */
export interface ToldException {
  reason: 'expected' | 'deployment'
  services: readonly string[]
  /** null: all */
  indicators: readonly string[] | null
  /** ms since the epoch */
  start: number
  end: number
}

export function exceptionsOf(told: readonly ToldException[]): Exception[] {
  return told.flatMap(({ reason, services, indicators, start, end }) =>
    services.map((service) => ({
      ...{ service, start, end, reason },
      ...(indicators === null ? {} : { indicators }),
      // a release that breaks the service is announced while it is rolled out
      ...(reason === 'deployment' ? { sparesFailures: true } : {}),
    })),
  )
}
