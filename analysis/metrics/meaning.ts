/** Infers what an indicator measures from its unit and the words of its name (OpenMetrics, Micrometer, CloudWatch), without a list of known metrics. */
import type { Series } from '../observations.ts'
import { lastWordOf, setOf, wordsOf } from './words.ts'

export type Meaning = 'latency' | 'errors' | 'saturation' | 'traffic' | 'other'

/** 1: more is worse; -1: less is worse; 0: either may be */
export type Direction = 1 | -1 | 0

type Named = Pick<Series, 'indicator' | 'unit'>

const TIME_UNIT = /^(?:n|u|µ|m)?s$|^(?:nano|micro|milli)?seconds?$|^min(?:utes)?$/i
const TIME = setOf('second ms milliseconds millisecond millis microseconds microsecond us nanoseconds ns')
const INSTANT = setOf('start uptime timestamp age created boot expiry')
const LATENCY = setOf('latency lat duration delay rtt quantile elapsed p50 p75 p90 p95 p99 p999')
/** Together with `time`, these mean a duration. */
const TAKEN = setOf('response self processing request service wait round execution query')
const ERRORS = setOf(
  'error err fail failed failure failcnt fault exception abort aborted drop dropped refused reject rejected timeout restart loss lost retransmit retran miss misses oom unhealthy evicted denied crash discard discarded 5xx 4xx', // prettier-ignore
)
const SUCCESS = setOf('success successful availability')
const RESOURCE = setOf('cpu mem memory heap disk storage filesystem fs swap pool space inode descriptor fd')
const SPARE = setOf('free freeable idle available avail remaining unused')
const SATURATION = setOf(
  'cpu mem memory heap disk saturation utilization utilisation util usage queue queued backlog lag thread throttle throttled throttling gc iowait io socket conn connection pool pressure steal', // prettier-ignore
)
/** Time spent in these is machine time, not latency. */
const MACHINE = setOf('cpu gc iowait steal throttled lag idle')
const TRAFFIC = setOf(
  'rate request req rps qps op operation throughput traffic workload count byte network packet call transaction load',
)
const MOVED_BYTES = setOf('receive received transmit transmitted sent transferred network read written in out')
/** `load1` or `load average` is machine load; any other load is traffic. */
const MACHINE_LOAD = setOf('average avg system node')
const BETTER_WHEN_HIGH = setOf('success successful availability healthy ready')
/** Host metrics, which are shared by everything on the host and say little about one service. */
const HOST = /^(?:node|host|machine|vm)[A-Z_.:]/

function hasAny(words: ReadonlySet<string>, of: ReadonlySet<string>): boolean {
  for (const word of words) if (of.has(word)) return true
  return false
}

const known = new Map<string, Meaning>()
const MOST_KNOWN = 10_000

/** The unit takes precedence: an indicator in seconds is never a count of errors, whatever its name says. */
export function meaningOf({ indicator, unit = '' }: Named): Meaning {
  const key = `${unit}\0${indicator}`
  const before = known.get(key)
  if (before !== undefined) return before
  const meaning = toldBy(indicator, unit)
  if (known.size < MOST_KNOWN) known.set(key, meaning)
  return meaning
}

function toldBy(indicator: string, unit: string): Meaning {
  const words = wordsOf(indicator)
  const isCount = lastWordOf(indicator) === 'count'
  if (!isCount && (TIME_UNIT.test(unit) || hasAny(words, TIME))) {
    if (hasAny(words, MACHINE)) return 'saturation'
    return hasAny(words, INSTANT) ? 'other' : 'latency'
  }
  if (!isCount && (hasAny(words, LATENCY) || (words.has('time') && hasAny(words, TAKEN)))) return 'latency'
  if (isSpare(words)) return 'saturation'
  if (hasAny(words, ERRORS) || hasAny(words, SUCCESS)) return 'errors'
  if (words.has('byte') && hasAny(words, MOVED_BYTES)) return 'traffic'
  if (hasAny(words, SATURATION) || words.has('load1') || words.has('load5') || words.has('load15')) return 'saturation'
  if (words.has('load') && hasAny(words, MACHINE_LOAD)) return 'saturation'
  return hasAny(words, TRAFFIC) ? 'traffic' : 'other'
}

const OCCUPIED = setOf(
  'queue queued backlog thread worker conn connection pool concurrency inflight busy pending waiting',
)
const OF_MEMORY = setOf('mem memory heap byte disk swap')

/** Places that a request keeps until it is answered: as many as arrive in that time (Little's law). */
export function isOccupancy({ indicator }: Named): boolean {
  const words = wordsOf(indicator)
  return hasAny(words, OCCUPIED) && !hasAny(words, OF_MEMORY)
}

/** The free part of a resource: less is worse. */
const isSpare = (words: ReadonlySet<string>): boolean => hasAny(words, SPARE) && hasAny(words, RESOURCE)

export function directionOf(series: Named, meaning: Meaning): Direction {
  if (isBetterWhenHigh(series)) return -1
  if (meaning === 'saturation' && isSpare(wordsOf(series.indicator))) return -1
  return meaning === 'traffic' || meaning === 'other' ? 0 : 1
}

export const isOfHost = (indicator: string): boolean => HOST.test(indicator)

/** Measured by the caller, not by the called service. */
export const isOfClient = (indicator: string): boolean => /client|upstream|outbound/i.test(indicator)

/** Success rates and the like, but not the latency of successful requests. */
export function isBetterWhenHigh({ indicator, unit }: Named): boolean {
  const words = wordsOf(indicator)
  const isUp = lastWordOf(indicator) === 'up' || (words.has('hit') && words.has('ratio'))
  return isUp || (hasAny(words, BETTER_WHEN_HIGH) && meaningOf({ indicator, ...(unit === undefined ? {} : { unit }) }) !== 'latency') // prettier-ignore
}

/** The maximum of a share: 1 or 100; null: not a share. */
export function wholeOf({ indicator, unit = '' }: Named): 1 | 100 | null {
  const words = wordsOf(indicator)
  if (unit === '%' || unit === 'percent' || words.has('percent') || words.has('percentage')) return 100
  return unit === 'ratio' || words.has('ratio') || words.has('share') ? 1 : null
}

const COUNTER_ENDS = setOf('total count sum')
/** A counter by the end of its name. */
export const isNamedCounter = (indicator: string): boolean => COUNTER_ENDS.has(lastWordOf(indicator))

export function mayBeCounter(series: Named): boolean {
  const meaning = meaningOf(series)
  if (meaning !== 'traffic' && meaning !== 'errors') return false
  return wholeOf(series) === null && !isBetterWhenHigh(series) && !/\/|ps$/.test(series.unit ?? '')
}
