import { ask, askPrivate } from './client.ts'
import type { PrivateServer } from './client.ts'
import type { Secured } from './local/kafka.ts'

export type Kafka = {
  brokers: string[]
  /** Of the schema registry, up to and including the path that speaks as Confluent's does. */
  registryUrl: string
}

/** The broker and the registry that all tests of a run share. Take topics of your own: a random prefix. */
export async function kafka(): Promise<Kafka> {
  const [broker, registry] = await Promise.all([
    ask<{ brokers: string[] }>('shared/kafka'),
    ask<{ url: string }>('shared/registry'),
  ])
  return { brokers: broker.brokers, registryUrl: registry.url }
}

/** A broker of the caller's own, to take away and give back at the same address. The shared registry serves it too. `secured`: behind TLS and SASL. */
export const startPrivateKafka = (secured?: Secured): Promise<PrivateServer<{ brokers: string[] }>> =>
  askPrivate('kafka', secured)
