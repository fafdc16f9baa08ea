/** The contract as an AsyncAPI 3 document: topics, senders and receivers, and references to the Avro schemas. */
import { type Contract, deadLetterTopicName, schemaFileOf, type Topic } from '../contract.ts'

const BINDING = { bindingVersion: '0.5.0' }
/** `<topic>.<consumer>.dlq`, whose address has two parameters */
const DEAD_LETTERS = 'DeadLetters'

/** Paths of schemas are relative to `docs/reference`. */
export function asyncapi(contract: Contract, version: string): object {
  const { topics } = contract
  return {
    asyncapi: '3.1.0',
    info: {
      title: 'SRE Platform events',
      version,
      description:
        'All events between the components, from topics.yaml and schemas/*.avsc. Delivery is at least once, in order per key; a repeat carries the same event_id.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/vnd.apache.avro',
    servers: {
      kafka: {
        host: '{bootstrap}',
        protocol: 'kafka',
        description: 'KAFKA_BROKERS, with the registry at SCHEMA_REGISTRY_URL',
        variables: { bootstrap: { default: 'localhost:9092' } },
      },
    },
    channels: {
      ...Object.fromEntries(topics.map((topic) => [topic.event, channelOf(topic)])),
      [DEAD_LETTERS]: deadLetters(contract),
    },
    operations: Object.fromEntries(topics.flatMap((topic) => operationsOf(topic, contract))),
    components: {
      messages: Object.fromEntries(topics.map((topic) => [topic.event, messageOf(topic)])),
      messageTraits: { cloudEvent: { headers: HEADERS } },
    },
  }
}

const channelOf = (topic: Topic) => ({
  address: topic.name,
  title: topic.event,
  description: `${topic.description} Owner: ${topic.owner}.`,
  messages: { [topic.event]: { $ref: `#/components/messages/${topic.event}` } },
  bindings: { kafka: kafkaTopic(topic) },
})

const kafkaTopic = ({ partitions, replicas, config }: Pick<Topic, 'partitions' | 'replicas' | 'config'>) => ({
  partitions,
  replicas,
  topicConfiguration: Object.fromEntries(
    Object.entries(config)
      .filter(([name]) => KNOWN.has(name))
      .map(([name, value]) => [name, name === 'cleanup.policy' ? value.split(',') : Number(value)]),
  ),
  ...BINDING,
})

/** Topic settings that the Kafka binding supports. */
const KNOWN = new Set(['cleanup.policy', 'retention.ms', 'retention.bytes', 'delete.retention.ms', 'max.message.bytes'])

function deadLetters({ topics, deadLetterTopics }: Contract) {
  const [first] = deadLetterTopics
  return {
    address: deadLetterTopicName('{topic}', '{consumer}'),
    title: 'Dead letters',
    description: 'What a consumer could not process: the original bytes, with origin and reason as headers.',
    parameters: {
      topic: { enum: [...new Set(deadLetterTopics.map(({ of }) => of))] },
      consumer: { enum: [...new Set(deadLetterTopics.map(({ consumer }) => consumer))] },
    },
    messages: Object.fromEntries(topics.map(({ event }) => [event, { $ref: `#/components/messages/${event}` }])),
    ...(first && { bindings: { kafka: kafkaTopic(first) } }),
  }
}

const operationsOf = ({ event, producers, consumers }: Topic, { groups }: Contract) => {
  const operation = (part: string, action: 'send' | 'receive') => ({
    action,
    channel: { $ref: `#/channels/${event}` },
    tags: [{ name: part }],
    messages: [{ $ref: `#/channels/${event}/messages/${event}` }],
  })
  return [
    ...producers.map((part) => [`${part}.sends.${event}`, operation(part, 'send')] as const),
    ...consumers.map(
      (part) =>
        [
          `${part}.receives.${event}`,
          { ...operation(part, 'receive'), bindings: { kafka: { groupId: groupId(groups[part] ?? []), ...BINDING } } },
        ] as const,
    ),
  ]
}

const groupId = (groups: readonly string[]) => ({
  type: 'string',
  pattern: `^(${groups.map((group) => (group.endsWith('*') ? `${group.slice(0, -1)}.*` : group)).join('|')})$`,
})

const messageOf = ({ event, key, schema }: Topic) => ({
  name: event,
  title: event,
  ...docOf(schema),
  traits: [{ $ref: '#/components/messageTraits/cloudEvent' }],
  payload: {
    schemaFormat: 'application/vnd.apache.avro+json;version=1.9.0',
    schema: { $ref: `../../schemas/${schemaFileOf(event)}.avsc` },
  },
  bindings: {
    kafka: {
      key: { type: 'string', description: key },
      schemaIdLocation: 'payload',
      schemaIdPayloadEncoding: 'confluent',
      ...BINDING,
    },
  },
})

const docOf = (schema: Topic['schema']) => ('doc' in Object(schema) ? { summary: String(Object(schema).doc) } : {})

const text = (description: string) => ({ type: 'string', description })
const HEADERS = {
  type: 'object',
  required: ['ce_id', 'ce_source', 'ce_type', 'ce_specversion', 'ce_time'],
  properties: {
    ce_specversion: { type: 'string', const: '1.0' },
    ce_id: text('event_id: the same for a repeat'),
    ce_source: text('who published it'),
    ce_type: text('sre. and the name of the event'),
    ce_time: { ...text('occurred_at'), format: 'date-time' },
    ce_subject: text('session_id, where there is one'),
    traceparent: text('W3C trace context'),
  },
}
