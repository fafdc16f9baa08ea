/**
 * The daily and weekly patterns of a series (the seasonal component of Winters, 1960): the offset of each half hour from the level. In one block of memory for
 * both, because there may be a hundred thousand series in one process.
 */

interface Period {
  /** length in ms */
  ms: number
  /** its half hours in the memory */
  from: number
  to: number
}

const DAY = 86_400_000
const HALF_HOUR = DAY / 48
/** A day and a week. */
export const PERIODS: readonly Period[] = [
  { ms: DAY, from: 0, to: 48 },
  { ms: 7 * DAY, from: 48, to: 8 * 48 },
]
const BINS = 8 * 48

export interface Shapes {
  offsets: Float32Array
  /** in how many periods each half hour was seen (not the number of points), 255 at most */
  seen: Uint8Array
}

/** Bytes of the shapes of one series. */
export const SHAPE_BYTES = 5 * BINS

/** `buffer`: zeroes, of which `SHAPE_BYTES` from `at` are theirs. */
export const shapesIn = (buffer: ArrayBuffer, at: number): Shapes => ({
  offsets: new Float32Array(buffer, at, BINS),
  seen: new Uint8Array(buffer, at + 4 * BINS, BINS),
})

/** A shape as JSON stores it: the bytes in base64, little-endian, a third of the time and of the size of numbers. Format 2 had numbers. */
export interface StoredShape {
  /** ms */
  period: number
  offsets: string | number[]
  seen: string | number[]
}

export const stored = ({ offsets, seen }: Shapes): StoredShape[] =>
  PERIODS.map(({ ms, from, to }) => ({
    period: ms,
    offsets: base64(offsets.subarray(from, to)),
    seen: base64(seen.subarray(from, to)),
  }))

export function restore({ offsets, seen }: Shapes, shapes: readonly StoredShape[]): void {
  for (const [index, one] of shapes.entries()) {
    const { from } = PERIODS[index]!
    offsets.set(typeof one.offsets === 'string' ? new Float32Array(bytesOf(one.offsets).buffer) : one.offsets, from)
    seen.set(typeof one.seen === 'string' ? bytesOf(one.seen) : one.seen, from)
  }
}

const base64 = ({ buffer, byteOffset, byteLength }: Float32Array | Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64')
/** In memory of their own, where floats are aligned. */
const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, 'base64'))

/** null until this half hour was seen in two periods, or if `time` is an index instead of a timestamp. */
export function offsetAt({ offsets, seen }: Shapes, period: Period, time: number): number | null {
  const bin = binAt(period, time)
  return bin === null || seen[bin]! < 2 ? null : offsets[bin]!
}

/** Updates the shape in place. `last`: time of the previous point. */
export function learnShape(
  { offsets, seen }: Shapes,
  period: Period,
  time: number,
  last: number,
  offset: number,
): void {
  const bin = binAt(period, time)
  if (bin === null) return
  const again = binAt(period, last) === bin && time - last < period.ms / 2
  const pull = again ? 0.1 : Math.max(1 / (seen[bin]! + 1), 0.2)
  if (!again) seen[bin] = Math.min(seen[bin]! + 1, 255)
  offsets[bin]! += pull * (offset - offsets[bin]!)
}

const binAt = ({ ms, from }: Period, time: number): number | null =>
  time < 1e10 ? null : from + Math.floor((time % ms) / HALF_HOUR)
