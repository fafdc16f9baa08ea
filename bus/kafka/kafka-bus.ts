/** The bus of a cluster: Kafka and a schema registry. Nothing outside this folder knows the clients underneath. */
import type { Producer } from 'kafkajs'
import type { Contract } from '../../schemas/contract.ts'
import { type Bus, BusError, type Consumption, type EncodedRecord } from '../bus.ts'
import { createCodec } from '../codec.ts'
import { createSizeCheck } from '../size.ts'
import { readTopic } from './browse.ts'
import { connect, type KafkaConnection } from './connection.ts'
import { consume, within } from './consume.ts'
import { createRegistryStore, registerSchemas, type RegistryConnection } from './schema-store.ts'
import { applyTopics, type PlanOptions } from './topics.ts'

export interface KafkaBusOptions extends KafkaConnection, RegistryConnection {
  contract: Contract
  /** ms `close` may take; default 10 s */
  shutdownMs?: number
  /** ms without a heartbeat after which a member's partitions go to the others; default 10 s, brokers allow 6 s and more */
  sessionMs?: number
}

/** ms after which a publish counts as not possible; the same records may be published again */
const PUBLISH_MS = 20_000
const HEALTH_MS = 5000

/** Creates what topics.yaml names and registers the schemas: for the operator's `sre topics apply` and `sre schemas register`, and tests. */
export async function prepareKafkaBus(options: KafkaBusOptions, plan: PlanOptions = {}): Promise<void> {
  await applyTopics(options, options.contract, plan)
  await registerSchemas(options, options.contract)
}

export async function createKafkaBus(options: KafkaBusOptions): Promise<Bus> {
  const { contract, shutdownMs = 10_000, sessionMs = 10_000 } = options
  const kafka = connect(options)
  const codec = createCodec(contract, createRegistryStore(options))
  const checkSize = createSizeCheck(contract)
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    retry: { initialRetryTime: 200, maxRetryTime: 3000, retries: Number.MAX_SAFE_INTEGER },
  })
  const connected = lazily(producer)
  const consumptions: Consumption[] = []
  let closing: Promise<void> | null = null

  const publish: Bus['publish'] = async (records) => {
    checkSize(records)
    if (records.length === 0) return
    try {
      await within(PUBLISH_MS, connected().then(() => producer.sendBatch({ acks: -1, topicMessages: byTopic(records) })), `no acknowledgement within ${PUBLISH_MS / 1000} s`) // prettier-ignore
    } catch (error) {
      throw new BusError('unavailable', `Kafka: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      })
    }
  }
  return {
    encode: (event, value, headers = {}) => codec.encode(event, value, headers),
    decode: (delivery) => codec.decode(delivery),
    publish,

    async subscribe(subscription) {
      const consumption = await consume({ kafka, subscription, codec, publish, shutdownMs, sessionMs })
      consumptions.push(consumption)
      return consumption
    },

    async *browse(topic) {
      yield* await readTopic(kafka, topic)
    },

    async health() {
      const admin = kafka.admin({ retry: { retries: 0 } })
      try {
        await within(
          HEALTH_MS,
          admin.connect().then(() => admin.describeCluster()),
          `no answer within ${HEALTH_MS / 1000} s`,
        )
        return { ok: true, reason: null }
      } catch (error) {
        return { ok: false, reason: `Kafka cannot be asked: ${String(error)}` }
      } finally {
        await admin.disconnect().catch(() => undefined)
      }
    },

    close() {
      closing ??= (async () => {
        await Promise.all(consumptions.map((consumption) => consumption.stop()))
        await within(shutdownMs, producer.disconnect(), '').catch(() => undefined)
      })()
      return closing
    },
  }
}

/** Connects at the first use, and again after a failure. */
function lazily(producer: Producer): () => Promise<void> {
  let connecting: Promise<void> | null = null
  return () => {
    connecting ??= producer.connect().catch((error: unknown) => {
      connecting = null
      throw error
    })
    return connecting
  }
}

const byTopic = (records: readonly EncodedRecord[]) =>
  [...Map.groupBy(records, (record) => record.topic)].map(([topic, group]) => ({
    topic,
    messages: group.map(({ key, value, headers }) => ({ key, value, headers: { ...headers } })),
  }))
