/** Order statistics: what a few wild values cannot move (Rousseeuw and Croux, "Alternatives to the MAD", 1993). */

/** Of an ascending array, interpolated between neighbours; 0 where it is empty. */
export function quantileOfSorted(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return 0
  const place = share * (sorted.length - 1)
  const [low, high] = [Math.floor(place), Math.ceil(place)]
  const [below, above] = [sorted[low] ?? 0, sorted[high] ?? 0]
  return below === above ? below : below + (above - below) * (place - low)
}

export const sortedOf = (values: Float64Array | readonly number[]): Float64Array => Float64Array.from(values).sort()

export const median = (values: Float64Array | readonly number[]): number => quantileOfSorted(sortedOf(values), 0.5)

/** Normal-consistent: the standard deviation, were the values normal. */
export const spreadAround = (center: number, values: Float64Array | readonly number[]): number =>
  1.4826 * median(Float64Array.from(values, (value) => Math.abs(value - center)))
