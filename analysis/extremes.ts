/** Of any number of values: as arguments of one call, hundreds of thousands overflow the stack. NaN among them is the answer, as of `Math.max`. */

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
