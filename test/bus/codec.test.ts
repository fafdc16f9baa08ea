/** Decoding of hostile bytes and foreign schemas. */
import { randomUUID } from 'node:crypto'
import type { Schema } from 'avsc'
import fc from '../properties/seeded.ts'
import { describe, expect, it } from 'vitest'
import { longBytes as varint } from '../../bench/fuzz/avro-bytes.ts'
import { createCodec } from '../../bus/codec.ts'
import { cancel, contract } from './bench.ts'
import { claiming, withOneMore } from './claims.ts'

const OURS = 1
const THEIRS = 2
const topic = contract.topicOf('DiagnosisCancelRequested')
const ourFields = (topic.schema as unknown as { fields: object[] }).fields

/** A codec whose registry also holds a foreign schema, with id `THEIRS`. */
const codecWith = (theirs: Schema | null = null) =>
  createCodec(contract, {
    idOf: (subject) => Promise.resolve(OURS + 10 * contract.topics.findIndex((one) => one.subject === subject)),
    schemaOf: (id) =>
      Promise.resolve(id === THEIRS ? theirs : (contract.topics[Math.trunc(id / 10)]?.schema as Schema)),
  })

/** Our schema with an extra last field, which our reader skips. */
const withField = (type: unknown): Schema =>
  ({ ...(topic.schema as object), fields: [...ourFields, { name: 'more', type }] }) as Schema

/** Decodes a valid event of ours, followed by `more`, with the writer schema `theirs`. */
async function decoding(theirs: Schema, more: Buffer) {
  const codec = codecWith(theirs)
  const good = await codec.encode('DiagnosisCancelRequested', cancel(randomUUID(), 7), {})
  const value = Buffer.concat([good.value, more])
  value.writeUInt32BE(THEIRS, 1)
  const origin = { topic: topic.name, partition: 0, offset: '0', timestamp: 0 }
  return codec.decode({ origin, key: null, value, headers: {} })
}

const nested = (depth: number): unknown => (depth === 0 ? 'null' : { type: 'array', items: nested(depth - 1) })
const list = (items: unknown) => ({ type: 'array', items })
const NODE = { type: 'record', name: 'Node', fields: [{ name: 'next', type: ['null', 'Node'] }] }
const EMPTY = { type: 'record', name: 'Empty', fields: [] }
const NOTHING = { type: 'fixed', name: 'Nothing', size: 0 }
const HUGE = { type: 'fixed', name: 'Huge', size: 2_147_483_647 }
const LETTER = { type: 'enum', name: 'Letter', symbols: ['a', 'b'] }
const MANY = varint(2_000_000_000)
const LARGEST = varint(2n ** 63n - 1n)

