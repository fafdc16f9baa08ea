/** Bytes that match an Avro schema, exactly or nearly. */
import type { Type, types } from 'avsc'
import type { Chance } from './chance.ts'

/** Boundary values: signs, counts, lengths, 32, 53 and 64 bits. */
const EDGES = [0n, 1n, -1n, 2n, -2n, 63n, 64n, 1_000n, -1_000n, 2n ** 31n, -(2n ** 31n), 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)] // prettier-ignore
const WORDS = ['', 'cart', '__proto__', 'constructor', 'ü', '\0', 'x'.repeat(70)]
const MOST_ITEMS = 4
const LARGEST_FIXED = 100
/** each may be nested in the one before, three calls deep */
const MOST_VALUES = 500

/** Avro's encoding of a long. */
export function longBytes(value: bigint | number): Buffer {
  const bytes: number[] = []
  let raw = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
  for (; raw >= 0x80n; raw >>= 7n) bytes.push(Number(raw & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(raw)])
}

/** `wild`: probability that a count, length or index is wrong. 0: the bytes match the schema. */
export function bytesOf(type: Type, chance: Chance, wild: number, room = { values: MOST_VALUES }): Buffer {
  const number = (right: number) => longBytes(wild > 0 && chance.one(wild) ? chance.pick(EDGES) : right)
  const inner = (part: Type) => bytesOf(part, chance, wild, room)
  const text = (word: string) => Buffer.concat([number(Buffer.byteLength(word)), Buffer.from(word)])
  const word = () => (wild > 0 || chance.one(0.5) ? chance.pick(WORDS) : `k${chance.below(1000)}`)
  const block = (item: () => Buffer): Buffer => {
    const items = Array.from({ length: chance.below(MOST_ITEMS) }, item)
    if (items.length === 0) return number(0)
    const bytes = Buffer.concat(items)
    const head = chance.one(0.3) ? [number(-items.length), number(bytes.length)] : [number(items.length)]
    return Buffer.concat([...head, bytes, number(0)])
  }
  // stop at a record that contains itself, whose size is infinite or doubles with every level
  if (--room.values < 0) return Buffer.alloc(0)
  switch (type.typeName) {
    case 'null':
      return Buffer.alloc(0)
    case 'boolean':
      return Buffer.from([chance.below(2)])
    case 'int':
      return number(chance.below(2 ** 31))
    case 'long':
      return number(chance.one(0.5) ? chance.below(2 ** 31) : Date.UTC(2026, 0, 1) + chance.below(1e9))
    case 'float':
      return chance.bytes(4)
    case 'double':
      return chance.bytes(8)
    case 'bytes':
    case 'string':
      return text(word())
    case 'fixed':
      return chance.bytes(Math.min((type as types.FixedType).size, LARGEST_FIXED))
    case 'enum':
      return number(chance.below((type as types.EnumType).symbols.length))
    case 'array':
      return block(() => inner((type as types.ArrayType).itemsType))
    case 'map':
      return block(() =>
        Buffer.concat([text(word().replace('__proto__', '')), inner((type as types.MapType).valuesType)]),
      )
    case 'record':
      return Buffer.concat((type as types.RecordType).fields.map((field) => inner(field.type)))
    default: {
      // avsc mistakes names of Object.prototype for types
      const branches = (type as Partial<types.UnwrappedUnionType>).types ?? []
      if (branches.length === 0) return Buffer.alloc(0)
      const branch = chance.below(branches.length)
      return Buffer.concat([number(branch), inner(branches[branch]!)])
    }
  }
}

/** One random change: a byte altered, a part removed, repeated or moved, the end cut off, a boundary value inserted. */
export function spoilt(bytes: Buffer, chance: Chance): Buffer {
  const at = chance.below(bytes.length + 1)
  const to = Math.min(bytes.length, at + chance.below(20))
  const [before, part, after] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)]
  switch (chance.below(6)) {
    case 0:
      return Buffer.concat([before, chance.bytes(1), after])
    case 1:
      return Buffer.concat([before, after])
    case 2:
      return Buffer.concat([before, part, part, after])
    case 3:
      return before
    case 4:
      return Buffer.concat([part, before, after])
    default:
      return Buffer.concat([before, longBytes(chance.pick(EDGES)), after])
  }
}
