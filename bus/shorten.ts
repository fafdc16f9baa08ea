/** Truncates a record that is too large to store; keeps the original size and SHA-256 of each truncated part. */
import { createHash } from 'node:crypto'
import type { Delivery, Part, Whole } from './bus.ts'

export interface Kept {
  keyBytes: number
  valueBytes: number
  headersBytes: number
}

export const BEGINNING: Kept = { keyBytes: 1024, valueBytes: 65_536, headersBytes: 16_384 }
/** For a topic that refuses even the truncated record. */
export const NOTHING: Kept = { keyBytes: 256, valueBytes: 0, headersBytes: 0 }

/** Parts that were already truncated keep their original size and hash. */
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

/** Keeps the smallest headers first: trace ids and CloudEvents attributes matter more than the large header that exceeded the limit. */
function fittingHeaders({ headers, raw }: Delivery, limit: number): Record<string, string> {
  const sized = Object.entries(headers).map(([name, text]) => ({ name, text, bytes: bytesOf(name, text, raw?.headers?.[name]) })) // prettier-ignore
  let left = limit
  const fitting = sized.toSorted((a, b) => a.bytes - b.bytes).filter(({ bytes }) => (left -= bytes) >= 0)
  return Object.fromEntries(fitting.map(({ name, text }) => [name, text]))
}

/** Raw header values are stored beside the text as base64 in JSON. */
const bytesOf = (name: string, text: string, raw: readonly Buffer[] = []): number =>
  Buffer.byteLength(name) + Buffer.byteLength(text) + raw.reduce((sum, { length }) => sum + length * 2 + 8, 0)

const pick = <T>(all: Readonly<Record<string, T>>, names: object): Record<string, T> =>
  Object.fromEntries(Object.entries(all).filter(([name]) => Object.hasOwn(names, name)))
