/**
 * Keeps what was computed from data for as long as that data is in memory: the sessions of an alert storm ask different questions about the same data. Neither
 * data nor results may be changed. A `WeakRef` would not do: its object stays in memory until the current job ends, which in a worker thread may be never.
 */
export function rememberedBy<T>() {
  const known = newPlace<T>()
  /** `data`: the same objects each time; `key`: everything else that the result depends on. */
  return (data: readonly object[], key: string, compute: () => T): T => {
    const { results } = data.reduce(placeOf<T>, known)
    const result = results.has(key) ? results.get(key)! : compute()
    if (results.size >= MOST) results.clear()
    results.set(key, result)
    return result
  }
}

/** Results kept for the same data. */
const MOST = 8

/** What is known of the data so far, and of each that may come next. */
interface Place<T> {
  results: Map<string, T>
  next: WeakMap<object, Place<T>>
}

const newPlace = <T>(): Place<T> => ({ results: new Map(), next: new WeakMap() })

function placeOf<T>({ next }: Place<T>, one: object): Place<T> {
  const place = next.get(one) ?? newPlace<T>()
  next.set(one, place)
  return place
}
