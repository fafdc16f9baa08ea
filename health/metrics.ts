/** The metrics that all components have. Label values come from fixed sets: topics, groups and codes of this version. */
import { Counter, Gauge, Registry } from 'prom-client'
import type { Bus, PutAside } from '../bus/bus.ts'
import { within } from '../bus/kafka/within.ts'
import { type Dropped, droppedChannel } from '../bus/dropped.ts'
import { deadLetterChannel } from '../bus/observer.ts'

/** well below the 10 s that Prometheus waits for a scrape by default */
const LAG_MS = 5000

export interface MetricsOptions {
  bus: Pick<Bus, 'lag'>
  /** why nothing is read from the bus; null: reading works */
  unhealthy(): string | null
}

export interface ComponentMetrics {
  registry: Registry
  /** stops counting */
  close(): void
}

export function createComponentMetrics({ bus, unhealthy }: MetricsOptions): ComponentMetrics {
  const registry = new Registry()
  const registers = [registry]
  const dropped = new Counter({
    name: 'sre_dropped_total',
    help: 'Items this process dropped because a limit was reached',
    labelNames: ['what'],
    registers,
  })
  const deadLetters = new Counter({
    name: 'sre_dead_letters_total',
    help: 'Records written to a dead-letter topic by this process',
    labelNames: ['consumer', 'topic', 'code'],
    registers,
  })
  new Gauge({
    name: 'sre_consumer_lag_records',
    help: 'Records a consumer group has not read yet; absent while unknown. PostgreSQL: counted up to 100,000 per partition',
    labelNames: ['group', 'topic'],
    registers,
    async collect() {
      this.reset()
      // an unknown lag is left out, not 0; the scrape still shows the other metrics
      const lags = await within(LAG_MS, bus.lag(), 'no answer').catch(() => [])
      for (const { group, topic, records } of lags) this.set({ group, topic }, records)
    },
  })
  new Gauge({
    name: 'sre_consumer_stopped',
    help: '1 while this process reads nothing from the bus, or one of its partitions is blocked; readyz says why',
    registers,
    collect() {
      this.set(unhealthy() === null ? 0 : 1)
    },
  })
  const countDropped = (message: unknown): void => {
    const { what, count } = message as Dropped
    dropped.inc({ what }, count)
  }
  const countLetter = (message: unknown): void => {
    const { consumer, origin, code } = message as PutAside
    deadLetters.inc({ consumer, topic: origin.topic, code })
  }
  droppedChannel.subscribe(countDropped)
  deadLetterChannel.subscribe(countLetter)
  return {
    registry,
    close() {
      droppedChannel.unsubscribe(countDropped)
      deadLetterChannel.unsubscribe(countLetter)
    },
  }
}
