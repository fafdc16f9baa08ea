/**
 * Downsamples items beyond a number or a size: keeps one in two, then one in four, and so on, which preserves proportions. Items of one trace
 * are kept or dropped together.
 */
export interface Limits<T> {
  most: number
  /** maximum sum of `sizeOf` */
  mostSize?: number
  sizeOf?: (item: T) => number
}

export class Thinned<T extends { traceId?: string }> {
  readonly #limits: Limits<T>
  #stride = 1
  #seen = 0
  #size = 0
  #items: T[] = []
  #places: number[] = []

  constructor(limits: Limits<T>) {
    this.#limits = limits
  }

  push(item: T): void {
    const place = isTrace(item.traceId) ? hashOf(item.traceId) : this.#seen++
    if (place % this.#stride !== 0) return
    this.#items.push(item)
    this.#places.push(place)
    this.#size += this.#sizeOf(item)
    const { most, mostSize = Infinity } = this.#limits
    if (this.#items.length > most || this.#size > mostSize) this.#halve()
  }

  #halve(): void {
    this.#stride *= 2
    // a single trace larger than the limit is itself thinned to every second item
    const whole = this.#places.some((place) => place % this.#stride === 0)
    const isKept = (_: unknown, at: number): boolean => (whole ? this.#places[at]! % this.#stride === 0 : at % 2 === 0)
    const keptPlaces = this.#places.filter(isKept)
    this.#items = this.#items.filter(isKept)
    this.#places = keptPlaces
    this.#size = this.#items.reduce((sum, item) => sum + this.#sizeOf(item), 0)
  }

  #sizeOf(item: T): number {
    return this.#limits.sizeOf?.(item) ?? 0
  }

  get items(): T[] {
    return this.#items
  }

  /** One in `stride` items was kept. */
  get stride(): number {
    return this.#stride
  }
}

/** Some tools write zeros or a dash if there is no trace id. */
const isTrace = (id: string | undefined): id is string => id !== undefined && !/^[0-]*$/.test(id)

function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> 0
}
