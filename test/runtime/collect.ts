import { randomUUID } from 'node:crypto'
import type { Bus, Received } from '../../bus/bus.ts'
import type { Contract } from '../../schemas/contract.ts'
import type { EventName, Events } from '../../schemas/events.generated.ts'

/** Consumes every topic in its own group and collects all records, repeats included. */
export async function collect(bus: Bus, contract: Contract) {
  const seen: Received[] = []
  const consumption = await bus.subscribe({
    group: `collect-${randomUUID()}`,
    consumer: 'gateway',
    from: 'latest',
    topics: contract.topics.map((topic) => topic.name),
    handle(records) {
      seen.push(...records)
      return Promise.resolve([])
    },
  })
  return {
    of: <E extends EventName>(event: E): Events[E][] =>
      seen.filter((one) => one.event === event).map((one) => one.value as Events[E]),
    stop: () => consumption.stop(),
  }
}
