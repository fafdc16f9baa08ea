import { randomUUID } from 'node:crypto'
import type { Kafka } from 'kafkajs'
import { BusError, type Delivery } from '../bus.ts'
import { deliveryOf } from './consume.ts'
import { inWords } from './words.ts'

const SILENT_MS = 30_000
/** ms between heartbeats while a batch waits for its reader */
const HEARTBEAT_MS = 2000
/** ms without a heartbeat after which the group revokes the partitions */
const SESSION_MS = 10_000

/** Reads a topic up to its current end, in order per partition, in a temporary group. Holds one batch in memory at a time. */
export async function* readTopic(kafka: Kafka, topic: string): AsyncGenerator<Delivery> {
  const admin = kafka.admin()
  await admin.connect()
  const group = `browse-${randomUUID()}`
  try {
    const ends = (await admin.fetchTopicOffsets(topic)).filter(({ low, high }) => BigInt(high) > BigInt(low))
    if (ends.length === 0) return
    yield* readUntil(kafka, group, topic, new Map(ends.map(({ partition, high }) => [partition, BigInt(high)])))
  } catch (error) {
    throw new BusError('unavailable', `Kafka, ${topic}: ${inWords(error)}`, { cause: error })
  } finally {
    await admin.deleteGroups([group]).catch(() => undefined)
    await admin.disconnect()
  }
}

async function* readUntil(
  kafka: Kafka,
  group: string,
  topic: string,
  ends: ReadonlyMap<number, bigint>,
): AsyncGenerator<Delivery> {
  const consumer = kafka.consumer({
    groupId: group,
    maxWaitTimeInMs: 50,
    allowAutoTopicCreation: false,
    sessionTimeout: SESSION_MS,
  })
  // a batch is passed on once the previous one has been read
  const { readable, writable } = new TransformStream<Delivery[], Delivery[]>()
  const writer = writable.getWriter()
  const fail = (error: unknown): void => void writer.abort(error).catch(() => undefined)
  writer.closed.catch(() => undefined)
  const silence = setTimeout(() => fail(new Error(`nothing came for ${SILENT_MS / 1000} s`)), SILENT_MS)
  const open = new Map(ends)
  const next = new Map<number, bigint>()
  // a restarted consumer reads from the beginning again; `next` skips what was already passed on
  consumer.on('consumer.crash', ({ payload }) => {
    if (!payload.restart) fail(payload.error)
  })
  // the last offsets may be transaction markers, which reach this event but never a handler
  consumer.on('consumer.end_batch_process', ({ payload }) => {
    silence.refresh()
    const end = open.get(payload.partition)
    if (end !== undefined && BigInt(payload.lastOffset) >= end - 1n) open.delete(payload.partition)
    if (open.size === 0) void writer.close().catch(() => undefined)
  })
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      async eachBatch({ batch: { partition, messages }, heartbeat }) {
        // after a rebalance the partition is read from the beginning again
        const first = next.get(partition) ?? 0n
        const wanted = messages.filter(
          ({ offset }) => BigInt(offset) >= first && BigInt(offset) < (ends.get(partition) ?? 0n),
        )
        const alive = setInterval(() => {
          silence.refresh()
          void heartbeat().catch(() => undefined) // a rebalance: the batch is redelivered and skipped
        }, HEARTBEAT_MS)
        await writer.ready
          .then(() => writer.write(wanted.map((message) => deliveryOf(topic, partition, message))))
          .catch(() => undefined) // the reader has stopped
          .finally(() => clearInterval(alive))
        next.set(partition, BigInt(messages.at(-1)?.offset ?? 0) + 1n)
      },
    })
    for await (const deliveries of readable) yield* deliveries
  } finally {
    clearTimeout(silence)
    await consumer.disconnect()
  }
}
