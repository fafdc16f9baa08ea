/**
 * The daily or weekly pattern of a series (the seasonal component of Winters, 1960): the offset of each half hour from the level. Plain data.
 */

export interface Shape {
  /** length of the period in ms */
  period: number
  offsets: number[]
  /** in how many periods each half hour was seen (not the number of points) */
  seen: number[]
}

const DAY = 86_400_000
const HALF_HOUR = DAY / 48

export const shapeOf = (days: number): Shape => ({
  period: days * DAY,
  offsets: Array<number>(days * 48).fill(0),
  seen: Array<number>(days * 48).fill(0),
})

/** null until this half hour was seen in two periods, or if `time` is an index instead of a timestamp. */
export function offsetAt({ period, offsets, seen }: Shape, time: number): number | null {
  const bin = binAt(period, time)
  return bin === null || seen[bin]! < 2 ? null : offsets[bin]!
}

/** Updates `shape` in place. `last`: time of the previous point. */
export function learnShape({ period, offsets, seen }: Shape, time: number, last: number, offset: number): void {
  const bin = binAt(period, time)
  if (bin === null) return
  const again = binAt(period, last) === bin && time - last < period / 2
  const pull = again ? 0.1 : Math.max(1 / (seen[bin]! + 1), 0.2)
  if (!again) seen[bin]! += 1
  offsets[bin]! += pull * (offset - offsets[bin]!)
}

const binAt = (period: number, time: number): number | null =>
  time < 1e10 ? null : Math.floor((time % period) / HALF_HOUR)
