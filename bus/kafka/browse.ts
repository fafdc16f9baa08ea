import { randomUUID } from 'node:crypto'
import type { Kafka } from 'kafkajs'
import { BusError, type Delivery, messageOf } from '../bus.ts'
import { deliveryOf } from './consume.ts'

const SILENT_MS = 30_000

/** Reads a topic up to its present end, partition by partition in order, in a group that does not outlive it. */
export async function readTopic(kafka: Kafka, topic: string): Promise<Delivery[]> {
  const admin = kafka.admin()
  await admin.connect()
  const group = `browse-${randomUUID()}`
  try {
    const ends = (await admin.fetchTopicOffsets(topic)).filter(({ low, high }) => BigInt(high) > BigInt(low))
    if (ends.length === 0) return []
    const found = await readUntil(
      kafka,
      group,
      topic,
      new Map(ends.map(({ partition, high }) => [partition, BigInt(high)])),
    )
    await admin.deleteGroups([group]).catch(() => undefined)
    return found.sort(
      (a, b) => a.origin.partition - b.origin.partition || Number(BigInt(a.origin.offset) - BigInt(b.origin.offset)),
    )
  } finally {
    await admin.disconnect()
  }
}

async function readUntil(kafka: Kafka, group: string, topic: string, ends: Map<number, bigint>): Promise<Delivery[]> {
  const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 50, allowAutoTopicCreation: false })
  const found: Delivery[] = []
  const { promise: done, resolve, reject } = Promise.withResolvers<void>()
  const silence = setTimeout(() => reject(new Error(`${topic}: nothing came for ${SILENT_MS / 1000} s`)), SILENT_MS)
  consumer.on('consumer.crash', ({ payload }) => reject(payload.error))
  // What lies between the last record and the end may be markers of transactions: they reach this event, but never a handler.
  consumer.on('consumer.end_batch_process', ({ payload }) => {
    silence.refresh()
    const end = ends.get(payload.partition)
    if (end !== undefined && BigInt(payload.lastOffset) >= end - 1n) ends.delete(payload.partition)
    if (ends.size === 0) resolve()
  })
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatch({ batch }) {
        const end = ends.get(batch.partition)
        for (const message of batch.messages)
          if (end !== undefined && BigInt(message.offset) < end) found.push(deliveryOf(topic, batch.partition, message))
        return Promise.resolve()
      },
    })
    await done
    return found
  } catch (error) {
    throw new BusError('unavailable', `Kafka: ${messageOf(error)}`, {
      cause: error,
    })
  } finally {
    clearTimeout(silence)
    await consumer.disconnect()
  }
}
