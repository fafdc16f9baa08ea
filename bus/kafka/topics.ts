/** Makes a cluster match `topics.yaml`: creates missing topics, changes settings where that is safe, and reports the changes it refuses. */
import kafkajs, { type Admin, type ITopicConfig } from 'kafkajs'
import type { Contract } from '../../schemas/contract.ts'
import { withAdmin } from './admin.ts'
import { messageOf } from '../bus.ts'
import type { KafkaConnection } from './connection.ts'
import { untilShown } from './shown.ts'

export type TopicChange =
  | { kind: 'create'; topic: string; partitions: number; replicas: number; config: Readonly<Record<string, string>> }
  | { kind: 'add_partitions'; topic: string; from: number; to: number }
  | {
      kind: 'configure'
      topic: string
      config: Readonly<Record<string, string>>
      from: Readonly<Record<string, string>>
    }
  /** reported but never applied: it would move keys or lose records */
  | { kind: 'refused'; topic: string; reason: string }

export interface PlanOptions {
  /** overrides the replication factor, for clusters with fewer brokers */
  replicas?: number
  /** Adds missing partitions. This moves keys to other partitions: stop publishing until consumers have caught up. */
  addPartitions?: boolean
}

export interface Wanted {
  name: string
  partitions: number
  replicas: number
  config: Readonly<Record<string, string>>
}

export async function planTopics(
  connection: KafkaConnection,
  contract: Contract,
  options: PlanOptions = {},
): Promise<TopicChange[]> {
  return withAdmin(connection, (admin) => plan(admin, wanted(contract, options), options))
}

/** The numbers of brokers and of replicas in topics.yaml, if there are too few brokers for the replicas; null: there are enough. */
export async function tooFewBrokers(
  connection: KafkaConnection,
  contract: Contract,
): Promise<{ brokers: number; replicas: number } | null> {
  const replicas = Math.max(...contract.topics.map((topic) => topic.replicas))
  const { brokers } = await withAdmin(connection, (admin) => admin.describeCluster())
  return brokers.length < replicas ? { brokers: brokers.length, replicas } : null
}

/** Applies the plan and returns it once the cluster shows the changes; refused changes are not applied. */
export async function applyTopics(
  connection: KafkaConnection,
  contract: Contract,
  options: PlanOptions = {},
): Promise<TopicChange[]> {
  return withAdmin(connection, async (admin) => {
    const changes = await plan(admin, wanted(contract, options), options)
    const create = changes.filter((change) => change.kind === 'create')
    if (create.length > 0) {
      const creating = createTopics(
        admin,
        create.map(({ topic, partitions, replicas, config }) => ({
          topic,
          numPartitions: partitions,
          replicationFactor: replicas,
          configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
        })),
      )
      await creating.catch(perTopic)
    }
    const grow = changes.filter((change) => change.kind === 'add_partitions')
    if (grow.length > 0)
      await admin.createPartitions({ topicPartitions: grow.map(({ topic, to }) => ({ topic, count: to })) })
    const configure = changes.filter((change) => change.kind === 'configure')
    if (configure.length > 0) {
      await admin.alterConfigs({
        validateOnly: false,
        resources: configure.map(({ topic, config }) => ({
          type: kafkajs.ConfigResourceTypes.TOPIC,
          name: topic,
          configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
        })),
      })
    }
    const done = changes.filter(isDone)
    if (done.length > 0) await shown(admin, wanted(contract, options), options, done)
    return changes
  })
}

/** The client's message is only "Topic creation errors"; the brokers' reasons are in `errors`. */
function perTopic(error: unknown): never {
  if (!hasErrors(error)) throw error
  throw new Error([...new Set(error.errors.map(messageOf))].join('; '), { cause: error })
}

const hasErrors = (error: unknown): error is { errors: unknown[] } =>
  typeof error === 'object' && error !== null && 'errors' in error && Array.isArray(error.errors)

const isDone = ({ kind }: TopicChange): boolean => kind !== 'refused'

/** Creates topics and waits until a broker knows them. The client's own wait (`waitForLeaders`) fails while it does not. */
export async function createTopics(admin: Admin, topics: ITopicConfig[]): Promise<void> {
  await admin.createTopics({ waitForLeaders: false, topics })
  const names = topics.map(({ topic }) => topic)
  await untilShown(
    () => whereKnown(() => admin.fetchTopicMetadata({ topics: names }).then(() => []), names),
    () => `the cluster accepted ${names.join(', ')}, but still does not show them`,
  )
}

