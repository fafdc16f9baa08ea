/** Measures of rankings and of calibration, with confidence intervals. */

/** 1 for the first; null if it is not in the ranking. */
export function rankOf(truth: string, ranking: readonly string[]): number | null {
  const place = ranking.indexOf(truth)
  return place < 0 ? null : place + 1
}

/** Share of questions whose answer is in the first k (AC@k, AS@k). */
export const accuracyAt = (k: number, ranks: readonly (number | null)[]): number =>
  mean(ranks.map((rank) => (rank !== null && rank <= k ? 1 : 0)))

/** Mean of AC@1 to AC@5 (Avg@5 of Pham et al., BARO, FSE 2024). */
export const averageAtFive = (ranks: readonly (number | null)[]): number =>
  mean([1, 2, 3, 4, 5].map((k) => accuracyAt(k, ranks)))

/** A stated probability, and whether the answer was right. */
export interface Forecast {
  probability: number
  right: boolean
  /** weight of the answer, because questions about one case share a weight; absent: 1 */
  weight?: number
}

const weightOf = ({ weight = 1 }: Forecast): number => weight

/** Weighted mean. */
const meanOf = (forecasts: readonly Forecast[], of: (one: Forecast) => number): number =>
  forecasts.reduce((sum, one) => sum + of(one) * weightOf(one), 0) / totalOf(forecasts)

const totalOf = (forecasts: readonly Forecast[]): number => forecasts.reduce((sum, one) => sum + weightOf(one), 0)

export const brierScore = (forecasts: readonly Forecast[]): number =>
  meanOf(forecasts, ({ probability, right }) => (probability - (right ? 1 : 0)) ** 2)

export interface Bin {
  said: number
  was: number
  count: number
  weight: number
}

const binOf = (inside: readonly Forecast[]): Bin => ({
  said: meanOf(inside, ({ probability }) => probability),
  was: meanOf(inside, ({ right }) => (right ? 1 : 0)),
  count: inside.length,
  weight: totalOf(inside),
})

/** Ten bins of equal width, as in most publications (Guo et al., "On calibration of modern neural networks", ICML 2017). */
export function binsOfWidth(forecasts: readonly Forecast[], count = 10): Bin[] {
  const groups = Map.groupBy(forecasts, ({ probability }) => Math.min(count - 1, Math.floor(probability * count)))
  return [...groups].sort(([a], [b]) => a - b).map(([, inside]) => binOf(inside))
}

/** Bins of equal count, at least `FEWEST_IN_A_BIN` each: in a small set most bins of equal width are empty. */
export function binsOfCount(forecasts: readonly Forecast[], most = 10): Bin[] {
  const sorted = [...forecasts].sort((a, b) => a.probability - b.probability)
  const bins = Math.max(1, Math.min(most, Math.floor(sorted.length / FEWEST_IN_A_BIN)))
  const edge = (bin: number): number => Math.floor((bin * sorted.length) / bins)
  return Array.from({ length: bins }, (_, bin) => sorted.slice(edge(bin), edge(bin + 1)))
    .filter((inside) => inside.length > 0)
    .map(binOf)
}

/** Expected calibration error. */
export function calibrationError(forecasts: readonly Forecast[], binned = binsOfWidth): number {
  const total = totalOf(forecasts)
  return binned(forecasts).reduce((sum, { said, was, weight }) => sum + (Math.abs(said - was) * weight) / total, 0)
}

/** 95 % bootstrap interval of a statistic over cases (Efron, 1979); seeded. */
export function bootstrapInterval<T>(
  cases: readonly T[],
  statistic: (drawn: readonly T[]) => number,
  { draws = 1000, seed = 1 }: { draws?: number; seed?: number } = {},
): [number, number] {
  if (cases.length === 0) return [Number.NaN, Number.NaN]
  const random = randomFrom(seed)
  const found = Array.from({ length: draws }, () =>
    statistic(cases.map(() => cases[Math.floor(random() * cases.length)]!)),
  ).sort((a, b) => a - b)
  const at = (share: number): number => found[Math.min(draws - 1, Math.floor(share * draws))]!
  return [at(0.025), at(0.975)]
}

/** Seeded random numbers in [0, 1) (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** NaN for an empty list. */
export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

const FEWEST_IN_A_BIN = 10
