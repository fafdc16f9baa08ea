/** A member of a Kafka consumer group. Handles records in small chunks; commits an offset only after its records were handled. */
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs'
import { type Bus, BusError, type Consumption, type Delivery, type Subscription } from '../bus.ts'
import type { Codec } from '../codec.ts'
import { createIntake, type Take } from '../intake.ts'
import { watchSilence } from '../silence.ts'
import { keyOf, openReason, type Standing, watchStanding } from '../standing.ts'
import { unreadableOf } from './batches.ts'
import { beginAtEnd } from './begin-at-end.ts'
import { chunksOf } from './chunks.ts'
import { told } from './raw-parts.ts'
import { within } from './within.ts'
import { inWords } from './words.ts'

export interface ConsumeOptions {
  kafka: Kafka
  subscription: Subscription
  codec: Codec
  /** for dead letters: a separate producer, so that a missing dead-letter topic does not delay other publishes */
  publishLetters: Bus['publish']
  shutdownMs: number
  /** ms without a heartbeat after which the group reassigns a member's partitions */
  sessionMs: number
  silentMs: number
  /** whether the brokers answer */
  answers(): Promise<boolean>
}

/** Limits of one fetch; exceeded only if a single producer batch is larger. */
const FETCH_BYTES = { maxBytesPerPartition: 1024 * 1024, maxBytes: 5 * 1024 * 1024 }
const JOIN_LIMIT_MS = 60_000
const BACKOFF_MS = [100, 500, 2000, 3000]

export async function consume(options: ConsumeOptions): Promise<Consumption> {
  const { kafka, subscription } = options
  const failure = (error: unknown) => new BusError('unavailable', `Kafka, group ${subscription.group}: ${inWords(error)}`, { cause: error }) // prettier-ignore
  if (subscription.from === 'latest')
    await beginAtEnd(kafka, subscription.group, subscription.topics).catch((error: unknown) => {
      throw failure(error)
    })
  const consumer = kafka.consumer({
    groupId: subscription.group,
    sessionTimeout: options.sessionMs,
    heartbeatInterval: Math.round(options.sessionMs / 5),
    rebalanceTimeout: 15_000,
    maxWaitTimeInMs: 100,
    allowAutoTopicCreation: false,
    ...FETCH_BYTES,
    retry: { initialRetryTime: 200, maxRetryTime: 3000, retries: 100 },
  })
  const life = watchLife(consumer, options)
  let paused = false
  let stopping: Promise<void> | null = null
  const topics = subscription.topics.map((topic) => ({ topic }))
  const halted = () => paused || stopping !== null
  const standing = watchStanding({ limitMs: options.silentMs, observer: subscription.observer })
  const take = createIntake(subscription, options.codec, options.publishLetters)
  const member: Member = { consumer, take, halted, standing, failures: new Map() }

  const joined = new Promise<void>((resolve) =>
    consumer.on('consumer.group_join', () => {
      // kafkajs loses the pause when it restarts the consumer
      if (paused) consumer.pause(topics)
      resolve()
    }),
  )
  const start = async () => {
    await consumer.connect()
    await consumer.subscribe({ topics: [...subscription.topics], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 3,
      eachBatch: (payload) => handleBatch(payload, member),
    })
    await joined
  }
  try {
    // the client reports only through an event that the brokers refused it
    const refused = life.failed.then((error) => Promise.reject(error))
    await within(
      JOIN_LIMIT_MS,
      Promise.race([start(), refused]),
      `the group was not joined within ${JOIN_LIMIT_MS / 1000} s`,
    )
  } catch (error) {
    life.stop()
    void consumer.disconnect().catch(() => undefined)
    throw failure(error)
  }

  return {
    pause() {
      paused = true
      consumer.pause(topics)
    },
    resume() {
      paused = false
      consumer.resume(topics)
    },
    unhealthy: () => (stopping !== null ? 'the consumer is stopped' : (life.unhealthy() ?? standing.unhealthy())),
    failed: life.failed,
    stop() {
      life.stop()
      stopping ??= within(options.shutdownMs, consumer.disconnect(), '').catch(() => undefined)
      return stopping
    },
  }
}

