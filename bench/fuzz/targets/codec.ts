/** The record decoder: for any bytes and any writer's schema, it decodes or explains why it cannot. */
import avsc, { type Schema } from 'avsc'
import { BusError, type Delivery } from '../../../bus/bus.ts'
import { createCodec } from '../../../bus/codec.ts'
import { loadContract } from '../../../schemas/contract.ts'
import { bytesOf, spoilt } from '../avro-bytes.ts'
import { foreign } from '../avro-schemas.ts'
import type { Target } from '../runner.ts'

interface Input {
  topic: string
  bytes: Buffer
  /** null: our own schema */
  theirs: Schema | null
  /** unmodified, so it must decode */
  sound: boolean
}

const EXPECTED = ['undecodable', 'wrong_record', 'bad_magic', 'no_value', 'unknown_schema']
const THEIRS = 1_000_000
/** Schemas per codec before a new codec is made, because a codec caches every schema. */
const SCHEMAS_KEPT = 500
/** Most decoded values per byte, with room for fields that take no bytes; our schemas have fewer defaults than that. */
const VALUES_A_BYTE = 64

export function open(): Promise<Target<Input>> {
  const contract = loadContract()
  const ours = contract.topics.map(({ schema }) => avsc.Type.forSchema(structuredClone(schema)))
  const schemas = new Map<number, Schema>(contract.topics.map(({ schema }, id) => [id, schema]))
  const store = {
    idOf: () => Promise.resolve(0),
    schemaOf: (id: number) => Promise.resolve(schemas.get(id) ?? null),
  }
  let codec = createCodec(contract, store)
  let kept = 0
  /** Registers it under an id the codec has not seen. */
  const register = (theirs: Schema): number => {
    schemas.delete(THEIRS + kept)
    if (++kept === SCHEMAS_KEPT) {
      kept = 0
      codec = createCodec(contract, store)
    }
    schemas.set(THEIRS + kept, theirs)
    return THEIRS + kept
  }

  const framed = (id: number, bytes: Buffer): Buffer => {
    const head = Buffer.alloc(5)
    head.writeUInt32BE(id, 1)
    return Buffer.concat([head, bytes])
  }
  return Promise.resolve({
    make(chance) {
      const at = chance.below(contract.topics.length)
      const { name: topic, schema } = contract.topics[at]!
      const theirs = chance.one(0.03) ? foreign(schema, chance) : null
      const type = theirs === null ? ours[at]! : (typeOf(theirs) ?? ours[at]!)
      const wild = chance.pick([0, 0, 0.01, 0.1])
      let bytes = bytesOf(type, chance, wild)
      const times = chance.pick([0, 0, 1, 3])
      for (let time = 0; time < times; time++) bytes = spoilt(bytes, chance)
      const whole = framed(theirs === null ? at : THEIRS, bytes)
      const value = times > 0 && chance.one(0.05) ? spoilt(whole, chance) : whole
      return { topic, bytes: value, theirs, sound: theirs === null && wild === 0 && times === 0 }
    },
    async attempt({ topic, bytes, theirs, sound }) {
      const origin = { topic, partition: 0, offset: '0', timestamp: 0 }
      const delivery: Delivery = { origin, key: null, value: bytes, headers: {} }
      if (theirs !== null && bytes.length > 4 && bytes.readUInt32BE(1) === THEIRS)
        bytes.writeUInt32BE(register(theirs), 1)
      const outcome = await codec.decode(delivery).then(
        ({ value }) => within(value, bytes.length),
        (error: unknown) => {
          if (error instanceof BusError && EXPECTED.includes(error.code)) return error.code
          throw error
        },
      )
      if (sound && outcome !== 'decoded') throw new Error(`an unmodified record is ${outcome}`)
      return theirs === null ? outcome : `${outcome}, of another schema`
    },
    show: ({ topic, bytes, theirs }) => `${topic} ${bytes.toString('hex')}\n${JSON.stringify(theirs)}`,
  })
}

function typeOf(schema: Schema) {
  try {
    return avsc.Type.forSchema(structuredClone(schema))
  } catch {
    return null
  }
}

function within(value: unknown, bytes: number): string {
  const values = countOf(value)
  if (values > VALUES_A_BYTE * (bytes + 1_000)) throw new Error(`${values} values from ${bytes} bytes`)
  return 'decoded'
}

function countOf(value: unknown): number {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return 1
  let values = 1
  for (const inner of Object.values(value)) values += countOf(inner)
  return values
}
