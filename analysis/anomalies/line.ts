/** What the last points suggest for the next one: the least-squares line through them, continued by one step. */

const POINTS = 10

/** Weights of the points, oldest first: those of the line's value one step after the last of `count` points. */
const WEIGHTS = weightsOf(POINTS)

function weightsOf(count: number): number[] {
  const middle = (count - 1) / 2
  const along = Array.from({ length: count }, (_, at) => at - middle)
  const variance = along.reduce((sum, x) => sum + x ** 2, 0)
  return along.map((x) => 1 / count + (x * (count - middle)) / variance)
}

/** null before there are enough points. `recent`: oldest first. */
export function lineAhead(recent: readonly number[]): number | null {
  if (recent.length < POINTS) return null
  let next = 0
  for (let at = 0; at < POINTS; at += 1) next += WEIGHTS[at]! * recent[at]!
  return next
}

/** Adds a point in place. */
export function remember(recent: number[], value: number): void {
  if (recent.length === POINTS) recent.shift()
  recent.push(value)
}
