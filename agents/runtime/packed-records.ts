/** Records of one emission, compressed as one: a session publishes half a megabyte of evidence, which shrinks to a tenth. */
import { pack, unpackBytes } from '../../bus/postgres/packed.ts'
import type { EncodedRecord } from '../../bus/bus.ts'

/** What precedes the values: their topics, keys, headers and lengths in bytes, as JSON. */
type Head = [topic: string, key: string, headers: Record<string, string>, length: number][]

/** 4 bytes: the length of the head. */
const PREFIX = 4

export function packRecords(records: readonly EncodedRecord[]): Promise<Buffer> {
  const head: Head = records.map(({ topic, key, headers, value }) => [topic, key, headers, value.length])
  const json = Buffer.from(JSON.stringify(head))
  const prefix = Buffer.alloc(PREFIX)
  prefix.writeUInt32BE(json.length)
  return pack(Buffer.concat([prefix, json, ...records.map(({ value }) => value)]))
}

export async function unpackRecords(packed: Buffer): Promise<EncodedRecord[]> {
  const bytes = await unpackBytes(packed)
  let at = PREFIX + bytes.readUInt32BE()
  const head = JSON.parse(bytes.toString('utf8', PREFIX, at)) as Head
  return head.map(([topic, key, headers, length]) => ({
    topic,
    key,
    headers,
    value: bytes.subarray(at, (at += length)),
  }))
}
