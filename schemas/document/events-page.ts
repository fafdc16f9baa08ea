/** The contract as a reference page: each topic with key, producers, consumers, retention and all fields. */
import type { Contract, Topic } from '../contract.ts'

type AvroType = string | AvroType[] | { type: AvroType; name?: string; fields?: Field[]; items?: AvroType; values?: AvroType; logicalType?: string } // prettier-ignore
interface Field {
  name: string
  type: AvroType
  doc?: string
  default?: unknown
}

export const eventsPage = (contract: Contract): string =>
  [
    '# Events',
    '',
    'Made by `npm run asyncapi:generate` from [`topics.yaml`](../../topics.yaml) and [`schemas/`](../../schemas), like the [AsyncAPI document](asyncapi.yaml). Records are Avro with Confluent framing; CloudEvents attributes (`ce_id`, `ce_source`, `ce_type`, `ce_time`, `ce_subject`) and `traceparent` are headers. Delivery is at least once, in order per key; a repeat carries the same `event_id`.',
    '',
    '| event | topic | written by | read by |',
    '| --- | --- | --- | --- |',
    ...contract.topics.map(({ event, name, producers, consumers }) => `| [${event}](#${event.toLowerCase()}) | \`${name}\` | ${listed(producers)} | ${listed(consumers)} |`), // prettier-ignore
    '',
    `Each consumer has \`<topic>.<consumer>.dlq\` for each topic it reads: records it could not process, kept ${kept(contract.deadLetterTopics[0]?.config ?? {})}.`,
    ...contract.topics.flatMap(section),
    '',
  ].join('\n')

function section(topic: Topic): string[] {
  const { event, name, description, key, owner, producers, consumers, partitions, replicas, config, compatibility } = topic // prettier-ignore
  return [
    '',
    `## ${event}`,
    '',
    description,
    '',
    '| | |',
    '| --- | --- |',
    `| topic | \`${name}\` |`,
    `| key | \`${key}\` |`,
    `| owner | ${owner} |`,
    `| written by | ${listed(producers)} |`,
    `| read by | ${listed(consumers)} |`,
    `| subject | \`${topic.subject}\`, ${compatibility} |`,
    `| kept | ${kept(config)} |`,
    `| partitions, replicas | ${partitions}, ${replicas} |`,
    '',
    '| field | type | default | |',
    '| --- | --- | --- | --- |',
    ...fieldsOf(Object(topic.schema) as { fields: Field[] }, ''),
  ]
}

const fieldsOf = ({ fields }: { fields: readonly Field[] }, prefix: string): string[] =>
  fields.flatMap(({ name, type, doc, ...rest }) => {
    const inner = recordIn(type)
    const fallback = 'default' in rest ? `\`${JSON.stringify(rest.default)}\`` : ''
    return [
      `| \`${prefix}${name}\` | ${typeName(type)} | ${fallback} | ${(doc ?? '').replaceAll('|', '\\|').replaceAll('<', '\\<')} |`,
      ...(inner === null ? [] : fieldsOf(inner, `${prefix}${name}.`)),
    ]
  })

/** The record type of a field, also inside an array or a nullable union. */
function recordIn(type: AvroType): { fields: Field[] } | null {
  if (typeof type === 'string') return null
  if (Array.isArray(type)) return type.map(recordIn).find((one) => one !== null) ?? null
  if (type.fields !== undefined) return { fields: type.fields }
  return recordIn(type.items ?? type.values ?? 'null')
}

function typeName(type: AvroType): string {
  if (typeof type === 'string') return type
  if (Array.isArray(type)) return type.map(typeName).join(' or ')
  if (type.logicalType !== undefined) return `${typeName(type.type)} (${type.logicalType})`
  if (type.items !== undefined) return `list of ${typeName(type.items)}`
  if (type.values !== undefined) return `map of ${typeName(type.values)}`
  return type.name ?? typeName(type.type)
}

const listed = (parts: readonly string[]): string => (parts.length === 0 ? 'nobody here' : parts.join(', '))

const DAY_MS = 86_400_000
const MIB = 1_048_576
const kept = (config: Readonly<Record<string, string>>): string => {
  const { 'retention.ms': ms, 'retention.bytes': bytes } = config
  const days = ms === undefined ? [] : [`${Number(ms) / DAY_MS} days`]
  return [...days, ...(bytes === undefined ? [] : [`at most ${Number(bytes) / MIB} MiB a partition`])].join(', ')
}