interface Member {
  consumer: Consumer
  take: Take
  halted(): boolean
  standing: Standing
  /** how often in a row the handler has failed, by partition */
  failures: Map<string, number>
}

/**
 * Retries failed records after a backoff. Meanwhile the partition is paused and the batch returned: kafkajs fetches nothing from a broker
 * until all batches fetched from it are done, so waiting here would block every other partition.
 */
async function handleBatch(payload: EachBatchPayload, member: Member): Promise<void> {
  const { batch, heartbeat, isRunning, isStale, resolveOffset } = payload
  const { consumer, take, halted, standing, failures } = member
  const { topic, partition } = batch
  const live = () => isRunning() && !isStale() && !halted()
  for (const chunk of chunksOf(batch.messages)) {
    if (!live()) break
    const deliveries = chunk.map((message) => deliveryOf(topic, partition, message))
    try {
      await take(deliveries)
      const last = chunk.at(-1)!.offset
      await consumer.commitOffsets([{ topic, partition, offset: String(BigInt(last) + 1n) }])
      resolveOffset(last)
      failures.delete(keyOf(batch))
      standing.moved({ topic, partition })
    } catch (error) {
      if (isRebalance(error)) throw error
      standing.failed({ topic, partition }, error)
      rest(payload, member)
      break
    }
    await heartbeat()
  }
}

/** Pausing or resuming a single partition would end a pause of all partitions, so both are skipped during one. */
function rest({ batch, pause }: EachBatchPayload, { halted, failures }: Member): void {
  if (halted()) return
  const place = keyOf(batch)
  const before = failures.get(place) ?? 0
  failures.set(place, before + 1)
  const resume = pause()
  setTimeout(() => halted() || resume(), BACKOFF_MS[Math.min(before, BACKOFF_MS.length - 1)]).unref()
}

const REBALANCE = /REBALANCE|UNKNOWN_MEMBER|ILLEGAL_GENERATION/
const isRebalance = (error: unknown): boolean => {
  const { type, cause } = error as { type?: string; cause?: unknown }
  return REBALANCE.test(type ?? '') || (cause instanceof Error && isRebalance(cause))
}

export function deliveryOf(topic: string, partition: number, message: KafkaMessage): Delivery {
  const origin = { topic, partition, offset: message.offset, timestamp: Number(message.timestamp) }
  const unreadable = unreadableOf(message)
  if (unreadable === undefined) return { origin, value: message.value, ...told(message) }
  const { reason, bytes, sha256 } = unreadable
  return { origin, key: null, value: null, headers: {}, shortened: { value: { bytes, sha256 } }, unreadable: reason }
}

/** A consumer is alive as long as it sends heartbeats or fetches. */
function watchLife(consumer: Consumer, { answers, silentMs }: ConsumeOptions) {
  let lastSign = Date.now()
  let died: Error | null = null
  const sign = () => (lastSign = Date.now())
  const { promise: crashed, resolve } = Promise.withResolvers<Error>()
  consumer.on('consumer.heartbeat', sign)
  consumer.on('consumer.fetch', sign)
  consumer.on('consumer.group_join', sign)
  consumer.on('consumer.crash', ({ payload }) => {
    if (payload.restart) return
    died = payload.error
    resolve(payload.error)
  })
  const silence = watchSilence({ lastSign: () => lastSign, answers, limitMs: silentMs })
  return {
    failed: Promise.race([crashed, silence.failed]),
    stop: silence.stop,
    unhealthy(): string | null {
      if (died !== null) return `the consumer has died: ${openReason(died)}`
      const quietMs = Date.now() - lastSign
      return quietMs > silentMs ? `no heartbeat or fetch for ${Math.round(quietMs / 1000)} s` : null
    },
  }
}
