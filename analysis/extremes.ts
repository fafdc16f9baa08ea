/** Maximum and minimum of any number of values: spread into `Math.max`, hundreds of thousands overflow the stack. NaN gives NaN, as in `Math.max`. */

export function largest(values: Iterable<number>, least = -Infinity): number {
  let most = least
  for (const value of values) most = Math.max(most, value)
  return most
}

export function smallest(values: Iterable<number>, most = Infinity): number {
  let least = most
  for (const value of values) least = Math.min(least, value)
  return least
}
