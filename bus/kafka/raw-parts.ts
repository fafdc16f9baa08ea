/** Keys and headers of foreign records are bytes. They are read as text, and kept as bytes too where text would not round-trip. */
import { isUtf8 } from 'node:buffer'
import type { KafkaMessage } from 'kafkajs'
import type { Delivery, EncodedRecord, RawParts } from '../bus.ts'

type Told = Pick<Delivery, 'key' | 'headers' | 'raw'>

/** The text of a repeated header is its last value. Headers without a value are left out, because kafkajs cannot write them. */
export function told({ key, headers: found }: Pick<KafkaMessage, 'key' | 'headers'>): Told {
  const headers = Object.entries(found ?? {})
    .map(([name, value]) => [name, [value].flat().flatMap(bytesOf)] as const)
    .filter(([, values]) => values.length > 0)
  const untrue = headers.filter(([, values]) => values.length > 1 || !values.every(isUtf8))
  const raw: RawParts = {
    ...(key === null || isUtf8(key) ? {} : { key }),
    ...(untrue.length === 0 ? {} : { headers: Object.fromEntries(untrue) }),
  }
  return {
    key: key === null ? null : key.toString('utf8'),
    headers: Object.fromEntries(headers.map(([name, values]) => [name, values.at(-1)!.toString('utf8')])),
    ...(Object.keys(raw).length === 0 ? {} : { raw }),
  }
}

const bytesOf = (value: Buffer | string | null | undefined): Buffer[] =>
  value === null || value === undefined ? [] : [Buffer.from(value)]

/** The record in the form kafkajs sends. */
export const asMessage = ({ key, value, headers, raw }: EncodedRecord) => ({
  key: raw?.key === undefined ? key : raw.key,
  value,
  headers: { ...headers, ...Object.fromEntries(Object.entries(raw?.headers ?? {}).map(([name, all]) => [name, [...all]])) }, // prettier-ignore
})
