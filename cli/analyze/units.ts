/** Units in cells: dimension, factor and display name. */

export interface Unit {
  /** units of the same dimension can be converted into each other; '' for plain counts */
  dimension: string
  factor: number
  /** display name; '' for plain counts */
  name: string
}

const COUNTS: Readonly<Record<string, number>> = { k: 1e3, K: 1e3, M: 1e6, Mil: 1e6, Mio: 1e6, G: 1e9, Bil: 1e9, T: 1e12, Tri: 1e12, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 } // prettier-ignore
const SI: Readonly<Record<string, number>> = { n: 1e-9, u: 1e-6, µ: 1e-6, μ: 1e-6, m: 1e-3, '': 1, k: 1e3, K: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50 } // prettier-ignore
const TIMES: Readonly<Record<string, number>> = { s: 1, sec: 1, secs: 1, second: 1, seconds: 1, min: 60, mins: 60, minute: 60, minutes: 60, h: 3600, hr: 3600, hour: 3600, hours: 3600, d: 86_400, day: 86_400, days: 86_400, week: 604_800, weeks: 604_800 } // prettier-ignore
/** Base units by their spellings; SI prefixes apply to them. */
const BASES: Readonly<Record<string, string>> = {
  ...{ B: 'B', byte: 'B', bytes: 'B', b: 'b', bit: 'b', bits: 'b', s: 's' },
  ...{ 'B/s': 'B/s', Bps: 'B/s', Bs: 'B/s', 'b/s': 'b/s', bps: 'b/s', 'bit/s': 'b/s', 'bits/s': 'b/s' },
  ...{ Hz: 'Hz', W: 'W', Wh: 'Wh', VA: 'VA', V: 'V', A: 'A', J: 'J', Pa: 'Pa', g: 'g' },
  ...{ rps: 'req/s', 'req/s': 'req/s', reqps: 'req/s', ops: 'ops/s', 'ops/s': 'ops/s', iops: 'io/s', 'io/s': 'io/s', pps: 'p/s', 'p/s': 'p/s', cps: 'c/s', 'c/s': 'c/s', 'msg/s': 'msg/s' }, // prettier-ignore
}
const PREFIXED = /^([KMGTP]i|[numµμkKMGTP])?(.+)$/
const COUNTED = /^(k|K|M|Mil|Mio|G|Bil|T|Tri|[KMGT]i)(?:\s+(\S[^]*))?$/

/** An unknown unit is its own dimension. */
export function unitOf(text: string): Unit {
  if (text === '') return { dimension: '', factor: 1, name: '' }
  if (/^(%|percent|pct)$/i.test(text)) return { dimension: '%', factor: 1, name: '%' }
  const counted = COUNTED.exec(text)
  if (counted !== null) {
    const of = unitOf(counted[2] ?? '')
    return { ...of, factor: of.factor * COUNTS[counted[1]!]! }
  }
  if (Object.hasOwn(TIMES, text)) return { dimension: 's', factor: TIMES[text]!, name: text }
  const [, prefix = '', base = ''] = PREFIXED.exec(text) ?? []
  if (Object.hasOwn(BASES, text)) return { dimension: BASES[text]!, factor: 1, name: text }
  if (Object.hasOwn(BASES, base)) return { dimension: BASES[base]!, factor: SI[prefix]!, name: text }
  return { dimension: text, factor: 1, name: text }
}
