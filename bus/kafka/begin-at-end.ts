/**
 * Starts a group without committed offsets at the current end of its topics, before it joins, so that nothing published afterwards is missed.
 * kafkajs can only do this by joining once per topic and waiting 5 s to leave; this joins once.
 */
import type { Admin, Kafka, TopicPartitionOffset } from 'kafkajs'
import pRetry from 'p-retry'
import { within } from './within.ts'

/** ms; joining, one fetch and the commit take well under a second */
const COMMIT_LIMIT_MS = 60_000

export async function beginAtEnd(kafka: Kafka, group: string, topics: readonly string[]): Promise<void> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const unknown = await whileRetriable(() => withoutPositions(admin, group, topics))
    if (unknown.length === 0) return
    const ends = await Promise.all(unknown.map((topic) => whileRetriable(() => endsOf(admin, topic))))
    await commit(kafka, group, unknown, ends.flat())
  } finally {
    await admin.disconnect()
  }
}

async function withoutPositions(admin: Admin, groupId: string, topics: readonly string[]): Promise<string[]> {
  const known = await admin.fetchOffsets({ groupId, topics: [...topics] })
  return known.filter(({ partitions }) => partitions.every(({ offset }) => offset === '-1')).map(({ topic }) => topic)
}

async function endsOf(admin: Admin, topic: string): Promise<(TopicPartitionOffset & { topic: string })[]> {
  const ends = await admin.fetchTopicOffsets(topic)
  return ends.map(({ partition, high }) => ({ topic, partition, offset: high }))
}

/** Only a member may commit: it joins, commits, and leaves without having read anything. */
async function commit(
  kafka: Kafka,
  groupId: string,
  topics: readonly string[],
  offsets: (TopicPartitionOffset & { topic: string })[],
): Promise<void> {
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 50, allowAutoTopicCreation: false })
  const { promise: done, resolve, reject } = Promise.withResolvers<void>()
  consumer.on('consumer.crash', ({ payload }) => reject(payload.error))
  consumer.on('consumer.group_join', () => consumer.pause(topics.map((topic) => ({ topic }))))
  // kafkajs silently drops a commit made before the first fetch
  consumer.on('consumer.fetch', () => void consumer.commitOffsets(offsets).then(resolve, reject))
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [...topics], fromBeginning: true })
    await consumer.run({ autoCommit: false, eachBatch: () => Promise.resolve() })
    await within(COMMIT_LIMIT_MS, done, 'Kafka: the group could not be placed at the end of its topics')
  } finally {
    await consumer.disconnect()
  }
}

/** kafkajs does not retry these admin calls, although a broker that has just started answers them with retriable errors for a while. */
const whileRetriable = <T>(work: () => Promise<T>): Promise<T> =>
  pRetry(work, {
    retries: 30,
    minTimeout: 200,
    maxTimeout: 1000,
    shouldRetry: ({ error }) => (error as { retriable?: boolean }).retriable === true,
  })
