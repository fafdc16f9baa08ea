/** Keys and headers of others are bytes; here they are text, and bytes beside it where text would not give them back. */
import { isUtf8 } from 'node:buffer'
import type { KafkaMessage } from 'kafkajs'
import type { Delivery, EncodedRecord, RawParts } from '../bus.ts'

type Told = Pick<Delivery, 'key' | 'headers' | 'raw'>

/** Of a header that repeats the last value is its text. The client can read a header without a value, and cannot write one: it is left out. */
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

/** The record as the client writes it. */
export const asMessage = ({ key, value, headers, raw }: EncodedRecord) => ({
  key: raw?.key === undefined ? key : raw.key,
  value,
  headers: { ...headers, ...Object.fromEntries(Object.entries(raw?.headers ?? {}).map(([name, all]) => [name, [...all]])) }, // prettier-ignore
})
