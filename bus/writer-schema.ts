/** Reduces a foreign writer schema to the parts that determine its encoding. */
import type { Schema } from 'avsc'

/** Limits well above our own events, which have a tenth of the types and a sixth of the depth. */
const MOST_PARTS = 10_000
const DEEPEST = 128
/**
 * avsc keys plain objects by these names, so names every object inherits break it: a field called `toString` is neither read nor
 * skipped, so the following fields are misread, and decoding a record with a `__proto__` never ends.
 */
const isOfEveryObject = (name: string): boolean => name in Object.prototype
const SHAPING = ['type', 'name', 'namespace', 'size', 'symbols', 'items', 'values', 'fields'] as const

/**
 * Keeps types, names and sizes only. A reader does not need the writer's defaults, and avsc builds those of nested records again at each
 * level, which takes exponential time. Throws if the schema exceeds the limits above.
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
