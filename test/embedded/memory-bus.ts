import type { Bus, EncodedRecord, Received, Subscription } from '../../bus/bus.ts'
import { loadContract } from '../../schemas/contract.ts'
import type { EventName, Events } from '../../schemas/events.generated.ts'

const contract = loadContract()

/** Stand-in until the PostgreSQL bus is there. */
export function createMemoryBus(): Bus {
  const log: EncodedRecord[] = []
  const subscriptions: Subscription[] = []
  const received = (record: EncodedRecord): Received =>
    ({
      event: contract.topicNamed(record.topic)?.event as EventName,
      value: JSON.parse(record.value.toString()) as Events[EventName],
      headers: record.headers,
      delivery: {
        origin: { topic: record.topic, partition: 0, offset: '0', timestamp: 0 },
        key: record.key,
        value: record.value,
        headers: record.headers,
      },
    }) as Received
  return {
    encode: async (event, value) => {
      const topic = contract.topicOf(event)
      return {
        topic: topic.name,
        key: String((value as unknown as Record<string, unknown>)[topic.key]),
        value: Buffer.from(JSON.stringify(value)),
        headers: {},
      }
    },
    publish: async (records) => {
      for (const record of records) {
        log.push(record)
        for (const one of subscriptions) if (one.topics.includes(record.topic)) await one.handle([received(record)])
      }
    },
    subscribe: async (subscription) => {
      subscriptions.push(subscription)
      return {
        pause() {},
        resume() {},
        unhealthy: () => null,
        failed: new Promise(() => undefined),
        stop: async () => void subscriptions.splice(subscriptions.indexOf(subscription), 1),
      }
    },
    async *browse(topic) {
      for (const record of log) if (record.topic === topic) yield received(record).delivery
    },
    decode: async (delivery) =>
      received({
        topic: delivery.origin.topic,
        key: delivery.key ?? '',
        value: delivery.value as Buffer,
        headers: delivery.headers,
      }),
    health: async () => ({ ok: true, reason: null }),
    close: async () => undefined,
  }
}
