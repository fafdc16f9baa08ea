/** Shortens a record that is too large to keep: its beginning stays, with the size and SHA-256 of each part that was cut. */
import { createHash } from 'node:crypto'
import type { Delivery, Part, Whole } from './bus.ts'

export interface Kept {
  keyBytes: number
  valueBytes: number
  headersBytes: number
}

export const BEGINNING: Kept = { keyBytes: 1024, valueBytes: 65_536, headersBytes: 16_384 }
/** For a topic that refuses even the beginning. */
export const NOTHING: Kept = { keyBytes: 256, valueBytes: 0, headersBytes: 0 }

/** Parts cut earlier keep their original size. */
export function shorten(delivery: Delivery, kept: Kept): Delivery {
  const { key, value, headers, raw, ...rest } = delivery
  const keyBytes = raw?.key ?? (key === null ? null : Buffer.from(key))
  const cutKey = keyBytes !== null && keyBytes.length > kept.keyBytes
  const cutValue = value !== null && value.length > kept.valueBytes
  const fitting = fittingHeaders(delivery, kept.headersBytes)
  const cutHeaders = Object.keys(fitting).length < Object.keys(headers).length
  const whole: Partial<Record<Part, Whole>> = {
    ...(cutKey ? { key: wholeOf(keyBytes) } : {}),
    ...(cutValue ? { value: wholeOf(value) } : {}),
    ...(cutHeaders ? { headers: wholeOf(Buffer.from(JSON.stringify(headers))) } : {}),
  }
  const bytes = {
    ...(raw?.key === undefined ? {} : { key: raw.key?.subarray(0, kept.keyBytes) ?? null }),
    ...(raw?.headers === undefined ? {} : { headers: pick(raw.headers, fitting) }),
  }
  return {
    ...rest,
    key: cutKey ? keyBytes.subarray(0, kept.keyBytes).toString('utf8') : key,
    value: cutValue ? Buffer.from(value.subarray(0, kept.valueBytes)) : value,
    headers: fitting,
    ...(raw === undefined ? {} : { raw: bytes }),
    shortened: { ...whole, ...delivery.shortened },
  }
}

const wholeOf = (bytes: Buffer): Whole => ({
  bytes: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
})

/** Small headers first: trace ids and attributes are worth more than whatever made the record too large. */
function fittingHeaders({ headers, raw }: Delivery, limit: number): Record<string, string> {
  const sized = Object.entries(headers).map(([name, text]) => ({ name, text, bytes: bytesOf(name, text, raw?.headers?.[name]) })) // prettier-ignore
  let left = limit
  const fitting = sized.toSorted((a, b) => a.bytes - b.bytes).filter(({ bytes }) => (left -= bytes) >= 0)
  return Object.fromEntries(fitting.map(({ name, text }) => [name, text]))
}

/** Bytes of others are kept beside the text as base64, in JSON. */
const bytesOf = (name: string, text: string, raw: readonly Buffer[] = []): number =>
  Buffer.byteLength(name) + Buffer.byteLength(text) + raw.reduce((sum, { length }) => sum + length * 2 + 8, 0)

const pick = <T>(all: Readonly<Record<string, T>>, names: object): Record<string, T> =>
  Object.fromEntries(Object.entries(all).filter(([name]) => Object.hasOwn(names, name)))
