/** What the last points suggest for the next one: the least-squares line through them, continued by one step. */

/** Values in memory: how many there are, then the values, oldest first. */
export const POINTS = 10

/** Weights of the points, oldest first: those of the line's value one step after the last of `count` points. */
const WEIGHTS = weightsOf(POINTS)

function weightsOf(count: number): number[] {
  const middle = (count - 1) / 2
  const along = Array.from({ length: count }, (_, at) => at - middle)
  const variance = along.reduce((sum, x) => sum + x ** 2, 0)
  return along.map((x) => 1 / count + (x * (count - middle)) / variance)
}

/** null before there are enough points. */
export function lineAhead(memory: Float64Array, at: number): number | null {
  if (memory[at]! < POINTS) return null
  let next = 0
  for (let point = 0; point < POINTS; point += 1) next += WEIGHTS[point]! * memory[at + 1 + point]!
  return next
}

/** Adds a point in place. */
export function remember(memory: Float64Array, at: number, value: number): void {
  const count = memory[at]!
  if (count === POINTS) memory.copyWithin(at + 1, at + 2, at + 1 + POINTS)
  else memory[at] = count + 1
  memory[at + memory[at]!] = value
}

/** Oldest first. */
export const remembered = (memory: Float64Array, at: number): number[] => [...memory.subarray(at + 1, at + 1 + memory[at]!)] // prettier-ignore
