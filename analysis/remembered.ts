/**
 * Keeps what was computed from data for as long as that data is in memory: the sessions of an alert storm ask different questions about the same data. Neither
 * data nor results may be changed.
 */
export function rememberedBy<T>() {
  const known = new WeakMap<object, Remembered<T>>()
  /** `data`: the same objects each time; `key`: everything else that the result depends on. */
  return (data: readonly [object, ...object[]], key: string, compute: () => T): T => {
    const [first, ...others] = data
    const before = known.get(first)
    const isSame = before !== undefined && others.every((one, index) => before.others[index]?.deref() === one)
    const kept = isSame ? before : { others: others.map((one) => new WeakRef(one)), results: new Map<string, T>() }
    known.set(first, kept)
    const result = kept.results.has(key) ? kept.results.get(key)! : compute()
    if (kept.results.size >= MOST) kept.results.clear()
    kept.results.set(key, result)
    return result
  }
}

/** Results kept for the same data. */
const MOST = 8

interface Remembered<T> {
  others: readonly WeakRef<object>[]
  results: Map<string, T>
}
