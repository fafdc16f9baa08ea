/** Order statistics: what a few wild values cannot move (Rousseeuw and Croux, "Alternatives to the MAD", 1993). */

/** Of an ascending array, interpolated between neighbours; 0 where it is empty. */
export function quantileOfSorted(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return 0
  const place = share * (sorted.length - 1)
  const [low, high] = [Math.floor(place), Math.ceil(place)]
  return between(sorted[low]!, sorted[high]!, place - low)
}

/** So far from one value to the next. */
export const between = (below: number, above: number, share: number): number =>
  below === above ? below : below + (above - below) * share

/** Beyond so many values the runtime's own sort is the faster. */
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

/** As of the sorted values, without sorting them: only what lies around the place is put in order (Hoare's FIND, 1961). */
export const quantileOf = (values: Float64Array | readonly number[], share: number): number =>
  quantileInPlace(copyOf(values), share)

/** The same of values whose order nobody needs any more. */
export function quantileInPlace(values: Float64Array, share: number): number {
  if (values.length <= FEW) return quantileOfSorted(sortInPlace(values), share)
  const place = share * (values.length - 1)
  const low = Math.floor(place)
  const below = select(values, low)
  if (place === low) return below
  // What lies behind the place is not smaller than it: the next value is the least of it.
  let above = Infinity
  for (let at = low + 1; at < values.length; at++) above = Math.min(above, values[at]!)
  return between(below, above, place - low)
}

/**
 * The pivot is taken from where the place is: of three values the least, the middle or the greatest (Martínez, Panario and Viola,
 * "Adaptive sampling for quickselect", 2004).
 */
function select(values: Float64Array, place: number): number {
  let [from, to] = [0, values.length - 1]
  while (from < to) {
    const pivot = pivotOf(values[from]!, values[(from + to) >> 1]!, values[to]!, (place - from) / (to - from))
    let [left, right] = [from, to]
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

/** Normal-consistent: the standard deviation, were the values normal. */
export const spreadAround = (center: number, values: Float64Array | readonly number[]): number =>
  1.4826 * median(Float64Array.from(values, (value) => Math.abs(value - center)))
