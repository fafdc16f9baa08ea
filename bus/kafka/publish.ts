/** Publishes one batch at a time; records that arrive meanwhile go into the next batch. A failed batch never loses or reorders later ones. */
import kafkajs, { type CompressionTypes as Compression, type Producer } from 'kafkajs'
import { BusError, type EncodedRecord } from '../bus.ts'
import { installCodecs } from './codecs.ts'
import { connect, type KafkaConnection } from './connection.ts'
import { asMessage } from './raw-parts.ts'
import { within } from './within.ts'
import { inWords } from './words.ts'

export interface Publisher {
  /** Settles when all replicas have every record. Throws `BusError` `unavailable` or `too_large`. */
  publish(records: readonly EncodedRecord[]): Promise<void>
  close(closeMs: number): Promise<void>
}

const { CompressionTypes } = kafkajs
installCodecs()

interface Ticket {
  left: number
  error: BusError | null
  settle(): void
}

/** A topic's `max.message.bytes` (1 MiB) also applies to a whole batch. */
const BATCH_BYTES = 512 * 1024
const BATCH_RECORDS = 2000
/** Smaller batches are not worth compressing. */
const WORTH_COMPRESSING_BYTES = 8 * 1024

export interface Patience {
  retries: number
  /** ms for one batch */
  limitMs: number
}
const PATIENCE: Patience = { retries: 8, limitMs: 20_000 }
/** For requests that a person waits for: they fail within 2 s. */
export const PROMPT: Patience = { retries: 2, limitMs: 1700 }

export function createPublisher(connection: KafkaConnection, { retries, limitMs }: Patience = PATIENCE): Publisher {
  let waiting: { record: EncodedRecord; ticket: Ticket }[] = []
  let producer: { connected: Promise<Producer>; dropped: AbortController } | null = null
  let sending: Promise<void> | null = null

  /**
   * After a failure the broker may or may not have the batch. The next batch would carry the same sequence number, and a broker that
   * has the first would drop the second as a duplicate. So each failure drops the producer, with its connections: what the caller was told has
   * failed must not be sent later.
   */
  const drop = () => {
    producer?.dropped.abort()
    void producer?.connected.then((one) => one.disconnect()).catch(() => undefined)
    producer = null
  }
  const send = async (records: readonly EncodedRecord[]): Promise<void> => {
    producer ??= openProducer(connection, retries)
    const connected = await producer.connected
    await connected.sendBatch({ acks: -1, compression: compressionOf(records), topicMessages: byTopic(records) })
  }
  const sendWaiting = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, batchLength(waiting.map(({ record }) => record)))
      const records = batch.map(({ record }) => record)
      const error = await within(limitMs, send(records), `no acknowledgement within ${limitMs / 1000} s`).then(
        () => null,
        busError,
      )
      if (error !== null) {
        drop()
        // if the brokers are unreachable for this batch, they are for the waiting records too
        const others = error.code === 'unavailable' ? waiting : []
        for (const { ticket } of [...batch, ...others]) ticket.error ??= error
        // drop the remaining records of a failed publish: the caller repeats all of them, and they must stay in order
        batch.push(...waiting.filter(({ ticket }) => ticket.error !== null))
        waiting = waiting.filter(({ ticket }) => ticket.error === null)
      }
      for (const { ticket } of batch) ticket.left--
      for (const ticket of new Set(batch.map((one) => one.ticket))) if (ticket.left === 0) ticket.settle()
    }
    sending = null
  }

  return {
    publish: (records) =>
      new Promise((resolve, reject) => {
        const ticket: Ticket = {
          left: records.length,
          error: null,
          settle: () => (ticket.error === null ? resolve() : reject(ticket.error)),
        }
        if (records.length === 0) return resolve()
        for (const record of records) waiting.push({ record, ticket })
        // publishes of the same event-loop turn share a batch
        sending ??= Promise.resolve().then(sendWaiting)
      }),
    async close(closeMs) {
      await within(closeMs, sending ?? Promise.resolve(), '').catch(() => undefined)
      const last = producer
      producer = null
      if (last !== null) await within(closeMs, last.connected.then((one) => one.disconnect()), '').catch(() => undefined) // prettier-ignore
    },
  }
}

/**
 * With gzip, which every client reads without a codec of its own. A record that is too large for a batch is sent as it is: whether a topic
 * takes it must not depend on how well it compresses.
 */
function compressionOf(records: readonly EncodedRecord[]): Compression {
  const bytes = records.reduce((sum, { value }) => sum + value.length, 0)
  const isWorth = bytes >= WORTH_COMPRESSING_BYTES && bytes <= BATCH_BYTES
  return isWorth ? CompressionTypes.GZIP : CompressionTypes.None
}

/** How many records fit into one batch; at least one. */
function batchLength(records: readonly EncodedRecord[]): number {
  let bytes = 0
  let length = 0
  for (const { value, key, headers } of records.slice(0, BATCH_RECORDS)) {
    bytes += value.length + key.length + JSON.stringify(headers).length
    if (length > 0 && bytes > BATCH_BYTES) break
    length++
  }
  return length
}

function openProducer(connection: KafkaConnection, retries: number) {
  const dropped = new AbortController()
  return { connected: connectProducer(connection, retries, dropped.signal), dropped }
}

async function connectProducer(connection: KafkaConnection, retries: number, signal: AbortSignal): Promise<Producer> {
  const producer = connect(connection, signal).producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    retry: { initialRetryTime: 200, maxRetryTime: 2000, retries },
  })
  await producer.connect()
  return producer
}

const NO_TOPIC = 'UNKNOWN_TOPIC_OR_PARTITION'
const TOO_LARGE = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']

function busError(error: unknown): BusError {
  const cause = error instanceof kafkajs.KafkaJSNumberOfRetriesExceeded ? (error.cause ?? error) : error
  const { type = '' } = cause as { type?: string }
  const code = TOO_LARGE.includes(type) ? 'too_large' : type === NO_TOPIC ? 'not_prepared' : 'unavailable'
  return new BusError(code, `Kafka: ${inWords(cause)}`, { cause: error })
}

const byTopic = (records: readonly EncodedRecord[]) =>
  [...Map.groupBy(records, (record) => record.topic)].map(([topic, group]) => ({
    topic,
    messages: group.map(asMessage),
  }))
