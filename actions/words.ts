/** An action in words, only from the data that is hashed, signed and run, never from free text about it. Names are shown as by `exactName`. */
import type { Action } from '../schemas/events.generated.ts'
import { exactName } from '../schemas/visible.ts'
import type { Undoing } from './undo.ts'

type Words = Record<'en' | 'zh-TW', string>

/** One line that mentions every parameter. */
export function wordsOf(action: Action): Words {
  return known[action.type]?.(action) ?? other(action)
}

/** How the action is undone, or why it cannot be. */
export function wordsOfUndoing(undoing: Undoing): Words {
  if ('action' in undoing) return wordsOf(undoing.action)
  const { en = '', 'zh-TW': chinese = en } = undoing.none
  return { en: `Cannot be undone: ${en}`, 'zh-TW': `無法復原：${chinese}` }
}

/** `name = value` pairs, sorted by name. */
export const namedValues = (values: Readonly<Record<string, string>>): string[] =>
  Object.keys(values)
    .sort()
    .map((name) => `${exactName(name)} = ${exactName(values[name] ?? '')}`)

export const targetOf = ({ namespace, service }: Action): string =>
  [...(namespace === null ? [] : [namespace]), service].map(exactName).join(' / ')

/** Null if the action has values that the sentence would not mention. */
const known: Readonly<Record<string, (action: Action) => Words | null>> = {
  rollback: (action) => {
    const [before, running] = [only('image_tag', action.parameters), only('image_tag', action.target_state)]
    if (before === null || running === null) return null
    const target = targetOf(action)
    return {
      en: `Roll back ${target} from ${running} to ${before}`,
      'zh-TW': `將 ${target} 從 ${running} 退版至 ${before}`,
    }
  },
  scale: (action) => {
    const [to, from] = [only('replicas', action.parameters), only('replicas', action.target_state)]
    if (to === null || from === null) return null
    const target = targetOf(action)
    return {
      en: `Scale ${target} from ${replicas(from)} to ${replicas(to)}`,
      'zh-TW': `將 ${target} 的副本數從 ${from} 調整為 ${to}`,
    }
  },
  restart: (action) => {
    if (Object.keys(action.parameters).length > 0) return null
    return { en: `Restart ${targetOf(action)}`, 'zh-TW': `重新啟動 ${targetOf(action)}` }
  },
  run_script: ({ parameters: { script, ...parameters }, ...action }) =>
    script === undefined ? null : other({ ...action, type: script, parameters }),
}

const only = (name: string, { [name]: value, ...others }: Readonly<Record<string, string>>): string | null =>
  value === undefined || Object.keys(others).length > 0 ? null : exactName(value)

const replicas = (count: string): string => `${count} ${count === '1' ? 'replica' : 'replicas'}`

function other(action: Action): Words {
  const [type, target, values] = [exactName(action.type), targetOf(action), namedValues(action.parameters)]
  return {
    en: `Run ${type} on ${target}${values.length === 0 ? '' : ` with ${values.join(', ')}`}`,
    'zh-TW': `對 ${target} 執行 ${type}${values.length === 0 ? '' : `，參數 ${values.join('、')}`}`,
  }
}
