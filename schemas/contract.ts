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
const topicsFile = z.strictObject({
  defaults: z.strictObject({ partitions: z.int().min(1), replicas: z.int().min(1), config }),
  dead_letters: z.strictObject({ consumers: z.array(consumer), partitions: z.int().min(1), config }),
  groups: z.record(consumer, z.array(z.string().regex(/^[a-z][a-z-]*\*?$/))),
  topics: z.array(
    z.strictObject({
      name: z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*\.v\d+$/),
      owner: z.string(),
      description: z.string(),
      key: z.string(),
      record: z.string(),
      compatibility,
      partitions: z.int().min(1).optional(),
      replicas: z.int().min(1).optional(),
      config: config.optional(),
      producers: z.array(consumer),
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
  const topics = file.topics.map((topic): Topic => ({
    ...topic,
    partitions: topic.partitions ?? file.defaults.partitions,
    replicas: topic.replicas ?? file.defaults.replicas,
    event: topic.record as EventName,
    schema: readSchema(root, topic.record),
    subject: `${topic.name}-value`,
    config: { ...file.defaults.config, ...topic.config },
  }))
  const deadLetterTopics = topics.flatMap((topic) =>
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
