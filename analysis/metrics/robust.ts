/** Order statistics: what a few wild values cannot move (Rousseeuw and Croux, "Alternatives to the MAD", 1993). */

/** Of an ascending array, interpolated between neighbours; 0 where it is empty. */
export function quantileOfSorted(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return 0
  const place = share * (sorted.length - 1)
  const [low, high] = [Math.floor(place), Math.ceil(place)]
  const [below, above] = [sorted[low]!, sorted[high]!]
  return below === above ? below : below + (above - below) * (place - low)
}

/** Beyond so many values the runtime's own sort is the faster. */
const FEW = 24

export function sortedOf(values: Float64Array | readonly number[]): Float64Array {
  const sorted = values instanceof Float64Array ? values.slice() : Float64Array.from(values)
  if (sorted.length > FEW) return sorted.sort()
  for (let at = 1; at < sorted.length; at++) {
    const value = sorted[at]!
    let place = at
    for (; place > 0 && sorted[place - 1]! > value; place--) sorted[place] = sorted[place - 1]!
    sorted[place] = value
  }
  return sorted
}

export const median = (values: Float64Array | readonly number[]): number =>
  values.length === 2 ? (values[0]! + values[1]!) / 2 : quantileOf(values, 0.5)

/** As of the sorted values, without sorting them: only what lies around the place is put in order (Hoare's FIND, 1961). */
export function quantileOf(values: Float64Array | readonly number[], share: number): number {
  if (values.length <= FEW) return quantileOfSorted(sortedOf(values), share)
  const parted = values instanceof Float64Array ? values.slice() : Float64Array.from(values)
  const place = share * (parted.length - 1)
  const low = Math.floor(place)
  const below = select(parted, low)
  if (place === low) return below
  // What lies behind the place is not smaller than it: the next value is the least of it.
  let above = Infinity
  for (let at = low + 1; at < parted.length; at++) above = Math.min(above, parted[at]!)
  return below === above ? below : below + (above - below) * (place - low)
}

function select(values: Float64Array, place: number): number {
  let [from, to] = [0, values.length - 1]
  while (from < to) {
    const pivot = middleOf(values[from]!, values[(from + to) >> 1]!, values[to]!)
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

const middleOf = (a: number, b: number, c: number): number => Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))

/** Normal-consistent: the standard deviation, were the values normal. */
export const spreadAround = (center: number, values: Float64Array | readonly number[]): number =>
  1.4826 * median(Float64Array.from(values, (value) => Math.abs(value - center)))
