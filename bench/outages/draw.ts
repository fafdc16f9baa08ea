/** Random draws for the days. */

/** seconds of the diagnosed window */
export const WINDOWS = [120, 600, 1800]

export const pick = <T>(random: () => number, from: readonly T[]): T => from[Math.floor(random() * from.length)]!

/** A whole number in [`least`, `most`). */
export const between = (random: () => number, least: number, most: number): number =>
  least + Math.floor(random() * (most - least))
