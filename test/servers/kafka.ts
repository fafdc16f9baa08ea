import { ask, askPrivate } from './client.ts'
import type { PrivateServer } from './client.ts'
import type { Secured } from './local/kafka.ts'

export type Kafka = {
  brokers: string[]
  /** URL of the schema registry, including the path of its Confluent-compatible API. */
  registryUrl: string
}

/** The shared broker and registry of a test run. Use a random topic prefix. */
export async function kafka(): Promise<Kafka> {
  const [broker, registry] = await Promise.all([
    ask<{ brokers: string[] }>('shared/kafka'),
    ask<{ url: string }>('shared/registry'),
  ])
  return { brokers: broker.brokers, registryUrl: registry.url }
}

/** A private broker that can be stopped and restarted at the same address, with the shared registry. `secured`: with TLS and SASL. */
export const startPrivateKafka = (secured?: Secured): Promise<PrivateServer<{ brokers: string[] }>> =>
  askPrivate('kafka', secured)
