/** Kafka and the registry: do they answer, and are the topics and schemas those of this version? */
import {
  type BusOptions,
  createBus,
  incompatibleSchemas,
  inWords,
  planTopics,
  tooFewBrokers,
  unregisteredSchemas,
} from '../../bus/create.ts'
import { registryTrouble } from '../registry.ts'
import { type Check, type Finding, notConfigured, ok } from './check.ts'
import { unreachable } from './dial.ts'
import { doctor as texts } from './texts.ts'

type Kafka = Extract<BusOptions, { kind: 'kafka' }>

const IDS = ['kafka', 'topics', 'registry', 'schemas'] as const

/** Null: the bus is PostgreSQL, or not configured. */
export function kafkaChecks(options: BusOptions | null): Check[] {
  if (options?.kind !== 'kafka')
    return IDS.map((id) => ({ id, look: async () => notConfigured(id === 'registry' ? 'SCHEMA_REGISTRY_URL' : 'KAFKA_BROKERS') })) // prettier-ignore
  const brokers = reached(options)
  const registry = registryTrouble(options)
  registry.catch(() => undefined)
  return [
    { id: 'kafka', look: () => brokers },
    { id: 'topics', look: async () => ((await brokers).state === 'ok' ? topics(options) : texts.notChecked('kafka')) },
    {
      id: 'registry',
      async look() {
        const trouble = await registry
        return trouble === null ? ok(texts.answers) : { state: 'failed', says: trouble }
      },
    },
    { id: 'schemas', look: async () => ((await registry) === null ? schemas(options) : texts.notChecked('registry')) },
  ]
}

async function reached(options: Kafka): Promise<Finding> {
  const nowhere = await unreachable(options.brokers)
  if (nowhere !== null) return { state: 'failed', says: texts.noBroker(nowhere), todo: texts.todoOf('kafka') }
  const bus = await createBus(options)
  try {
    const { ok: answers, reason } = await bus.health()
    if (answers) return ok(texts.answers)
    const why = (reason ?? '').replace(/^Kafka is unreachable: /, '')
    return { state: 'failed', says: texts.notAsBroker(why), todo: texts.todoOf('kafka') }
  } finally {
    await bus.close()
  }
}

/** With as many replicas as the cluster can hold, as `sre topics apply` makes them. */
async function topics(options: Kafka): Promise<Finding> {
  try {
    const few = await tooFewBrokers(options, options.contract)
    const changes = await planTopics(options, options.contract, few === null ? {} : { replicas: few.brokers })
    if (changes.length > 0)
      return { state: 'failed', says: texts.topicsDiffer(changes.length), todo: texts.applyTopics }
    return few === null ? ok(texts.topicsMatch) : { state: 'warning', says: texts.fewBrokers(few.brokers), todo: texts.addBrokers } // prettier-ignore
  } catch (error) {
    return { state: 'failed', says: texts.failed(inWords(error)), todo: texts.todoOf('kafka') }
  }
}

async function schemas(options: Kafka): Promise<Finding> {
  const incompatible = await incompatibleSchemas(options, options.contract)
  if (incompatible.length > 0)
    return {
      state: 'failed',
      says: texts.incompatible(incompatible.length),
      todo: texts.sameVersion,
      details: incompatible,
    }
  const missing = await unregisteredSchemas(options, options.contract)
  if (missing.length === 0) return ok(texts.registered)
  return { state: 'failed', says: texts.unregistered(missing), todo: texts.registerSchemas }
}
