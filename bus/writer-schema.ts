/** Somebody else's schema, as far as it shapes bytes. */
import type { Schema } from 'avsc'

/** Far more than any event needs: ours have a tenth of the types and a sixth of the depth. */
const MOST_PARTS = 10_000
const DEEPEST = 128
/**
 * avsc keeps parts under their names on plain objects, and finds there what every object has: a field called `toString` is neither read nor
 * stepped over, and what follows is taken for what it is not; what reads a record with a `__proto__` has no end.
 */
const isOfEveryObject = (name: string): boolean => name in Object.prototype
const SHAPING = ['type', 'name', 'namespace', 'size', 'symbols', 'items', 'values', 'fields'] as const

/**
 * Its types, names and sizes alone. Defaults are of no use to who reads: those of records within records would be made anew at each level,
 * two to the power of their depth. Throws when it is larger than any schema of an event.
 */
export function shapeOf(schema: unknown): Schema {
  let parts = 0
  const shape = (part: unknown, depth: number): unknown => {
    if (++parts > MOST_PARTS) throw new RangeError(`the schema has more than ${MOST_PARTS} parts`)
    if (depth > DEEPEST) throw new RangeError(`the schema is more than ${DEEPEST} levels deep`)
    if (Array.isArray(part)) return part.map((one) => shape(one, depth + 1))
    if (typeof part === 'string' && isOfEveryObject(part)) throw new TypeError(`the schema has the name ${part}`)
    if (typeof part !== 'object' || part === null) return part
    const known = part as Record<string, unknown>
    const kept = SHAPING.filter((name) => Object.hasOwn(known, name))
    return Object.fromEntries(kept.map((name) => [name, shape(known[name], depth + 1)]))
  }
  return shape(schema, 0) as Schema
}
