/** Recent measurements, to compare a service before and after a deployment. */
import type { Measurement } from './managed-services.ts'

const keptMs = 120_000
/** Indicators that judge a deployment. One got worse if it exceeds twice the median before, and exceeds it by this margin. */
const judged: Readonly<Record<string, number>> = { latency_p95: 100, error_ratio: 0.03 }
const fewest = 5

export type Medians = Record<string, number>

export interface RecentMeasurements {
  add(round: readonly Measurement[]): void
  /** medians of the judged indicators; one with too few points is absent */
  medians(service: string, start: number, end: number): Medians
}

export function createRecentMeasurements(): RecentMeasurements {
  let kept: Measurement[] = []
  return {
    add: (round) => {
      const newest = Math.max(...round.map(({ time }) => time))
      kept = [
        ...kept.filter(({ time }) => time > newest - keptMs),
        ...round.filter(({ indicator }) => indicator in judged),
      ]
    },
    medians: (service, start, end) => {
      const within = kept.filter((one) => one.service === service && one.time >= start && one.time <= end)
      const byIndicator = Map.groupBy(within, ({ indicator }) => indicator)
      const enough = [...byIndicator].filter(([, points]) => points.length >= fewest)
      return Object.fromEntries(
        enough.map(([indicator, points]) => [indicator, median(points.map(({ value }) => value))]),
      )
    },
  }
}

/** Indicators that clearly got worse; one missing on either side is skipped. */
export const worsened = (before: Medians, after: Medians): string[] =>
  Object.entries(judged).flatMap(([indicator, margin]) => {
    const [was, is] = [before[indicator], after[indicator]]
    return was !== undefined && is !== undefined && is > 2 * was && is > was + margin ? [indicator] : []
  })

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2
}