/** One broker may list a new topic that the next one, asked about it, does not know yet. */
async function whereKnown<T>(ask: () => Promise<T[]>, otherwise: readonly T[]): Promise<readonly T[]> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof kafkajs.KafkaJSProtocolError && error.type === 'UNKNOWN_TOPIC_OR_PARTITION') return otherwise
    throw error
  }
}

async function shown(
  admin: Admin,
  topics: readonly Wanted[],
  options: PlanOptions,
  done: readonly TopicChange[],
): Promise<void> {
  await untilShown(
    () => whereKnown(async () => (await plan(admin, topics, options)).filter(isDone), done),
    (left) => `the cluster accepted the changes, but still does not show those of ${[...new Set(left.map(({ topic }) => topic))].join(', ')}`, // prettier-ignore
  )
}

/** With fewer replicas, `min.insync.replicas` is lowered too, or no write would be acknowledged. */
export const wanted = (contract: Contract, { replicas }: PlanOptions): Wanted[] =>
  [...contract.topics, ...contract.foreignTopics, ...contract.deadLetterTopics].map((topic) => ({
    name: topic.name,
    partitions: topic.partitions,
    replicas: replicas ?? topic.replicas,
    config:
      replicas === undefined
        ? topic.config
        : {
            ...topic.config,
            'min.insync.replicas': String(Math.min(replicas, Number(topic.config['min.insync.replicas'] ?? 1))),
          },
  }))

async function plan(admin: Admin, topics: readonly Wanted[], options: PlanOptions): Promise<TopicChange[]> {
  const existing = new Set(await admin.listTopics())
  const there = topics.filter((topic) => existing.has(topic.name))
  const shapes = await shapesOf(admin, there)
  const overrides = await overridesOf(admin, there)
  return topics.flatMap((topic): TopicChange[] => {
    const { name, partitions, replicas, config } = topic
    const shape = shapes.get(name)
    if (shape === undefined) return [{ kind: 'create', topic: name, partitions, replicas, config }]
    return [...reshape(topic, shape, options), ...configure(topic, overrides.get(name) ?? {})]
  })
}

function reshape({ name, partitions, replicas }: Wanted, shape: Shape, options: PlanOptions): TopicChange[] {
  const refused = (reason: string): TopicChange => ({ kind: 'refused', topic: name, reason })
  const changes: TopicChange[] = []
  if (shape.partitions > partitions)
    changes.push(refused(`it has ${shape.partitions} partitions; reducing them to ${partitions} would lose records`))
  if (shape.partitions < partitions) {
    changes.push(
      options.addPartitions === true
        ? { kind: 'add_partitions', topic: name, from: shape.partitions, to: partitions }
        : refused(
            `it has ${shape.partitions} partitions instead of ${partitions}; adding partitions moves keys (--add-partitions)`,
          ),
    )
  }
  if (shape.replicas !== replicas)
    changes.push(
      refused(`it has a replication factor of ${shape.replicas} instead of ${replicas}; reassign its partitions`),
    )
  return changes
}

/** `alterConfigs` replaces all of a topic's own settings, so settings outside the contract are sent back unchanged. */
function configure({ name, config }: Wanted, present: Readonly<Record<string, string>>): TopicChange[] {
  const differs = Object.keys(config).filter((key) => present[key] !== config[key])
  if (differs.length === 0) return []
  const from = Object.fromEntries(differs.map((key) => [key, present[key] ?? 'the default']))
  return [{ kind: 'configure', topic: name, config: { ...present, ...config }, from }]
}

interface Shape {
  partitions: number
  replicas: number
}

async function shapesOf(admin: Admin, topics: readonly Wanted[]): Promise<Map<string, Shape>> {
  if (topics.length === 0) return new Map()
  const { topics: found } = await admin.fetchTopicMetadata({ topics: topics.map((topic) => topic.name) })
  return new Map(
    found.map(({ name, partitions }) => [
      name,
      { partitions: partitions.length, replicas: Math.min(...partitions.map((one) => one.replicas.length)) },
    ]),
  )
}

/** Settings set on the topic itself, without cluster defaults. */
async function overridesOf(admin: Admin, topics: readonly Wanted[]): Promise<Map<string, Record<string, string>>> {
  if (topics.length === 0) return new Map()
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map((topic) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic.name })),
  })
  return new Map(
    resources.map((one) => [
      one.resourceName,
      Object.fromEntries(
        one.configEntries
          .filter((entry) => (entry.configSource as number) === kafkajs.ConfigSource.TOPIC_CONFIG)
          .map((entry) => [entry.configName, entry.configValue]),
      ),
    ]),
  )
}
