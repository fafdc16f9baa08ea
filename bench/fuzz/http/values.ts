/** Values that match a JSON schema of the document, exactly or nearly. */
import type { Json } from '../../../gateway/document.ts'
import type { Chance } from '../chance.ts'

export const texts: readonly string[] = [
  ...[
    '',
    ' ',
    'a',
    'cart',
    '支付 🔥',
    'é',
    'e\u0301',
    '\u0000',
    'a\u0000b',
    '\ud800',
    'x\udc00',
    '\udc00\ud800',
    '\u202ecart',
    '\u001b[2J',
  ],
  ...[
    '\r\nX-A: b',
    '\u2028',
    '\ufeff',
    '\uffff',
    '__proto__',
    'constructor',
    'toString',
    'null',
    'true',
    'NaN',
    '-0',
    '1e400',
    '0x10',
    '1e5',
  ],
  ...[
    "'; DROP TABLE x; --",
    '%',
    '%00',
    '%s',
    '../../etc/passwd',
    '{{7*7}}',
    '<script>',
    '2016-12-31T23:59:60Z',
    '0000-01-01T00:00:00Z',
  ],
  ...[
    '9999-12-31T23:59:60Z',
    '+275760-09-13T00:00:00Z',
    '2016-02-30T00:00:00Z',
    '2016-01-01 00:00:00Z',
    '2016-01-01T00:00:00+24:00',
  ],
  ...[
    'urn:uuid:01890000-0000-7000-8000-000000000000',
    '01890000-0000-7000-8000-00000000000G',
    'x'.repeat(255),
    'x'.repeat(256),
  ],
  ...['\ud83d\ude00'.repeat(128), '\u0001'.repeat(5000), 'y'.repeat(70_000), '9'.repeat(400)],
]

const numbers: readonly number[] = [
  -1,
  -0,
  0,
  1,
  0.5,
  20,
  300,
  3600,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  1e21,
  1e308,
  Number.MIN_VALUE,
]

/** A random JSON value, usually small. */
export function anything(chance: Chance, depth = 0): unknown {
  const kind = chance.below(depth > 3 ? 4 : 7)
  if (kind < 2) return chance.pick(texts)
  if (kind === 2) return chance.pick(numbers)
  if (kind === 3) return chance.pick([null, true, false])
  const several = Array.from({ length: chance.below(4) }, () => anything(chance, depth + 1))
  if (kind === 4) return several
  return Object.fromEntries(several.map((value) => [chance.pick(texts), value]))
}

/** A value that matches the schema. `resolve` follows a `$ref`. */
export function allowed(schema: Json, resolve: (ref: string) => Json, chance: Chance): unknown {
  const of = (one: unknown): unknown => allowed(one as Json, resolve, chance)
  if (typeof schema.$ref === 'string') return of(resolve(schema.$ref))
  if (Array.isArray(schema.enum)) return chance.pick(schema.enum)
  if (Array.isArray(schema.allOf))
    return of({ ...merged(schema.allOf as Json[], resolve), ...schema, allOf: undefined })
  if (Array.isArray(schema.type)) return of({ ...schema, type: chance.pick(schema.type) })
  if (schema.type === 'null') return null
  if (schema.type === 'string') return textOf(schema, chance)
  if (schema.type === 'integer' || schema.type === 'number') return numberOf(schema, chance)
  if (schema.type === 'array') return arrayOf(schema, of, chance)
  if (schema.type === 'object') return objectOf(schema, of, chance)
  // no body may have this name, at any depth
  return JSON.parse(JSON.stringify(anything(chance)).replaceAll('"__proto__"', '"proto"'))
}

const merged = (parts: readonly Json[], resolve: (ref: string) => Json): Json =>
  Object.assign({}, ...parts.map((part) => (typeof part.$ref === 'string' ? resolve(part.$ref) : part)))

function textOf({ format, pattern, minLength = 0, maxLength = Infinity }: Json, chance: Chance): string {
  if (format === 'uuid') return chance.one(0.2) ? uuidOf(chance).toUpperCase() : uuidOf(chance)
  if (format === 'date-time') return chance.pick(moments)
  const fits = (text: string) =>
    [...text].length >= Number(minLength) &&
    [...text].length <= Number(maxLength) &&
    (pattern === undefined || new RegExp(String(pattern), 'u').test(text))
  return chance.pick([...texts, 'f'.repeat(64), 'image_tag', 'a_1'].filter(fits))
}

const moments = [
  ...['2026-01-01T00:00:00Z', '2016-12-31T23:59:60Z', '2016-12-31T15:59:60.123456789-08:00', '0000-01-01T00:00:00Z'],
  ...[
    '9999-12-31T23:59:60Z',
    '1969-12-31T23:59:59.999z',
    '2026-02-28t00:00:00+23:59',
    '2024-02-29T23:59:59.9999999999Z',
  ],
]

const uuidOf = (chance: Chance): string =>
  chance
    .bytes(16)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')

function numberOf({ type, minimum = -1e6, maximum = 1e6 }: Json, chance: Chance): number {
  const [low, high] = [Number(minimum), Number(maximum)]
  const between = low + chance.next() * (high - low)
  return chance.pick([low, high, type === 'integer' ? Math.floor(between) : between])
}

function arrayOf(
  { items, minItems = 0, maxItems = 5, uniqueItems }: Json,
  of: (one: unknown) => unknown,
  chance: Chance,
) {
  const length = chance.one(0.1) ? Number(maxItems) : Number(minItems) + chance.below(3)
  const values = Array.from({ length: Math.min(length, Number(maxItems)) }, () => of(items))
  return uniqueItems === true ? [...new Set(values)] : values
}

function objectOf(schema: Json, of: (one: unknown) => unknown, chance: Chance): Json {
  const properties = (schema.properties ?? {}) as Record<string, Json>
  const choice = Array.isArray(schema.anyOf) ? (chance.pick(schema.anyOf as Json[]).required as string[]) : []
  const required = new Set([...((schema.required ?? []) as string[]), ...choice])
  const some = Object.keys(properties).filter((name) => required.has(name) || chance.one(0.5))
  const names = some.length >= Number(schema.minProperties ?? 0) ? some : Object.keys(properties)
  const more =
    typeof schema.additionalProperties === 'object' && chance.one(0.3) ? [String(of(schema.propertyNames))] : []
  const known = more.filter((name) => !(name in properties) && name !== '__proto__')
  return Object.fromEntries([
    ...names.map((name) => [name, of(properties[name])]),
    ...known.map((name) => [name, of(schema.additionalProperties)]),
  ])
}

/** The same value with one part changed, removed, added or repeated. */
export function changed(value: unknown, chance: Chance): unknown {
  if (typeof value !== 'object' || value === null || chance.one(0.15)) return anything(chance)
  if (Array.isArray(value)) {
    const at = chance.below(value.length + 1)
    if (chance.one(0.1)) return Array.from({ length: 10 ** (1 + chance.below(4)) }, () => value[at] ?? '')
    return value.length === 0
      ? [anything(chance)]
      : value.with(at % value.length, changed(value[at % value.length], chance))
  }
  const names = Object.keys(value)
  const name = names.length === 0 || chance.one(0.2) ? chance.pick(texts) : chance.pick(names)
  const { [name]: old, ...rest } = value as Json
  return chance.one(0.2) ? rest : { ...rest, [name]: changed(old, chance) }
}
