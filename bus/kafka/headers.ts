/**
 * The client, which nobody maintains any more, copies all headers of a record once more for each of them: five thousand, which are 60 kB,
 * held the whole process for a quarter of a minute, and so again each time the record was read.
 */
import { createRequire } from 'node:module'

interface Header {
  key: string
  value: Buffer | null
}
type Values = Buffer | null | (Buffer | null)[]

interface Decoder {
  buffer: Buffer
  offset: number
  readVarInt(): number
  /** of headers only; the client reduces them to an object, and is given it */
  readVarIntArray(read: (decoder: Decoder) => Header): { reduce(): Record<string, Values> }
}

const load: (id: string) => { prototype: Decoder } = createRequire(import.meta.url)

load('kafkajs/src/protocol/decoder').prototype.readVarIntArray = function (this: Decoder, read) {
  const headers: Header[] = []
  // a count says nothing of how many there are
  for (let left = this.readVarInt(); left > 0 && this.offset < this.buffer.length; left--) headers.push(read(this))
  return { reduce: () => byName(headers) }
}

/** As the client tells them: a header that repeats has all its values. */
function byName(headers: readonly Header[]): Record<string, Values> {
  const named = Map.groupBy(headers, ({ key }) => key)
  return Object.fromEntries(
    [...named].map(([key, all]) => [key, all.length === 1 ? all[0]!.value : all.map(({ value }) => value)]),
  )
}
