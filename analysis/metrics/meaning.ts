/** What an indicator tells, from the words of its name and its unit: never from a list of known names. */
import type { Series } from '../observations.ts'

export type Meaning = 'latency' | 'errors' | 'saturation' | 'traffic' | 'other'

/** 1: more is worse; -1: less is worse; 0: either may be */
export type Direction = 1 | -1 | 0

const MEANINGS: readonly [Meaning, RegExp][] = [
  ['errors', /err|fail|5xx|4xx|fault|exception|abort|drop|availab|success|refus|reject|timeout|restart/i],
  [
    'latency',
    /latenc|duration|response.?time|delay|self.?time|(?:^|_)lat(?:_|$)|(?:^|[_.])p\d\d(?:$|[_.])|quantile|rtt/i,
  ],
  [
    'saturation',
    /cpu|mem|heap|disk|(?:^|_)load|saturat|usage|util|queue|backlog|lag|thread|throttl|(?:^|_)gc|(?:^|_)io(?:_|$)|socket|conn|pool/i,
  ],
  ['traffic', /rate|req|rps|qps|ops|throughput|traffic|workload|count|bytes|network|packets|calls|(?:^|_)lod(?:_|$)/i],
]
const BETTER_WHEN_HIGH = /success|availab|hit.?ratio|healthy|ready|(?:^|_)up$/i
/** A host is shared by what runs on it: its numbers tell little of one service. */
const HOST = /^(?:node|host|machine|vm)[A-Z_.:]/

export const meaningOf = (indicator: string): Meaning =>
  MEANINGS.find(([, words]) => words.test(indicator))?.[0] ?? 'other'

export function directionOf(indicator: string, meaning: Meaning): Direction {
  if (isBetterWhenHigh(indicator)) return -1
  return meaning === 'traffic' || meaning === 'other' ? 0 : 1
}

export const isOfHost = (indicator: string): boolean => HOST.test(indicator)

/** Measured where a call is made, not where it is answered. */
export const isOfClient = (indicator: string): boolean => /client|upstream|outbound/i.test(indicator)

export const isBetterWhenHigh = (indicator: string): boolean => BETTER_WHEN_HIGH.test(indicator)

/** What all of it is, where an indicator tells a share of requests: 1 or 100; null: it tells no share. */
export function wholeOf({ indicator, unit = '' }: Pick<Series, 'indicator' | 'unit'>): 1 | 100 | null {
  if (/%|percent/i.test(`${unit} ${indicator}`)) return 100
  return /^ratio$/i.test(unit) || /ratio|share/i.test(indicator) ? 1 : null
}
