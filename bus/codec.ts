/** Encodes and decodes events in Confluent framing: a zero byte, four bytes of schema id, Avro. Types and resolvers are cached. */
import avsc from 'avsc'
import type { Resolver, Schema, Type, types } from 'avsc'
import { LRUCache } from 'lru-cache'
import type { Contract, Topic } from '../schemas/contract.ts'
import type { EventName, Events } from '../schemas/events.generated.ts'
import { BusError, type Delivery, type EncodedRecord, type Received } from './bus.ts'
import { createProof, foundOrProven } from './prove.ts'
import { type Check, checkOf } from './walk.ts'
import { shapeOf } from './writer-schema.ts'

/** The registry of writer schemas. Both methods throw `BusError` `unavailable` when it cannot be reached. */
export interface SchemaStore {
  /** id of this exact schema under the subject; throws `unknown_schema` if it is not registered */
  idOf(subject: string, schema: Schema): Promise<number>
  /** null: the id does not exist */
  schemaOf(id: number): Promise<Schema | null>
}

export interface Codec {
  encode<E extends EventName>(
    event: E,
    value: Events[E],
    headers: Readonly<Record<string, string>>,
  ): Promise<EncodedRecord>
  decode(delivery: Delivery): Promise<Received>
}

/** A writer schema: its Avro type, and a check that bytes conform to it. */
interface Writer {
  type: Type
  check: Check
}

const MAGIC = 0
const HEAD_BYTES = 5
const FOREIGN_SCHEMAS = 1_000
const SOURCE = 'sre-platform'

export function createCodec(contract: Contract, store: SchemaStore): Codec {
  const types = new Map(
    contract.topics.map((topic) => [topic.name, avsc.Type.forSchema(structuredClone(topic.schema))]),
  )
  const ids = new Map<string, Promise<number>>()
  // any producer can bring new schema ids, so the caches are bounded (LRU)
  const writers = new LRUCache<number, Promise<Writer | null>>({ max: FOREIGN_SCHEMAS })
  const resolvers = new LRUCache<string, Resolver>({ max: FOREIGN_SCHEMAS })
  const prove = createProof(store)

  const typeOf = (topic: Topic): Type => types.get(topic.name) ?? unknownTopic(topic.name)
  const idOf = (topic: Topic) => once(ids, topic.name, () => store.idOf(topic.subject, topic.schema))
  const writerOf = (id: number) =>
    once(writers, id, async () => {
      const schema = await store.schemaOf(id)
      return schema === null ? null : writerFrom(id, schema)
    })

  return {
    async encode(event, value, headers) {
      const topic = contract.topicOf(event)
      const type = typeOf(topic)
      check(event, type, value)
      const head = Buffer.alloc(HEAD_BYTES)
      head.writeUInt8(MAGIC, 0)
      head.writeUInt32BE(await idOf(topic), 1)
      return {
        topic: topic.name,
        key: String((value as unknown as Record<string, unknown>)[topic.key]),
        value: Buffer.concat([head, type.toBuffer(value)]),
        headers: { ...cloudEvent(event, value), ...headers },
      }
    },

    async decode(delivery) {
      const topic = contract.topicNamed(delivery.origin.topic) ?? unknownTopic(delivery.origin.topic)
      const { value } = delivery
      if (value === null || value.length === 0) throw new BusError('no_value', 'the record has no value')
      if (value.length < HEAD_BYTES || value[0] !== MAGIC) {
        throw new BusError('bad_magic', 'the record has no Confluent header (a zero byte, then the schema id)')
      }
      const id = value.readUInt32BE(1)
      const writer = await foundOrProven(writerOf(id), () => {
        writers.delete(id)
        return prove(topic)
      })
      if (writer === null) {
        throw new BusError('unknown_schema', `schema id ${id} does not exist`)
      }
      const reader = typeOf(topic)
      if (writer.type.name !== reader.name)
        throw new BusError('wrong_record', `the record is a ${writer.type.name}, but this topic carries ${reader.name}`)
      const resolver = resolvers.get(`${topic.name}/${id}`) ?? resolve(reader, writer.type)
      resolvers.set(`${topic.name}/${id}`, resolver)
      return {
        event: topic.event,
        value: read(reader, value.subarray(HEAD_BYTES), writer.check, resolver),
        headers: delivery.headers,
        delivery,
      } as Received
    },
  }
}

/** Names every field that is missing, of the wrong type, or not in the schema. */
function check(event: EventName, type: Type, value: unknown): void {
  const wrong: string[] = []
  const errorHook = (path: string[], found: unknown, expected: Type) => {
    wrong.push(...unknownFields(found, expected).map((name) => `${[...path, name].join('.')}: not in the schema`))
    if (wrong.length > 0 && isRecord(found, expected)) return
    const why = found === undefined ? 'missing' : `not ${expected.typeName.replace(/^(abstract|union):?/, '')}`
    wrong.push(`${path.join('.') || '(record)'}: ${why}`)
  }
  if (type.isValid(value, { noUndeclaredFields: true, errorHook })) return
  // avsc stops at a record with an undeclared field: check again without that rule to find the other errors
  type.isValid(value, { errorHook })
  throw new BusError('invalid_event', `${event} does not match its schema: ${[...new Set(wrong)].join('; ')}`)
}

const isRecord = (found: unknown, expected: Type): expected is types.RecordType & { name: string } =>
  avsc.Type.isType(expected, 'record') && typeof found === 'object' && found !== null

const unknownFields = (found: unknown, expected: Type): string[] => {
  if (!isRecord(found, expected)) return []
  const known = new Set(expected.fields.map(({ name }) => name))
  return Object.keys(found as object).filter((name) => !known.has(name))
}

function writerFrom(id: number, schema: Schema): Writer {
  try {
    const type = avsc.Type.forSchema(shapeOf(schema))
    return { type, check: checkOf(type) }
  } catch (error) {
    throw new BusError('undecodable', `schema ${id} is not valid Avro: ${String(error)}`, { cause: error })
  }
}

function resolve(reader: Type, writer: Type): Resolver {
  try {
    return reader.createResolver(writer)
  } catch (error) {
    throw new BusError('undecodable', `this version cannot read the record's writer schema: ${String(error)}`, {
      cause: error,
    })
  }
}

/** Bytes are checked before decoding: a false length in them could make the decoder allocate more memory than there is. */
function read(reader: Type, bytes: Buffer, check: Check, resolver: Resolver): unknown {
  try {
    check(bytes)
    return reader.fromBuffer(bytes, resolver, false)
  } catch (error) {
    throw new BusError('undecodable', `the bytes do not match their schema: ${String(error)}`, { cause: error })
  }
}

const cloudEvent = (event: EventName, value: Events[EventName]): Record<string, string> => ({
  ce_specversion: '1.0',
  ce_id: value.event_id,
  ce_source: SOURCE,
  ce_type: `sre.${event}`,
  ce_time: new Date(value.occurred_at).toISOString(),
  ...('session_id' in value && value.session_id !== null ? { ce_subject: value.session_id } : {}),
})

interface Known<K, V> {
  get(key: K): Promise<V> | undefined
  set(key: K, value: Promise<V>): unknown
  delete(key: K): unknown
}

/** Memoises a promise per key; failures are not cached. */
function once<K, V>(known: Known<K, V>, key: K, make: () => Promise<V>): Promise<V> {
  const found = known.get(key)
  if (found !== undefined) return found
  const made = make()
  known.set(key, made)
  made.catch(() => known.delete(key))
  return made
}

function unknownTopic(name: string): never {
  throw new BusError('unknown_topic', `topics.yaml has no topic ${name}`)
}
