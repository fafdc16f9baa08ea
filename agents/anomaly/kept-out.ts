/** Decides what is kept out of the announcements because people expect it. Pure. */
import type { Exception } from '../../analysis/watch/exceptions.ts'

/** Learned from the bus. */
export interface ToldException {
  /** of the anomaly */
  id: string
  services: readonly string[]
  indicators: readonly string[]
  /** ms since the epoch */
  start: number
  end: number
}

export const exceptionsOf = (told: readonly ToldException[]): Exception[] =>
  told.flatMap(({ services, indicators, start, end }) =>
    services.map((service) => ({ service, start, end, reason: 'expected' as const, indicators })),
  )

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
  const expected = new Map(told.filter(({ end }) => end > time).map((one) => [one.id, one]))
  return open.filter(({ id, services, indicators }) => {
    const known = expected.get(id)
    if (known === undefined) return false
    const isAll = indicators.every((one) => known.indicators.includes(one))
    return !isAll || !services.every((one) => known.services.includes(one))
  })
}
