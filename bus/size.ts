import type { Contract } from '../schemas/contract.ts'
import { BusError, type EncodedRecord } from './bus.ts'

/** Checks a batch before it is written: throws if a topic is not in the contract, or a record exceeds its topic's `max.message.bytes`. */
export function createSizeCheck(contract: Contract): (records: readonly EncodedRecord[]) => void {
  const limits = new Map(
    [...contract.topics, ...contract.deadLetterTopics].map((topic) => [
      topic.name,
      Number(topic.config['max.message.bytes'] ?? Number.POSITIVE_INFINITY),
    ]),
  )
  return (records) => {
    for (const record of records) {
      const limit = limits.get(record.topic)
      if (limit === undefined) throw new BusError('unknown_topic', `topics.yaml has no topic ${record.topic}`)
      const bytes = sizeOf(record)
      if (bytes > limit) {
        throw new BusError(
          'too_large',
          `a record of ${bytes} bytes exceeds the ${limit}-byte limit of ${record.topic} (key ${record.key.slice(0, 200)})`,
        )
      }
    }
  }
}

export const sizeOf = ({ key, value, headers }: EncodedRecord): number =>
  Object.entries(headers).reduce(
    (sum, [name, text]) => sum + Buffer.byteLength(name) + Buffer.byteLength(text),
    value.length + Buffer.byteLength(key),
  )
