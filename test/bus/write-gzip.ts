import kafkajs from 'kafkajs'
import { TOPIC } from './bench.ts'
import type { Written } from './standstill.ts'

/** Writes to one partition of the topic; compressed, large records are small enough for the broker. */
export async function writeGzip(brokers: readonly string[], records: readonly Written[]): Promise<void> {
  const other = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING })
  const producer = other.producer()
  await producer.connect()
  for (const { key, value, headers = {} } of records)
    await producer.send({
      topic: TOPIC,
      compression: kafkajs.CompressionTypes.GZIP,
      messages: [{ partition: 0, key, value, headers }],
    })
  await producer.disconnect()
}
