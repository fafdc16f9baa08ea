/** Keeps what comes, up to a limit; beyond it every second is dropped, then every fourth kept, and so on: shares stay what they are. */
export class Thinned<T> {
  readonly #limit: number
  #stride = 1
  #seen = 0
  #items: T[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  push(item: T): void {
    if (this.#seen++ % this.#stride !== 0) return
    this.#items.push(item)
    if (this.#items.length <= this.#limit) return
    this.#items = this.#items.filter((_, at) => at % 2 === 0)
    this.#stride *= 2
  }

  get items(): T[] {
    return this.#items
  }

  /** One in so many was kept. */
  get stride(): number {
    return this.#stride
  }
}
