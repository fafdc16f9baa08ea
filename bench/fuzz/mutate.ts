/** Mutates plain JSON as an attacker would: other types, sizes, depths, orders and extreme values, anywhere in it. */
import type { Chance } from './chance.ts'

const nested = (levels: number): unknown => {
  let value: unknown = []
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

const NUMBERS = [0, -0, -1, 1, 0.5, 1e21, 1e308, -1e308, 5e-324, 2 ** 31, 2 ** 53, -(2 ** 53), 8.64e15, 1e17]
export const TEXTS = [
  ...['', ' ', '\0', '\uFEFF', '\uD800', '\u202E', '\n', '"', ',', '<html>', '[', '%', '\u{1F600}'],
  ...['NaN', '+Inf', '-Inf', '1e400', '-1e308', '0x10', '9'.repeat(400), '1_000', 'null', 'true'],
  ...['0000-01-01T00:00:00Z', '9999-12-31T23:59:59.999999999Z', '2026-02-30T00:00:00Z', '2026-03-01T10:00:00', '1970-01-01T00:00:00+23:59', '-271821-04-20T00:00:00Z'], // prettier-ignore
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', 'a'.repeat(70_000), 'a b '.repeat(20_000)],
]

/** A value no reader expects. */
export function extreme(chance: Chance): unknown {
  const kind = chance.below(10)
  if (kind < 3) return chance.pick(NUMBERS)
  if (kind < 7) return chance.pick(TEXTS)
  return chance.pick<() => unknown>([
    () => null,
    () => true,
    () => [],
    () => ({}),
    () => nested(99),
    () => nested(3000),
    () => Array.from({ length: 3000 }, (_, at) => at),
    () => Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [`k${at}`, at])),
    () => JSON.parse('{"__proto__":{"polluted":1}}') as unknown,
  ])()
}

type Holder = Record<string, unknown>
const childrenOf = (value: unknown): string[] => (typeof value === 'object' && value !== null ? Object.keys(value) : [])

/** Mutates in place, `times` times. */
export function mutate(root: { value: unknown }, chance: Chance, times: number): void {
  for (let time = 0; time < times; time++) {
    const { holder, key } = somewhere(root, chance)
    chance.pick(CHANGES)(holder, key, chance)
  }
}

/** A random place; every depth is equally likely. */
function somewhere(root: { value: unknown }, chance: Chance): { holder: Holder; key: string } {
  let [holder, key]: [Holder, string] = [root, 'value']
  for (;;) {
    const keys = childrenOf(holder[key])
    if (keys.length === 0 || chance.one(0.15)) return { holder, key }
    holder = holder[key] as Holder
    key = chance.pick(keys)
  }
}

const CHANGES: readonly ((holder: Holder, key: string, chance: Chance) => void)[] = [
  (holder, key, chance) => void (holder[key] = extreme(chance)),
  (holder, key, chance) => void (holder[key] = extreme(chance)),
  (holder, key) => void (Array.isArray(holder) ? holder.splice(Number(key), 1) : delete holder[key]),
  (holder, key) => void (holder[key] = [holder[key]]),
  (holder, key) => void (holder[key] = JSON.stringify(holder[key])),
  (holder, key) => void (holder[key] = Number.parseFloat(JSON.stringify(holder[key]) ?? '') || 0),
  (holder, key, chance) => {
    if (Array.isArray(holder[key])) holder[key] = shuffled(holder[key], chance)
  },
  (holder, key, chance) => {
    const list = holder[key]
    if (Array.isArray(list) && list.length > 0)
      holder[key] = Array.from({ length: chance.pick([2, 50, 500]) }, (_, at) => list[at % list.length] as unknown)
  },
  (holder, key, chance) => {
    const other = chance.pick(Object.keys(holder))
    ;[holder[key], holder[other]] = [holder[other], holder[key]]
  },
  (holder, key, chance) => {
    if (Array.isArray(holder)) return
    Object.defineProperty(holder, chance.pick(TEXTS), { value: holder[key], enumerable: true, configurable: true, writable: true }) // prettier-ignore
  },
]

function shuffled(list: readonly unknown[], chance: Chance): unknown[] {
  const mixed = [...list]
  for (let at = mixed.length - 1; at > 0; at--) {
    const other = chance.below(at + 1)
    ;[mixed[at], mixed[other]] = [mixed[other], mixed[at]]
  }
  return mixed
}

/** Corrupts bytes as a bad transfer could. */
export function garbled(text: string, chance: Chance): Buffer {
  const bytes = Buffer.from(text)
  const at = chance.below(bytes.length + 1)
  return chance.pick<() => Buffer>([
    () => bytes.subarray(0, at),
    () => Buffer.concat([bytes.subarray(0, at), chance.bytes(1 + chance.below(8)), bytes.subarray(at)]),
    () => Buffer.concat([Buffer.from('\uFEFF'), bytes]),
    () => Buffer.from(`\uFEFF${text}`, 'utf16le'),
    () => Buffer.concat([bytes, bytes]),
    () => Buffer.from(text.replaceAll('\n', '\r\n')),
    () => Buffer.from(text.replaceAll(/\d+/g, (digits) => (chance.one(0.1) ? '1e400' : digits))),
    () => Buffer.from(text.replaceAll('"', () => (chance.one(0.02) ? "'" : '"'))),
    () => Buffer.concat([bytes.subarray(0, at), Buffer.alloc(chance.pick([1, 1000, 200_000]), chance.pick(['[', '\n', '\0', ' ', 'x', '{"a":', '"', ','])), bytes.subarray(at)]), // prettier-ignore
    () => Buffer.alloc(0),
  ])()
}
