/** Reads a topic by time. A group of its own, which commits nothing, gives it all partitions. */
import { randomUUID } from 'node:crypto'
import type { Admin, Consumer, KafkaMessage } from 'kafkajs'
import { BusError, type Delivery } from '../bus.ts'
import type { RecordLog } from '../record-log.ts'
import { connect, type KafkaConnection } from './connection.ts'
import { deliveryOf } from './consume.ts'
import { within } from './within.ts'
import { inWords } from './words.ts'

/** Read ahead per partition; then it is paused. */
const AHEAD = 2000
const JOIN_LIMIT_MS = 15_000
const CLOSE_LIMIT_MS = 5000

interface Lane {
  /** next offset to fetch, and to hand out */
  next: bigint
  waiting: Waiting[]
  isPaused: boolean
}

interface Waiting {
  message: KafkaMessage
  /** ms since the epoch, when it was written: not later than it arrived, or a clock that is ahead would hold up the partition */
  at: number
}

/** `group`: the prefix of its name. */
export function openRecordLog(connection: KafkaConnection, topic: string, group: string): RecordLog {
  const kafka = connect(connection)
  const failure = (error: unknown) =>
    new BusError('unavailable', `Kafka, ${topic}: ${inWords(error)}`, { cause: error })
  let reading: Reading | null = null
  let admin: Admin | null = null

  async function asked(): Promise<Admin> {
    if (admin !== null) return admin
    const connected = kafka.admin()
    await connected.connect()
    return (admin = connected)
  }

  async function end(): Promise<void> {
    const ended = reading
    reading = null
    await ended?.stop()
  }

  return {
    topic,
    async from(time) {
      await end()
      try {
        const starts = await (await asked()).fetchTopicOffsetsByTimestamp(topic, Math.floor(time))
        reading = startReading(kafka.consumer({ groupId: `${group}${randomUUID()}`, maxWaitTimeInMs: 100, allowAutoTopicCreation: false }), topic, new Map(starts.map(({ partition, offset }) => [partition, BigInt(offset)]))) // prettier-ignore
        await within(JOIN_LIMIT_MS, reading.joined, `the group was not joined within ${JOIN_LIMIT_MS / 1000} s`)
      } catch (error) {
        await end()
        throw failure(error)
      }
    },
    async *read(until, signal) {
      const from = reading
      if (from === null) throw new BusError('unavailable', `Kafka, ${topic}: it is not read`)
      try {
        const ends = await (await asked()).fetchTopicOffsets(topic)
        yield* from.upTo(new Map(ends.map(({ partition, high }) => [partition, BigInt(high)])), until, signal)
      } catch (error) {
        if (signal.aborted) throw error
        await end()
        throw failure(error)
      }
    },
    async close() {
      await end()
      await within(CLOSE_LIMIT_MS, admin?.disconnect() ?? Promise.resolve(), '').catch(() => undefined)
    },
  }
}

interface Reading {
  joined: Promise<void>
  upTo(ends: ReadonlyMap<number, bigint>, until: number, signal: AbortSignal): AsyncGenerator<Delivery>
  stop(): Promise<void>
}

function startReading(consumer: Consumer, topic: string, starts: ReadonlyMap<number, bigint>): Reading {
  const lanes = new Map([...starts].map(([partition, next]): [number, Lane] => [partition, { next, waiting: [], isPaused: false }])) // prettier-ignore
  const laneOf = (partition: number): Lane => {
    const lane = lanes.get(partition) ?? { next: 0n, waiting: [], isPaused: false }
    lanes.set(partition, lane)
    return lane
  }
  let news = Promise.withResolvers<void>()
  const wake = () => {
    news.resolve()
    news = Promise.withResolvers<void>()
  }
  const { promise: died, reject: die } = Promise.withResolvers<never>()
  died.catch(() => undefined)
  consumer.on('consumer.crash', ({ payload }) => {
    if (!payload.restart) die(payload.error)
  })
  const joined = new Promise<void>((resolve) =>
    consumer.on('consumer.group_join', () => {
      // without committed offsets, each join begins at the start of the topic, and without the pauses
      for (const [partition, lane] of lanes) {
        lane.isPaused = false
        consumer.seek({ topic, partition, offset: String(lane.next) })
      }
      resolve()
    }),
  )
  // transaction markers end here without having been a record
  consumer.on('consumer.end_batch_process', ({ payload: { partition, lastOffset } }) => {
    const lane = laneOf(partition)
    const after = BigInt(lastOffset) + 1n
    if (after > lane.next) lane.next = after
    wake()
  })
  const running = (async () => {
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      async eachBatch({ batch: { partition, messages } }) {
        const lane = laneOf(partition)
        for (const message of messages) {
          // fetched before it was told where to begin
          if (BigInt(message.offset) < lane.next) continue
          lane.waiting.push({ message, at: Math.min(Number(message.timestamp), Date.now()) })
          lane.next = BigInt(message.offset) + 1n
        }
        if (lane.waiting.length >= AHEAD && !lane.isPaused) {
          lane.isPaused = true
          consumer.pause([{ topic, partitions: [partition] }])
        }
      },
    })
  })()
  running.catch(die)

  async function* upTo(
    ends: ReadonlyMap<number, bigint>,
    until: number,
    signal: AbortSignal,
  ): AsyncGenerator<Delivery> {
    const aborted = new Promise<never>((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
    )
    aborted.catch(() => undefined)
    for (;;) {
      signal.throwIfAborted()
      const open = [...ends].filter(([partition, end]) => hasMore(laneOf(partition), end))
      if (open.length === 0) return
      if (open.some(([partition]) => laneOf(partition).waiting.length === 0)) {
        await Promise.race([news.promise, died, aborted])
        continue
      }
      const [partition] = open.reduce((first, one) => (headOf(laneOf(one[0])) < headOf(laneOf(first[0])) ? one : first))
      const lane = laneOf(partition)
      if (headOf(lane) > until) return
      yield deliveryOf(topic, partition, lane.waiting[0]!.message)
      lane.waiting.shift()
      if (lane.isPaused && lane.waiting.length < AHEAD / 2) {
        lane.isPaused = false
        consumer.resume([{ topic, partitions: [partition] }])
      }
    }
  }

  return {
    joined: Promise.race([joined, died]),
    upTo,
    stop: () => within(CLOSE_LIMIT_MS, consumer.disconnect(), '').catch(() => undefined),
  }
}

/** Records before `end` are still to be handed out. */
const hasMore = ({ next, waiting }: Lane, end: bigint): boolean =>
  waiting[0] === undefined ? next < end : BigInt(waiting[0].message.offset) < end

const headOf = ({ waiting }: Lane): number => waiting[0]!.at
