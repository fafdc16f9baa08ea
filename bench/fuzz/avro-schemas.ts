/** Schemas of other writers: ours with fields added, moved or retyped, valid or not. */
import type { Schema } from 'avsc'
import type { Chance } from './chance.ts'

interface Field {
  name: string
  type: unknown
  default?: unknown
}

const NAMES = ['more', 'toString', 'constructor', '__proto__', 'hasOwnProperty', 'a b', '', 'sre.x', 'v0', 't', 'this']
const SIMPLE = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string']

/** A random small type; one in twenty is invalid Avro. */
export function madeType(chance: Chance, names: string[] = [], depth = 0): unknown {
  const inner = () => madeType(chance, names, depth + 1)
  const name = () => {
    names.push(chance.one(0.05) ? chance.pick(NAMES) : `N${names.length}`)
    return names.at(-1)
  }
  if (chance.one(0.02))
    return chance.pick([null, 7, {}, [], 'toString', { type: 'constructor' }, { type: [] }, [['int']]])
  if (depth > 4 || chance.one(0.4)) return chance.pick(SIMPLE)
  switch (chance.below(8)) {
    case 0:
      return { type: 'array', items: inner() }
    case 1:
      return { type: 'map', values: inner() }
    case 2:
      return { type: 'fixed', name: name(), size: chance.pick([0, 1, 16, 2 ** 31 - 1, -1, 2 ** 40]) }
    case 3:
      return {
        type: 'enum',
        name: name(),
        symbols: chance.pick([['a'], ['a', 'b'], ['constructor', 'b'], [], ['a', 'a']]),
      }
    case 4:
      return { type: 'long', logicalType: 'timestamp-millis' }
    case 5:
      // a reference by name: to itself, circular, or to an unknown type
      return names.length > 0 ? chance.pick(names) : 'int'
    case 6:
      return ['null', inner()]
    default: {
      const own = name()
      const fields = Array.from({ length: chance.below(4) }, (_, at) => ({ name: `f${at}`, type: inner() }))
      return { type: 'record', name: own, fields }
    }
  }
}

/** A variant of `ours` as another version or program could have it. */
export function foreign(ours: Schema, chance: Chance): Schema {
  const record = structuredClone(ours) as unknown as { fields: Field[] }
  const names: string[] = []
  const fields = record.fields.filter((field) => !(field.default !== undefined && chance.one(0.1)))
  for (let more = chance.below(3); more >= 0; more--) {
    const name = chance.one(0.05) ? chance.pick(NAMES) : `more_${more}`
    fields.splice(chance.below(fields.length + 1), 0, { name, type: madeType(chance, names) })
  }
  if (chance.one(0.1)) chance.pick(fields).type = madeType(chance, names)
  return { ...record, fields } as unknown as Schema
}
