/** What undoes an action, as its catalogue says. */
import type { Action } from '../schemas/events.generated.ts'
import { type Catalogue, objectionTo } from './catalogue.ts'

/** `none`: why it cannot be undone, by language tag. */
export type Undoing = { action: Action } | { none: Readonly<Record<string, string>> }

/** The exact action that undoes this one, bound to the state this one leaves behind. */
export function undoingOf(catalogue: Catalogue, action: Action): Undoing {
  const undo = catalogue.get(action.type)?.undo
  if (undo === undefined) return none(`the catalogue has no action ${action.type}`, `動作目錄中沒有 ${action.type}`)
  if ('none' in undo) return undo
  const parameters: Record<string, string> = {}
  for (const [name, value] of undo.parameters) {
    const taken = typeof value === 'string' ? value : action[value.from][value.name]
    if (taken !== undefined) parameters[name] = taken
  }
  const undoing: Action = {
    type: undo.action,
    service: action.service,
    namespace: action.namespace,
    parameters,
    target_state: stateFor(catalogue, undo.action, { ...action.target_state, ...action.parameters }),
  }
  const objection = objectionTo(catalogue, undoing)
  return objection === null ? { action: undoing } : none(objection.reason, objection.reason)
}

const stateFor = (catalogue: Catalogue, type: string, state: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    (catalogue.get(type)?.targetState ?? []).flatMap((name) => {
      const value = state[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )

const none = (en: string, chinese: string): Undoing => ({ none: { en, 'zh-TW': chinese } })
