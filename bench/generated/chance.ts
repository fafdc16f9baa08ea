/** Seeded draws. */
import { randomFrom } from '../rankings/measures.ts'

export interface Chance {
  between: (least: number, most: number) => number
  /** a whole number, both ends included */
  whole: (least: number, most: number) => number
  /** true with this probability */
  happens: (probability: number) => boolean
  pick: <T>(from: readonly T[]) => T
  /** `count` different ones, or all */
  some: <T>(from: readonly T[], count: number) => T[]
  /** standard normal */
  normal: () => number
  /** spread of the logarithm: .7 is a factor of two either way */
  around: (median: number, spread: number) => number
  /** events of a Poisson process */
  count: (mean: number) => number
}

export function chanceFrom(seed: number): Chance {
  const unit = randomFrom(seed)
  const between = (least: number, most: number): number => least + (most - least) * unit()
  const whole = (least: number, most: number): number => Math.floor(between(least, most + 1))
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit())
  return {
    between,
    whole,
    happens: (probability) => unit() < probability,
    pick: (from) => from[Math.floor(unit() * from.length)]!,
    some: (from, count) => {
      const left = [...from]
      return Array.from({ length: Math.min(count, left.length) }, () => left.splice(Math.floor(unit() * left.length), 1)[0]!) // prettier-ignore
    },
    normal,
    around: (median, spread) => median * Math.exp(spread * normal()),
    count: (mean) => (mean > 40 ? Math.max(0, Math.round(mean + Math.sqrt(mean) * normal())) : poisson(mean, unit)),
  }
}

/** Knuth's method, for small means. */
function poisson(mean: number, unit: () => number): number {
  const limit = Math.exp(-mean)
  let count = -1
  for (let product = 1; product > limit; product *= unit()) count++
  return Math.max(0, count)
}