describe('decoding', () => {
  it.each<[string, unknown, Buffer]>([
    ['a block of more items than bytes', list('string'), MANY],
    ['a block of more items than 2^53', list('string'), LARGEST],
    ['many blocks of empty items', list('null'), Buffer.concat([...Array(99).fill(varint(999)), varint(0)])],
    ['a block of nulls', list('null'), Buffer.concat([MANY, varint(0)])],
    ['a block of empty records', list(EMPTY), Buffer.concat([MANY, varint(0)])],
    ['a block of zero-size fixed values', list(NOTHING), Buffer.concat([MANY, varint(0)])],
    ['lists of empty lists', list(list('null')), Buffer.concat([varint(1), MANY, varint(0), varint(0)])],
    ['a negative block of more items than bytes', list('int'), Buffer.concat([varint(-2_000_000_000), varint(0)])],
    ['a block with a negative size', list('int'), Buffer.concat([varint(-1), varint(-12), varint(0)])],
    ['a block whose size exceeds the record', list('int'), Buffer.concat([varint(-1), LARGEST, varint(1), varint(0)])],
    ['a block with a wrong size', list('int'), Buffer.concat([varint(-1), varint(2), varint(1), varint(0)])],
    ['a map of more entries than bytes', { type: 'map', values: 'null' }, MANY],
    ['a map with the key __proto__', { type: 'map', values: 'null' }, Buffer.concat([varint(1), varint(9), Buffer.from('__proto__'), varint(0)])], // prettier-ignore
    ['a string longer than the record', 'string', MANY],
    ['a string of negative length', 'string', varint(-9)],
    ['bytes longer than memory', 'bytes', LARGEST],
    ['a fixed value longer than the record', HUGE, Buffer.alloc(9)],
    ['a truncated number', 'long', Buffer.alloc(1, 0xff)],
    ['a number of more than 64 bits', 'long', Buffer.concat([Buffer.alloc(9, 0xff), Buffer.from([0x7f])])],
    ['a number of a million bytes', 'long', Buffer.concat([Buffer.alloc(1_000_000, 0x80), Buffer.alloc(1)])],
    ['an int of more than 32 bits', 'int', varint(2 ** 31)],
    ['a symbol its enum does not have', LETTER, varint(2)],
    ['a negative symbol', LETTER, varint(-1)],
    ['a branch its union does not have', ['null', 'int'], varint(2)],
    ['a union branch beyond 2^53', ['null', 'int'], varint(2n ** 62n)],
    ['records nested 100,000 deep', NODE, Buffer.concat([Buffer.alloc(100_000, varint(1)), varint(0)])],
    ['trailing bytes', 'int', Buffer.concat([varint(1), varint(1)])],
  ])('refuses %s', async (_what, type, more) => {
    await expect(decoding(withField(type), more)).rejects.toMatchObject({
      code: 'undecodable',
      message: expect.stringContaining('byte'),
    })
  })

  it.each<[string, unknown, Buffer]>([
    ['blocks with their size', list('int'), Buffer.concat([varint(-2), varint(2), varint(1), varint(2), varint(0)])],
    ['a few nulls', list('null'), Buffer.concat([varint(1_000), varint(0)])],
    ['the largest long', 'long', LARGEST],
    ['the smallest long', 'long', varint(-(2n ** 63n))],
    ['nested records', NODE, Buffer.concat([Buffer.alloc(50, varint(1)), varint(0)])],
    ['a name similar to an Object method', { ...EMPTY, name: 'hasOwnProperty_' }, Buffer.alloc(0)],
    ['logical types', { type: 'bytes', logicalType: 'decimal', precision: 4, scale: 2 }, Buffer.from([2, 7])],
  ])('accepts %s in an unknown field', async (_what, type, more) => {
    expect(await decoding(withField(type), more)).toMatchObject({ value: { sequence: 7, tenant: 'default' } })
  })

  it.each<[string, unknown]>([
    ['of 100,000 levels', deep(100_000)],
    ['of 200 levels', nested(200)],
    ['of 20,000 symbols', { ...LETTER, symbols: Array.from({ length: 20_000 }, (_, at) => `s${at}`) }],
    ['with a type named toString', 'toString'],
    ['with a type named constructor', { type: 'constructor', name: 'x' }],
    ['with a name that is code', { ...EMPTY, name: "x'];process.exit(1);//" }],
    ['with a namespace that is code', { ...EMPTY, namespace: "x'];process.exit(1);//" }],
    ['with a name that is not a string', { ...EMPTY, name: ['x'] }],
    ['that is null', null],
    ['of a negative size', { ...NOTHING, size: -1 }],
    ['with a field named __proto__', { ...EMPTY, fields: [{ name: '__proto__', type: 'long' }] }],
    ['with a symbol named __proto__', { ...LETTER, symbols: ['a', '__proto__'] }],
  ])('refuses a schema %s', async (_what, type) => {
    await expect(decoding(withField(type), Buffer.alloc(0))).rejects.toMatchObject({ code: 'undecodable' })
  })

  it('ignores defaults of writer schemas, which would take exponential time in nested records', async () => {
    const level = (at: number): unknown => {
      const below = at === 0 ? 'int' : level(at - 1)
      const again = at === 0 ? 'int' : `L${at - 1}`
      const value = at === 0 ? 1 : {}
      return { type: 'record', name: `L${at}`, fields: [{ name: 'a', type: below, default: value }, { name: 'b', type: again, default: value }] } // prettier-ignore
    }
    expect(await decoding(withField(['null', level(25)]), varint(0))).toMatchObject({ value: { sequence: 7 } })
  })

  it('refuses two billion roles in a few hundred bytes', async () => {
    const codec = codecWith()
    const { topic, value, headers } = await claiming(codec, 2_000_000_000, randomUUID())
    expect(value.length).toBeLessThan(500)
    const origin = { topic, partition: 0, offset: '0', timestamp: 0 }
    await expect(codec.decode({ origin, key: null, value, headers })).rejects.toMatchObject({ code: 'undecodable' })
  })

  it.each(['more', ...Object.getOwnPropertyNames(Object.prototype)])(
    'skips a field named %s or refuses the schema',
    async (name) => {
      const { name: topic, schema } = contract.topicOf('ApprovalRequested')
      const { fields } = schema as unknown as { fields: { name: string }[] }
      const at = fields.findIndex((field) => field.name === 'approver_roles')
      const theirs = { ...(schema as object), fields: fields.toSpliced(at, 0, { name, type: 'long' } as never) }
      const codec = codecWith(theirs as unknown as Schema)
      // misread as the count of roles, this number would exhaust memory
      const { value, headers } = await withOneMore(codec, 2_000_000_000)
      value.writeUInt32BE(THEIRS, 1)
      const decoded = codec.decode({ origin: { topic, partition: 0, offset: '0', timestamp: 0 }, key: null, value, headers }) // prettier-ignore
      if (name === 'more') await expect(decoded).resolves.toMatchObject({ value: { approver_roles: ['the-only-role'] } })
      else await expect(decoded).rejects.toMatchObject({ code: 'undecodable', message: expect.stringContaining(`the name ${name}`) }) // prettier-ignore
    },
  )

  it('decodes any bytes to a result of bounded size or throws a BusError', async () => {
    const codec = codecWith()
    const { topic, value, headers } = await codec.encode('DiagnosisCancelRequested', cancel('x', 1), {})
    const origin = { topic, partition: 0, offset: '0', timestamp: 0 }
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.nat(value.length), async (bytes, at) => {
        const spoilt = Buffer.concat([value.subarray(0, at), bytes])
        const read = await codec.decode({ origin, key: null, value: spoilt, headers }).catch((error: Error) => error)
        if (read instanceof Error) expect(read.name).toBe('BusError')
        else expect(JSON.stringify(read.value).length).toBeLessThan(6 * spoilt.length + 1_000)
      }),
      { numRuns: 2_000 },
    )
  })
})

/** Built iteratively, so that building it does not overflow the stack. */
function deep(levels: number): unknown {
  let type: unknown = 'null'
  for (let level = 0; level < levels; level++) type = { type: 'array', items: type }
  return type
}
