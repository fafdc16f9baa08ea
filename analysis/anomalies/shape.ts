/**
 * The daily or weekly pattern of a series (the seasonal component of Winters, 1960): the offset of each half hour from the level. Typed arrays, because
 * there may be a hundred thousand series in one process.
 */

export interface Shape {
  /** length of the period in ms */
  period: number
  offsets: Float32Array
  /** in how many periods each half hour was seen (not the number of points), 255 at most */
  seen: Uint8Array
}

const DAY = 86_400_000
const HALF_HOUR = DAY / 48

export const shapeOf = (days: number): Shape => ({
  period: days * DAY,
  offsets: new Float32Array(days * 48),
  seen: new Uint8Array(days * 48),
})

/** A shape as JSON stores it: the bytes in base64, little-endian, a third of the time and of the size of numbers. Format 2 had numbers. */
export interface StoredShape {
  period: number
  offsets: string | number[]
  seen: string | number[]
}

export const stored = ({ period, offsets, seen }: Shape): StoredShape => ({
  period,
  offsets: base64(offsets),
  seen: base64(seen),
})

export const restored = ({ period, offsets, seen }: StoredShape): Shape => ({
  period,
  offsets: typeof offsets === 'string' ? new Float32Array(bytesOf(offsets).buffer) : Float32Array.from(offsets),
  seen: typeof seen === 'string' ? bytesOf(seen) : Uint8Array.from(seen),
})

const base64 = ({ buffer, byteOffset, byteLength }: Float32Array | Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64')
/** In memory of their own, where floats are aligned. */
const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, 'base64'))

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
  if (!again) seen[bin] = Math.min(seen[bin]! + 1, 255)
  offsets[bin]! += pull * (offset - offsets[bin]!)
}

const binAt = (period: number, time: number): number | null =>
  time < 1e10 ? null : Math.floor((time % period) / HALF_HOUR)
