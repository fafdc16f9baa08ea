/** An exact action of the catalogue, bound to the state of its target, with what will verify and undo it. */
import { type Catalogue, type CatalogueAction, type CatalogueObjection, objectionTo, withDefaults } from '../../actions/catalogue.ts' // prettier-ignore
import { undoingOf } from '../../actions/undo.ts'
import { wordsOf, wordsOfUndoing } from '../../actions/words.ts'
import type { Text } from '../../analysis/verdict.ts'
import { actionHash } from '../../schemas/action-hash.ts'
import type { Action, Check } from '../../schemas/events.generated.ts'
import type { Evidence } from '../runtime/evidence.ts'
import { inChinese } from '../tools/notes.ts'
import type { Resource } from '../tools/tools.ts'
import { checksFor, type Measured } from './checks.ts'

export interface Proposal {
  action: Action
  actionHash: string
  title: Record<string, string>
  reason: Record<string, string>
  risk: 'low' | 'medium' | 'high' | 'critical'
  evidence: string[]
  checks: Check[]
  undo: Record<string, string>
}

/** Why an action is not proposed. */
export interface Objection {
  /** stable code */
  code: CatalogueObjection['code'] | 'not_found' | 'target_unknown' | 'nothing_to_do'
  text: Text
}

/** The target as it runs, and the values that the catalogue binds the action to. */
export interface Bound {
  running: Resource
  state: Record<string, string>
}

export interface Target {
  service: string
  /** null: any */
  namespace: string | null
  /** its state, read last; null: not read */
  state: Evidence | null
}

export function boundTo({ targetState }: CatalogueAction, target: Target): Bound | { against: Objection } {
  const { service, namespace, state: read } = target
  if (read?.status === 'failed')
    return against('target_unknown', `the state of ${service} could not be read: ${read.summary}`, `無法讀取 ${service} 的狀態：${inChinese(read.summary)}`) // prettier-ignore
  const isIt = (one: Resource) => one.service_name === service && (namespace === null || (one.namespace ?? namespace) === namespace) // prettier-ignore
  const running = (read?.data as Resource[] | null | undefined)?.find(isIt)
  if (running === undefined)
    return against('not_found', `the state of ${service} is unknown`, `不知道 ${service} 的狀態`)
  const state: Record<string, string> = {}
  for (const name of targetState) {
    const value = name === 'replicas' ? running.replicas : running.image_tag
    if (value === null) return name === 'replicas' ? unknownReplicas(running) : unknownRelease(running)
    state[name] = String(value)
  }
  return { running, state }
}

export interface Wanted {
  entry: CatalogueAction
  bound: Bound
  /** namespace of the request, for a target that does not know its own */
  namespace: string | null
  parameters: Readonly<Record<string, string>>
  /** by language tag */
  reason: Record<string, string>
  evidence: readonly string[]
  /** start of the disturbance, ms since the epoch; null: none */
  since: number | null
}

export interface Knowing {
  catalogue: Catalogue
  observations: Measured
  /** name of the tool that returned this evidence */
  toolOf(evidence: string): string | undefined
}

/** What people decide on, if the catalogue allows it. */
export function proposalOf(
  wanted: Wanted,
  { catalogue, observations, toolOf }: Knowing,
): { proposal: Proposal } | { against: Objection } {
  const { entry, bound, since } = wanted
  const action: Action = {
    type: entry.type,
    service: bound.running.service_name,
    namespace: bound.running.namespace ?? wanted.namespace,
    parameters: withDefaults(entry, wanted.parameters),
    target_state: bound.state,
  }
  const objection = objectionOf(catalogue, action)
  if (objection !== null) return { against: objection }
  if (isSoAlready(action)) return soAlready(action)
  return {
    proposal: {
      action,
      actionHash: actionHash(action),
      title: { ...wordsOf(action) },
      reason: wanted.reason,
      risk: entry.risk,
      evidence: [...new Set(wanted.evidence)],
      checks: checksFor(action, entry.verify.signals, since, observations).map((check) => ({
        ...check,
        tool: toolOf(check.evidence_id ?? '') ?? check.tool,
      })),
      undo: wordsOfUndoing(undoingOf(catalogue, action)),
    },
  }
}

/** What the catalogue has against it; null: nothing. */
export function objectionOf(catalogue: Catalogue, action: Action): Objection | null {
  const found = objectionTo(catalogue, action)
  if (found === null) return null
  const { code, reason } = found
  return { code, text: { en: reason, zh: `動作目錄不允許此動作（${reason}）` } }
}

/** Every value that it would set is the one that the target has. */
function isSoAlready({ parameters, target_state: state }: Action): boolean {
  const set = Object.keys(state).filter((name) => name in parameters)
  return set.length > 0 && set.every((name) => parameters[name] === state[name])
}

function soAlready({ service, target_state: state }: Action): { against: Objection } {
  const values = Object.entries(state).map(([name, value]) => `${name} ${value}`)
  return against(
    'nothing_to_do',
    `${service} already has ${values.join(', ')}`,
    `${service} 目前已是 ${values.join('、')}`,
  )
}

function against(code: Objection['code'], en: string, zh: string): { against: Objection } {
  return { against: { code, text: { en, zh } } }
}

const unknownRelease = ({ service_name: service }: Resource) =>
  against('target_unknown', `the running release of ${service} is unknown`, `不知道 ${service} 目前執行的版本`)
export const unknownReplicas = ({ service_name: service }: Resource) =>
  against('target_unknown', `the number of replicas of ${service} is unknown`, `不知道 ${service} 的副本數`)
