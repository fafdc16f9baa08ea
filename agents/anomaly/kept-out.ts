/** Decides what is kept out of the announcements: what people expect, maintenance, and deployments in progress. Pure. */
import type { Exception } from '../../analysis/watch/exceptions.ts'

/** Learned from the bus. */
export interface ToldException {
  reason: 'expected' | 'deployment'
  /** of the anomaly or of the change */
  id: string
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

/** What is covered, by anomaly. */
export interface Covered {
  id: string
  services: readonly string[]
  indicators: readonly string[]
}

/**
 * An anomaly grows after it was announced. `open`: the open ones, as they are now; returned are those that are expected at `time` (ms since the epoch) and have
 * grown.
 */
export function grown(told: readonly ToldException[], open: readonly Covered[], time: number): Covered[] {
  const expected = new Map(told.filter(({ reason, end }) => reason === 'expected' && end > time).map((one) => [one.id, one])) // prettier-ignore
  return open.filter(({ id, services, indicators }) => {
    const known = expected.get(id)
    if (known === undefined) return false
    const isAll = indicators.every((one) => known.indicators?.includes(one) ?? true)
    return !isAll || !services.every((one) => known.services.includes(one))
  })
}
