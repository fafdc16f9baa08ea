/**
 * The shape of a day or a week (the seasonal part of Winters, 1960): how far each half hour of it lies from the level. Plain data.
 */

export interface Shape {
  /** ms after which it comes again */
  period: number
  offsets: number[]
  /** on how many periods each was seen, not at how many points */
  seen: number[]
}

const DAY = 86_400_000
const HALF_HOUR = DAY / 48

export const shapeOf = (days: number): Shape => ({
  period: days * DAY,
  offsets: Array<number>(days * 48).fill(0),
  seen: Array<number>(days * 48).fill(0),
})

/** null until the time was seen in two periods, and where `time` is an index and no instant. */
export function offsetAt({ period, offsets, seen }: Shape, time: number): number | null {
  const bin = binAt(period, time)
  return bin === null || seen[bin]! < 2 ? null : offsets[bin]!
}

/** Changes the shape. `last`: when the point before was. */
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
