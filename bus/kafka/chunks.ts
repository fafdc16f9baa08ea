import type { KafkaMessage } from 'kafkajs'

const RECORDS = 200
/** Compressed batches arrive decompressed: a few hundred kilobytes may become many megabytes. */
const BYTES = 4 * 1024 * 1024

/** Splits the records of one partition into chunks to handle between two heartbeats: bounded in number and bytes, at least one record each. */
export function* chunksOf(messages: readonly KafkaMessage[]): Generator<KafkaMessage[]> {
  let chunk: KafkaMessage[] = []
  let bytes = 0
  for (const message of messages) {
    const size = (message.value?.length ?? 0) + (message.key?.length ?? 0)
    if (chunk.length === RECORDS || (chunk.length > 0 && bytes + size > BYTES)) {
      yield chunk
      chunk = []
      bytes = 0
    }
    chunk.push(message)
    bytes += size
  }
  if (chunk.length > 0) yield chunk
}
