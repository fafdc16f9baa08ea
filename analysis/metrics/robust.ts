/** Robust statistics, which outliers do not affect (Rousseeuw and Croux, "Alternatives to the MAD", 1993). */

/** Quantile of a sorted array, interpolated between neighbours; 0 if it is empty. */
export function quantileOfSorted(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return 0
  const place = share * (sorted.length - 1)
  const [low, high] = [Math.floor(place), Math.ceil(place)]
  return between(sorted[low]!, sorted[high]!, place - low)
}

/** Linear interpolation. */
export const between = (below: number, above: number, share: number): number =>
  below === above ? below : below + (above - below) * share

/** For more values the built-in sort is faster. */
const FEW = 24

export const sortedOf = (values: Float64Array | readonly number[]): Float64Array => sortInPlace(copyOf(values))

const copyOf = (values: Float64Array | readonly number[]): Float64Array =>
  values instanceof Float64Array ? values.slice() : Float64Array.from(values)

function sortInPlace(values: Float64Array): Float64Array {
  if (values.length > FEW) return values.sort()
  for (let at = 1; at < values.length; at++) {
    const value = values[at]!
    let place = at
    for (; place > 0 && values[place - 1]! > value; place--) values[place] = values[place - 1]!
    values[place] = value
  }
  return values
}

export const median = (values: Float64Array | readonly number[]): number =>
  values.length === 2 ? (values[0]! + values[1]!) / 2 : quantileOf(values, 0.5)

/** Quantile of unsorted values, by selection instead of sorting (Hoare's FIND, 1961). */
export const quantileOf = (values: Float64Array | readonly number[], share: number): number =>
  quantileInPlace(copyOf(values), share)

/** The same, but reorders `values`. */
export function quantileInPlace(values: Float64Array, share: number): number {
  if (values.length <= FEW) return quantileOfSorted(sortInPlace(values), share)
  const place = share * (values.length - 1)
  const low = Math.floor(place)
  const below = select(values, low)
  if (place === low) return below
  // values after index `low` are not smaller: the next one in order is their minimum
  let above = Infinity
  for (let at = low + 1; at < values.length; at++) above = Math.min(above, values[at]!)
  return between(below, above, place - low)
}

/**
 * Quickselect whose pivot is the least, middle or greatest of three values, depending on the relative position (Martínez, Panario and Viola,
 * "Adaptive sampling for quickselect", 2004).
 */
function select(values: Float64Array, place: number): number {
  let from = 0
  let to = values.length - 1
  while (from < to) {
    const pivot = pivotOf(values[from]!, values[(from + to) >> 1]!, values[to]!, (place - from) / (to - from))
    let left = from
    let right = to
    while (left <= right) {
      while (values[left]! < pivot) left++
      while (values[right]! > pivot) right--
      if (left > right) break
      const swapped = values[left]!
      values[left++] = values[right]!
      values[right--] = swapped
    }
    if (place <= right) to = right
    else if (place >= left) from = left
    else break
  }
  return values[place]!
}

function pivotOf(a: number, b: number, c: number, share: number): number {
  if (share < 0.25) return Math.min(a, b, c)
  if (share > 0.75) return Math.max(a, b, c)
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}

/** The median absolute deviation from `center`, scaled to estimate the standard deviation of normal values. */
export const spreadAround = (center: number, values: Float64Array | readonly number[]): number =>
  1.4826 * median(Float64Array.from(values, (value) => Math.abs(value - center)))
