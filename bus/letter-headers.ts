/** Text headers of a dead letter for the raw bytes of its key and headers, for original headers that start with our prefix, and for truncation. */
import type { Delivery, Part, RawParts } from './bus.ts'

type Headers = Delivery['headers']
type Shortened = NonNullable<Delivery['shortened']>

export const PREFIX = 'dlq_'
/** Prefix for headers of the original record that already start with `dlq_`. */
const THEIRS = `${PREFIX}theirs_`

/** Headers of the original record, with names that start with `dlq_` escaped. */
export const theirHeaders = (headers: Headers): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, text]) => [name.startsWith(PREFIX) ? `${THEIRS}${name}` : name, text]),
  )

/** The inverse of `theirHeaders`: the original headers, without ours. */
export const ownHeaders = (headers: Headers): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).flatMap(theirHeader))

const theirHeader = ([name, text]: [string, string]): [string, string][] => {
  if (name.startsWith(THEIRS)) return [[name.slice(THEIRS.length), text]]
  return name.startsWith(PREFIX) ? [] : [[name, text]]
}

const PARTS: readonly Part[] = ['key', 'value', 'headers']

/** For each truncated part, e.g. the value: `dlq_shortened: value`, `dlq_value_bytes`, `dlq_value_sha256`. */
export function shortenedHeaders({ shortened = {} }: Delivery): Record<string, string> {
  const cut = PARTS.flatMap((part) => (shortened[part] === undefined ? [] : [{ part, ...shortened[part] }]))
  if (cut.length === 0) return {}
  const sizes = cut.flatMap(({ part, bytes, sha256 }) => [
    [`${PREFIX}${part}_bytes`, String(bytes)],
    [`${PREFIX}${part}_sha256`, sha256],
  ])
  return { [`${PREFIX}shortened`]: cut.map(({ part }) => part).join(', '), ...Object.fromEntries(sizes) }
}

export function readShortened(about: (name: string) => string): Shortened {
  const names = about('shortened').split(', ')
  const cut = PARTS.filter((part) => names.includes(part))
  return Object.fromEntries(
    cut.map((part) => [part, { bytes: Number(about(`${part}_bytes`)), sha256: about(`${part}_sha256`) }]),
  )
}

/** Raw bytes are base64-encoded. */
export function rawHeaders({ key, raw }: Delivery): Record<string, string> {
  const headers = Object.entries(raw?.headers ?? {})
  const encoded = headers.map(([name, values]) => [name, values.map((value) => value.toString('base64'))])
  return {
    ...(key === null ? { [`${PREFIX}no_key`]: 'true' } : {}),
    ...(raw?.key === undefined || raw.key === null ? {} : { [`${PREFIX}key`]: raw.key.toString('base64') }),
    ...(headers.length === 0 ? {} : { [`${PREFIX}headers`]: JSON.stringify(Object.fromEntries(encoded)) }),
  }
}

export function readRaw(headers: Delivery['headers']): RawParts {
  const key = headers[`${PREFIX}key`]
  const encoded = headers[`${PREFIX}headers`]
  if (headers[`${PREFIX}no_key`] !== undefined) return { key: null, ...rawOf(encoded) }
  return { ...(key === undefined ? {} : { key: Buffer.from(key, 'base64') }), ...rawOf(encoded) }
}

function rawOf(encoded: string | undefined): Pick<RawParts, 'headers'> {
  if (encoded === undefined) return {}
  const values = Object.entries(JSON.parse(encoded) as Record<string, string[]>)
  return {
    headers: Object.fromEntries(values.map(([name, all]) => [name, all.map((one) => Buffer.from(one, 'base64'))])),
  }
}
