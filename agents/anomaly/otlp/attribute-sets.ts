import { type KeyValue, valueOf } from './wire.ts'

interface Entry<T> {
  /** the attributes in the order in which they came */
  said: string
  value: T
  /** found after it last time */
  next: Entry<T> | null
}

/**
 * Values by set of attributes, in whatever order these come. Exporters send the same sets in the same order each time: then a set is recognised without
 * making a string of it, which would cost more than all the rest.
 */
export class AttributeSets<T> {
  readonly #entries = new Map<string, Entry<T>>()
  #last: Entry<T> | null = null

  get size(): number {
    return this.#entries.size
  }

  /** undefined: none */
  get(attributes: readonly KeyValue[]): T | undefined {
    const next = this.#last?.next ?? null
    const entry = next !== null && isSaid(next.said, attributes) ? next : this.#entries.get(identityOf(attributes))
    if (entry === undefined) return undefined
    if (this.#last !== null) this.#last.next = entry
    this.#last = entry
    return entry.value
  }

  set(attributes: readonly KeyValue[], value: T): void {
    this.#entries.set(identityOf(attributes), { said: attributes.map(textOf).join('\0'), value, next: null })
  }

  /** Removes those that `isGone` accepts. */
  remove(isGone: (value: T) => boolean): T[] {
    const gone = [...this.#entries].filter(([, { value }]) => isGone(value))
    if (gone.length === 0) return []
    for (const [identity] of gone) this.#entries.delete(identity)
    for (const entry of this.#entries.values()) entry.next = null
    this.#last = null
    return gone.map(([, { value }]) => value)
  }
}

/** The same for the same attributes in another order. */
export function identityOf(attributes: readonly KeyValue[]): string {
  if (attributes.length === 0) return ''
  const parts = attributes.map(textOf)
  return parts.length === 1 ? parts[0]! : parts.sort().join('\0')
}

const textOf = (one: KeyValue): string => `${one.key}=${valueOf(one)}`

/** Whether `said` is the text of these attributes in this order. */
function isSaid(said: string, attributes: readonly KeyValue[]): boolean {
  let at = 0
  const reads = (part: string): boolean => {
    const isNext = said.startsWith(part, at)
    at += part.length
    return isNext
  }
  for (const one of attributes)
    if (!((at === 0 || reads('\0')) && reads(one.key) && reads('=') && reads(String(valueOf(one))))) return false
  return at === said.length
}
