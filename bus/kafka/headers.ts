/**
 * Patches kafkajs, which is no longer maintained: decoding a record's headers takes quadratic time, as all are copied for each one.
 * A record with five thousand headers (60 kB) blocked the process for 15 s each time it was read.
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
  /** used for headers only; kafkajs calls `reduce` on the result to get an object */
  readVarIntArray(read: (decoder: Decoder) => Header): { reduce(): Record<string, Values> }
}

const load: (id: string) => { prototype: Decoder } = createRequire(import.meta.url)

load('kafkajs/src/protocol/decoder').prototype.readVarIntArray = function (this: Decoder, read) {
  const headers: Header[] = []
  // the count is untrusted: stop at the end of the buffer
  for (let left = this.readVarInt(); left > 0 && this.offset < this.buffer.length; left--) headers.push(read(this))
  return { reduce: () => byName(headers) }
}

/** The shape kafkajs returns: a repeated header is an array of its values. */
function byName(headers: readonly Header[]): Record<string, Values> {
  const named = Map.groupBy(headers, ({ key }) => key)
  return Object.fromEntries(
    [...named].map(([key, all]) => [key, all.length === 1 ? all[0]!.value : all.map(({ value }) => value)]),
  )
}
