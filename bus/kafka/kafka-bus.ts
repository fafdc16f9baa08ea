/** The bus on Kafka and a schema registry. Only this folder uses the Kafka and registry clients. */
import type { Contract } from '../../schemas/contract.ts'
import type { Bus, Consumption } from '../bus.ts'
import { createCodec } from '../codec.ts'
import { createSizeCheck } from '../size.ts'
import { withAdmin } from './admin.ts'
import { readTopic } from './browse.ts'
import { connect, type KafkaConnection } from './connection.ts'
import { consume } from './consume.ts'
import { createLagReader, type Followed } from './lag.ts'
import { createPublisher, type Patience, type Publisher } from './publish.ts'
import { createRegistryStore, registerSchemas, type RegistryConnection } from './schema-store.ts'
import { applyTopics, type PlanOptions } from './topics.ts'
import { within } from './within.ts'
import { inWords } from './words.ts'

export interface KafkaBusOptions extends KafkaConnection, RegistryConnection {
  contract: Contract
  /** how long a publish keeps trying while brokers are down; default 20 s */
  patience?: Patience
  /** ms `close` may take; default 10 s */
  shutdownMs?: number
  /** ms without a heartbeat after which a member's partitions are reassigned; default 10 s, brokers accept 6 s or more */
  sessionMs?: number
  /** a consumer without a heartbeat or fetch for this many ms is unhealthy, and dead if the brokers answer; default 30 s */
  silentMs?: number
}

const HEALTH_MS = 5000

/** Creates the topics of topics.yaml and registers the schemas, as `sre topics apply` and `sre schemas register` do. */
export async function prepareKafkaBus(options: KafkaBusOptions, plan: PlanOptions = {}): Promise<void> {
  await applyTopics(options, options.contract, plan)
  await registerSchemas(options, options.contract)
}

export async function createKafkaBus(options: KafkaBusOptions): Promise<Bus> {
  const { contract, shutdownMs = 10_000, sessionMs = 10_000, silentMs = 30_000 } = options
  const closed = new AbortController()
  const kafka = connect(options, closed.signal)
  const codec = createCodec(contract, createRegistryStore(options))
  const checkSize = createSizeCheck(contract)
  const publisher = createPublisher(options, options.patience)
  // a member sends no heartbeat while it publishes a letter, so this must give up well within the session timeout; the records are retried
  const letters = createPublisher(options, { retries: 3, limitMs: sessionMs / 2 })
  const lagReader = createLagReader(kafka)
  const consumptions: Consumption[] = []
  const groups: Followed[] = []
  let closing: Promise<void> | null = null

  const through =
    (one: Publisher): Bus['publish'] =>
    async (records) => {
      checkSize(records)
      await one.publish(records)
    }
  const publishLetters = through(letters)
  const health: Bus['health'] = async () => {
    try {
      await withAdmin(options, (admin) => admin.describeCluster(), { limitMs: HEALTH_MS, retries: 0 })
      return { ok: true, reason: null }
    } catch (error) {
      return { ok: false, reason: `Kafka is unreachable: ${inWords(error)}` }
    }
  }
  const answers = async () => (await health()).ok
  return {
    encode: (event, value, headers = {}) => codec.encode(event, value, headers),
    decode: (delivery) => codec.decode(delivery),
    publish: through(publisher),

    async subscribe(subscription) {
      const consumption = await consume({
        kafka,
        subscription,
        codec,
        publishLetters,
        shutdownMs,
        sessionMs,
        silentMs,
        answers,
      })
      consumptions.push(consumption)
      groups.push(subscription)
      return consumption
    },

    browse: (topic) => readTopic(kafka, topic),

    health,
    lag: () => lagReader.lag(groups),

    close() {
      closing ??= (async () => {
        await Promise.all(consumptions.map((consumption) => consumption.stop()))
        await Promise.all([
          ...[publisher, letters].map((one) => one.close(shutdownMs)),
          within(shutdownMs, lagReader.close(), '').catch(() => undefined),
        ])
        closed.abort()
      })()
      return closing
    },
  }
}
