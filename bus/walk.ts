/**
 * Validates a record's bytes against its writer schema without decoding or allocating. avsc trusts its input: it allocates as many items as
 * a block claims, recurses as deep as the schema does, and follows any length. A record that passes decodes in memory proportional to its size.
 */
import avsc from 'avsc'
import type { Type, types } from 'avsc'

/** Throws an error that says what is wrong with the bytes. */
export type Check = (bytes: Buffer) => void

/** Zero-byte values (null, empty records, fixed of size 0) need a limit of their own, as the byte count does not bound them. Our events have none outside a union. */
const MOST_EMPTY = 1_000
const DEEPEST = 64
const LONGEST_VARINT = 10

interface Place {
  readonly bytes: Buffer
  at: number
  empty: number
  depth: number
}
type Step = (place: Place) => void

export function checkOf(writer: Type): Check {
  const step = stepOf(writer, new Map())
  return (bytes) => {
    const place: Place = { bytes, at: 0, empty: 0, depth: 0 }
    step(place)
    if (place.at < bytes.length) refuse(place, `${left(place)} bytes are left over`)
  }
}

const refuse = (place: Place, why: string): never => {
  throw new RangeError(`byte ${place.at}: ${why}`)
}
const left = ({ bytes, at }: Place): number => bytes.length - at

const SIMPLE: Readonly<Record<string, Step>> = {
  null: () => {},
  boolean: (place) => skip(place, 1),
  int: (place) => {
    const value = long(place)
    if (value !== (value | 0)) refuse(place, `${value} is not an int`)
  },
  long,
  float: (place) => skip(place, 4),
  double: (place) => skip(place, 8),
  bytes: skipCounted,
  string: skipCounted,
}

/** A record type is registered before its fields, because a schema may be recursive. */
function stepOf(type: Type, known: Map<Type, Step>): Step {
  const found = known.get(type)
  if (found !== undefined) return found
  const { typeName } = type
  if (Object.hasOwn(SIMPLE, typeName)) return SIMPLE[typeName]!
  if (isA<types.RecordType>(type, 'record', 'error')) return recordOf(type, known)
  if (isA<types.ArrayType>(type, 'array')) return itemsOf(stepOf(type.itemsType, known))
  if (isA<types.MapType>(type, 'map')) return itemsOf(entryOf(stepOf(type.valuesType, known)))
  if (isA<types.FixedType>(type, 'fixed')) return (place) => skip(place, type.size)
  if (isA<types.EnumType>(type, 'enum')) return (place) => index(place, type.symbols.length, 'symbols')
  if (isA<types.UnwrappedUnionType>(type, 'union')) {
    const branches = type.types.map((branch) => stepOf(branch, known))
    return (place) => branches[index(place, branches.length, 'branches')]!(place)
  }
  throw new TypeError(`${typeName} is not an Avro type`)
}

const isA = <T>(type: Type, ...names: string[]): type is Type & T => avsc.Type.isType(type, ...names)

function recordOf(type: types.RecordType, known: Map<Type, Step>): Step {
  const fields: Step[] = []
  const step: Step = (place) => {
    if (++place.depth > DEEPEST) refuse(place, `records are nested more than ${DEEPEST} deep`)
    for (const field of fields) passing(place, field)
    place.depth--
  }
  known.set(type as unknown as Type, step)
  for (const field of type.fields) fields.push(stepOf(field.type, known))
  return step
}

/** Reads blocks of items until an empty block; a negative count is followed by the block's size in bytes. */
const itemsOf =
  (item: Step): Step =>
  (place) => {
    for (let count = long(place); count !== 0; count = long(place)) {
      const size = count < 0 ? long(place) : null
      const end = size === null ? null : place.at + size
      const items = Math.abs(count)
      if (items > left(place) + MOST_EMPTY - place.empty) refuse(place, `${items} items in ${left(place)} bytes`)
      for (let passed = 0; passed < items; passed++) passing(place, item)
      if (end !== null && place.at !== end) refuse(place, `a block of ${size} bytes ends elsewhere`)
    }
  }

function passing(place: Place, step: Step): void {
  const before = place.at
  step(place)
  if (place.at === before && ++place.empty > MOST_EMPTY) refuse(place, `more than ${MOST_EMPTY} zero-byte values`)
}

/** avsc builds a map as a plain object, where this key would set the prototype. */
const LOST_KEY = '__proto__'

const entryOf =
  (value: Step): Step =>
  (place) => {
    const length = long(place)
    const from = place.at
    skip(place, length)
    if (length === LOST_KEY.length && place.bytes.toString('latin1', from, place.at) === LOST_KEY)
      refuse(place, 'a map has the key __proto__')
    value(place)
  }

function index(place: Place, among: number, what: string): number {
  const value = long(place)
  return value >= 0 && value < among ? value : refuse(place, `${value} is not one of ${among} ${what}`)
}

function skipCounted(place: Place): void {
  skip(place, long(place))
}

function skip(place: Place, length: number): void {
  if (length < 0 || length > left(place)) refuse(place, `${length} bytes of ${left(place)}`)
  place.at += length
}

/** Decodes a zigzag varint: exact up to 2^53, beyond that precise enough to compare with the number of bytes left. */
function long(place: Place): number {
  const { bytes } = place
  const first = byteOf(place, bytes[place.at++])
  if (first < 0x80) return (first >>> 1) ^ -(first & 1)
  let raw = first & 0x7f
  let scale = 0x80
  for (let length = 2; ; length++) {
    const byte = byteOf(place, bytes[place.at++])
    if (length === LONGEST_VARINT && byte > 1) return refuse(place, 'a number of more than 64 bits')
    raw += (byte & 0x7f) * scale
    scale *= 0x80
    if (byte < 0x80) return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2
  }
}

const byteOf = (place: Place, byte: number | undefined): number => byte ?? refuse(place, 'a number is truncated')
