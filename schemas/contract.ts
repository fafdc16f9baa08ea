/** Loads the event contract: `topics.yaml` and the schemas. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Schema } from 'avsc'
import { parse } from 'yaml'
import { z } from 'zod'
import type { EventName } from './events.generated.ts'

const config = z.record(z.string(), z.string())
const compatibility = z.enum(['BACKWARD', 'FULL_TRANSITIVE'])
const consumer = z.string().regex(/^[a-z][a-z-]*$/)
/** of a topic of ours, and of another's */
const name = z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*\.v\d+$/)
const theirName = z.string().regex(/^[a-z0-9_]+$/)
const shape = { partitions: z.int().min(1).optional(), replicas: z.int().min(1).optional(), config: config.optional() }
const topicsFile = z.strictObject({
  defaults: z.strictObject({ partitions: z.int().min(1), replicas: z.int().min(1), config }),
  dead_letters: z.strictObject({ consumers: z.array(consumer), partitions: z.int().min(1), config }),
  groups: z.record(consumer, z.array(z.string().regex(/^[a-z][a-z-]*\*?$/))),
  topics: z.array(
    z.strictObject({
      name,
      owner: z.string(),
      description: z.string(),
      key: z.string(),
      record: z.string(),
      compatibility,
      ...shape,
      producers: z.array(consumer),
      consumers: z.array(consumer),
    }),
  ),
  foreign: z.array(
    z.strictObject({
      name: theirName,
      description: z.string(),
      encoding: z.string(),
      ...shape,
      consumers: z.array(consumer),
    }),
  ),
})

/** One topic of the contract. `key` is the field of the record that becomes the record key. */
export interface Topic {
  name: string
  owner: string
  description: string
  key: string
  event: EventName
  schema: Schema
  /** schema registry subject */
  subject: string
  compatibility: z.infer<typeof compatibility>
  partitions: number
  replicas: number
  config: Readonly<Record<string, string>>
  producers: readonly string[]
  consumers: readonly string[]
}

/** A topic that others write in an encoding of their own. */
export interface ForeignTopic {
  name: string
  description: string
  encoding: string
  partitions: number
  replicas: number
  config: Readonly<Record<string, string>>
  consumers: readonly string[]
}

/** The dead-letter topic of one consumer for one topic. */
export interface DeadLetterTopic {
  name: string
  of: string
  consumer: string
  partitions: number
  replicas: number
  config: Readonly<Record<string, string>>
}

export interface Contract {
  topics: readonly Topic[]
  foreignTopics: readonly ForeignTopic[]
  deadLetterTopics: readonly DeadLetterTopic[]
  /** consumer groups of each part; a trailing `*` stands for any ending */
  groups: Readonly<Record<string, readonly string[]>>
  topicOf(event: EventName): Topic
  topicNamed(name: string): Topic | undefined
}

export const deadLetterTopicName = (topic: string, consumer: string): string => `${topic}.${consumer}.dlq`

/** Reads `topics.yaml` and `schemas/` below `root`. Throws one error that lists everything that is invalid in `topics.yaml`. */
export function loadContract(root = join(import.meta.dirname, '..')): Contract {
  const file = topicsFile.parse(parse(readFileSync(join(root, 'topics.yaml'), 'utf8')))
  const shaped = (topic: {
    partitions?: number | undefined
    replicas?: number | undefined
    config?: Record<string, string> | undefined
  }) => ({
    partitions: topic.partitions ?? file.defaults.partitions,
    replicas: topic.replicas ?? file.defaults.replicas,
    config: { ...file.defaults.config, ...topic.config },
  })
  const topics = file.topics.map((topic): Topic => ({
    ...topic,
    ...shaped(topic),
    event: topic.record as EventName,
    schema: readSchema(root, topic.record),
    subject: `${topic.name}-value`,
  }))
  const foreignTopics = file.foreign.map((topic): ForeignTopic => ({ ...topic, ...shaped(topic) }))
  const deadLetterTopics = [...topics, ...foreignTopics].flatMap((topic) =>
    topic.consumers
      .filter((name) => file.dead_letters.consumers.includes(name))
      .map((name) => ({
        name: deadLetterTopicName(topic.name, name),
        of: topic.name,
        consumer: name,
        partitions: file.dead_letters.partitions,
        replicas: topic.replicas,
        config: { ...file.dead_letters.config },
      })),
  )
  const byEvent = new Map(topics.map((topic) => [topic.event, topic]))
  const byName = new Map(topics.map((topic) => [topic.name, topic]))
  return {
    topics,
    foreignTopics,
    deadLetterTopics,
    groups: file.groups,
    topicOf(event) {
      const topic = byEvent.get(event)
      if (topic === undefined) throw new Error(`topics.yaml has no topic for ${event}`)
      return topic
    },
    topicNamed: (name) => byName.get(name),
  }
}

/** `DiagnosisRequested` → `diagnosis-requested` */
export const schemaFileOf = (record: string): string => record.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase()

function readSchema(root: string, record: string): Schema {
  return JSON.parse(readFileSync(join(root, 'schemas', `${schemaFileOf(record)}.avsc`), 'utf8'))
}
