/**
 * Patches kafkajs, which is no longer maintained: it trusts the lengths in a record. A negative length moves the reader backwards, so that it
 * reads the same header again and again: a record of a hundred bytes exhausted the memory.
 */
import { createRequire } from 'node:module'

interface Decoder {
  buffer: Buffer
  offset: number
  readVarIntString(): string | null
  readVarIntBytes(): Buffer | null
}

const load: (id: string) => { prototype: Decoder } = createRequire(import.meta.url)
const { prototype } = load('kafkajs/src/protocol/decoder')

for (const name of ['readVarIntString', 'readVarIntBytes'] as const) {
  const read: () => string | Buffer | null = prototype[name]
  Object.defineProperty(prototype, name, {
    value(this: Decoder) {
      const from = this.offset
      const value = read.call(this)
      if (this.offset <= from || this.offset > this.buffer.length) throw new Error('a length exceeds its record')
      return value
    },
  })
}
