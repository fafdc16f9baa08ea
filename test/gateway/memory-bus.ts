/** A bus that keeps nothing beyond its process, for tests of what stands on a bus. It delivers at once and in order. */
import { BusError } from '../../bus/bus.ts'
import type { Bus, EncodedRecord, Received, Subscription } from '../../bus/bus.ts'
import { loadContract } from '../../schemas/contract.ts'

export interface MemoryBus extends Bus {
  published: Received[]
  /** while true, publishing fails as it does when the broker is away */
  away: boolean
}

export function createMemoryBus(): MemoryBus {
  const contract = loadContract()
  const subscriptions = new Set<Subscription>()
  const bus: MemoryBus = {
    published: [],
    away: false,
    async encode(event, value, headers = {}): Promise<EncodedRecord> {
      const topic = contract.topicOf(event).name
      return { topic, key: '', value: Buffer.from(JSON.stringify({ event, value })), headers }
    },
    async publish(records) {
      if (bus.away) throw new BusError('unavailable', 'the bus is away')
      const received = records.map((record): Received => {
        const origin = { topic: record.topic, partition: 0, offset: '0', timestamp: 0 }
        const delivery = { origin, key: null, value: record.value, headers: record.headers }
        return { ...JSON.parse(record.value.toString()), headers: record.headers, delivery }
      })
      bus.published.push(...received)
      for (const { topics, handle } of subscriptions)
        await handle(received.filter((one) => topics.includes(one.delivery.origin.topic)))
    },
    async subscribe(subscription) {
      subscriptions.add(subscription)
      return {
        pause: () => undefined,
        resume: () => undefined,
        unhealthy: () => null,
        failed: new Promise(() => undefined),
        stop: async () => void subscriptions.delete(subscription),
      }
    },
    async *browse() {},
    async decode(delivery) {
      return JSON.parse(String(delivery.value))
    },
    health: async () => ({ ok: !bus.away, reason: bus.away ? 'away' : null }),
    close: async () => undefined,
  }
  return bus
}
