/** Autocorrelation (Box and Jenkins, "Time series analysis", 1970). */

export function centred(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.map((value) => value - mean)
}

/** The sum of products of values `lag` apart. Four partial sums, because additions to a single one cannot overlap in the CPU. */
export function productAt(values: Float64Array, lag: number): number {
  let index = lag
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  for (; index + 3 < values.length; index += 4) {
    a += values[index]! * values[index - lag]!
    b += values[index + 1]! * values[index + 1 - lag]!
    c += values[index + 2]! * values[index + 2 - lag]!
    d += values[index + 3]! * values[index + 3 - lag]!
  }
  for (; index < values.length; index++) a += values[index]! * values[index - lag]!
  return a + b + c + d
}
