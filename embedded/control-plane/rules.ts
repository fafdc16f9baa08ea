/** Alert rules over measurements. Pure: a rule must hold for a time before it fires, and be quiet for a time before it resolves. */
import type { Measurement } from './managed-services.ts'

export interface Rule {
  name: string
  indicator: string
  /** fires above this, in the indicator's unit */
  above: number
  unit: string
  /** ms it must stay above before firing */
  forMs: number
  /** ms it must stay at or below before resolving */
  quietMs: number
  /** P0 to P3 */
  severity: string
}

/** The rules wait long enough that a diagnosis has more than the first seconds of data. */
export const shopRules: readonly Rule[] = [
  {
    name: 'HighErrorRatio',
    indicator: 'error_ratio',
    above: 0.1,
    unit: '',
    forMs: 6_000,
    quietMs: 5_000,
    severity: 'P1',
  },
  {
    name: 'HighLatency',
    indicator: 'latency_p95',
    above: 500,
    unit: ' ms',
    forMs: 6_000,
    quietMs: 5_000,
    severity: 'P2',
  },
]

/** State of one rule for one service. `since`: when the value crossed to the other side; null: it agrees with `firing`. */
interface Watched {
  firing: boolean
  since: number | null
}

export type RuleState = ReadonlyMap<string, Watched>

export interface Transition {
  type: 'fired' | 'resolved'
  rule: Rule
  service: string
  value: number
  /** when the condition began, ms */
  since: number
  at: number
}

export const ruleKey = (rule: string, service: string): string => JSON.stringify([rule, service])

/** The state in which exactly these alerts fire, for a restart. */
export const firingState = (firing: readonly { rule: string; service: string }[]): RuleState =>
  new Map(firing.map(({ rule, service }) => [ruleKey(rule, service), { firing: true, since: null }]))

/** Evaluates one round of measurements; returns transitions, the earliest first. A service without a measurement keeps its state. */
export function evaluate(
  state: RuleState,
  rules: readonly Rule[],
  round: readonly Measurement[],
): { state: RuleState; transitions: Transition[] } {
  const next = new Map(state)
  const transitions: Transition[] = []
  for (const rule of rules) {
    for (const { service, value, time } of round.filter(({ indicator }) => indicator === rule.indicator)) {
      const key = ruleKey(rule.name, service)
      const { firing, since } = next.get(key) ?? { firing: false, since: null }
      if (value > rule.above === firing) next.set(key, { firing, since: null })
      else if (time - (since ?? time) < (firing ? rule.quietMs : rule.forMs))
        next.set(key, { firing, since: since ?? time })
      else {
        next.set(key, { firing: !firing, since: null })
        transitions.push({ type: firing ? 'resolved' : 'fired', rule, service, value, since: since ?? time, at: time })
      }
    }
  }
  return { state: next, transitions: transitions.toSorted((a, b) => a.since - b.since) }
}

/** What crossed its threshold but has not fired yet. */
export const pendingIn = (state: RuleState): { rule: string; service: string; since: number }[] =>
  [...state].flatMap(([key, { firing, since }]) => {
    if (firing || since === null) return []
    const [rule, service] = JSON.parse(key) as [string, string]
    return [{ rule, service, since }]
  })
