/** The catalogue of actions: what may be proposed and run, by whom, with which parameters, and how it is verified and undone. No I/O. */
import type { Action } from '../schemas/events.generated.ts'

/** Roles that may decide unless the configuration or an action says otherwise. */
export const DECIDERS: readonly string[] = ['team_manager', 'super_admin']

/** In ascending order. */
export const RISKS = ['low', 'medium', 'high', 'critical'] as const
export type Risk = (typeof RISKS)[number]

/** Causes an action can remedy. */
export const REMEDIABLE = ['bad_release', 'memory_growth', 'dead_process', 'traffic'] as const
export type Remediable = (typeof REMEDIABLE)[number]

/** A value is text, as in the events; its type says how it must parse. */
export type Parameter = { required: boolean; default: string | null } & (
  | { type: 'string'; maxLength: number; pattern: RegExp | null }
  | { type: 'integer' | 'number'; min: number | null; max: number | null }
  | { type: 'enum'; values: readonly string[] }
)

export type Undo =
  | { none: Readonly<Record<string, string>> }
  /** values by parameter: a fixed one, or `{ from, name }`, taken from the action that is undone */
  | { action: string; parameters: ReadonlyMap<string, string | { from: 'target_state' | 'parameters'; name: string }> }

export interface CatalogueAction {
  /** its type in events, and the script the control-plane runs */
  type: string
  /** causes for which the assistant proposes it */
  fits: readonly Remediable[]
  risk: Risk
  /** roles that may approve it; null: every role that may decide */
  approvers: readonly string[] | null
  parameters: ReadonlyMap<string, Parameter>
  /** names of the target's values that it must be bound to */
  targetState: readonly string[]
  dryRun: boolean
  verify: {
    /** indicators to compare before and after */
    signals: readonly string[]
    /** ms after the action at which measuring ends at the latest */
    withinMs: number
  }
  undo: Undo
}

/** By type, in the order of the file. */
export type Catalogue = ReadonlyMap<string, CatalogueAction>

export interface CatalogueObjection {
  code: 'unknown_action' | 'invalid_parameters' | 'unbound_action'
  reason: string
}

/** Why the catalogue does not allow the action; null: it does. */
export function objectionTo(catalogue: Catalogue, action: Action): CatalogueObjection | null {
  const known = catalogue.get(action.type)
  if (known === undefined)
    return { code: 'unknown_action', reason: `no action ${action.type} in the catalogue; it has: ${[...catalogue.keys()].join(', ')}` } // prettier-ignore
  const wrong = [
    ...Object.keys(action.parameters)
      .filter((name) => !known.parameters.has(name))
      .map((name) => `parameter ${name}: ${action.type} has no such parameter`),
    ...[...known.parameters].flatMap(([name, parameter]) => {
      const why = whyNot(parameter, action.parameters[name])
      return why === null ? [] : [`parameter ${name}: ${why}`]
    }),
  ]
  if (wrong.length > 0) return { code: 'invalid_parameters', reason: wrong.join('; ') }
  const unbound = known.targetState.filter((name) => action.target_state[name] === undefined)
  return unbound.length === 0
    ? null
    : { code: 'unbound_action', reason: `${action.type} must be bound to the target's ${unbound.join(', ')}` }
}

/** Why the value does not fit; null: it does. */
export function whyNot(parameter: Parameter, value: string | undefined): string | null {
  if (value === undefined) return parameter.required ? 'is required' : null
  switch (parameter.type) {
    case 'string':
      if (value === '' || value.length > parameter.maxLength) return `must have 1 to ${parameter.maxLength} characters`
      return parameter.pattern?.test(value) === false ? `must match ${parameter.pattern.source}` : null
    case 'enum':
      return parameter.values.includes(value) ? null : `must be one of ${parameter.values.join(', ')}`
    case 'integer':
    case 'number':
      return whyNotNumber(parameter, value)
  }
}

/** Plain decimal notation only: `0x10` or `1e3` would be read differently elsewhere. */
const NOTATION = { integer: /^-?(0|[1-9]\d{0,14})$/, number: /^-?(0|[1-9]\d{0,14})(\.\d{1,9})?$/ }

function whyNotNumber({ type, min, max }: Extract<Parameter, { min: number | null }>, value: string): string | null {
  if (!NOTATION[type].test(value)) return type === 'integer' ? 'must be a whole number' : 'must be a number'
  if (min !== null && Number(value) < min) return `is ${value}, below the minimum ${min}`
  return max !== null && Number(value) > max ? `is ${value}, above the maximum ${max}` : null
}

/** The higher of the two; an unknown risk counts as critical. */
export const higherRisk = (one: string, other: string): Risk =>
  RISKS[Math.max(rankOf(one), rankOf(other))] ?? 'critical'

const rankOf = (risk: string): number => {
  const rank = RISKS.findIndex((known) => known === risk)
  return rank === -1 ? RISKS.length - 1 : rank
}

/** The given roles, narrowed to those the catalogue allows for this action; none for an unknown action. */
export function approversOf(catalogue: Catalogue, type: string, roles: readonly string[]): string[] {
  const known = catalogue.get(type)
  if (known === undefined) return []
  return roles.filter((role) => known.approvers === null || known.approvers.includes(role))
}

/** The values given, and the defaults of the others. */
export const withDefaults = (
  { parameters }: CatalogueAction,
  given: Readonly<Record<string, string>>,
): Record<string, string> =>
  Object.fromEntries(
    [...parameters].flatMap(([name, parameter]) => {
      const value = given[name] ?? parameter.default
      return value === null ? [] : [[name, value]]
    }),
  )
