/** Describes an action in words and field by field, only from the data that is hashed, signed and run, never from free text about it. */
import { exactName } from '../../schemas/visible.ts'
import type { Action } from '../../schemas/events.generated.ts'
import type { Language } from './language.ts'
import { both, type Texts } from './texts.ts'

/** One line; names are shown as by `exactName`. */
export function actionInWords(action: Action, language: Language): string {
  const words = action.type === 'rollback' ? (rollback(action) ?? other(action)) : other(action)
  return words[language]
}

/** `name = value` pairs, sorted by name. */
export const namedValues = (values: Readonly<Record<string, string>>): string[] =>
  Object.keys(values)
    .sort()
    .map((name) => `${exactName(name)} = ${exactName(values[name] ?? '')}`)

export const targetOf = ({ namespace, service }: Action): string =>
  [...(namespace === null ? [] : [namespace]), service].map(exactName).join(' / ')

/** Null if the action has parameters that the sentence would not mention. */
function rollback(action: Action): Texts | null {
  const [before, running] = [only(action.parameters), only(action.target_state)]
  if (before === null || running === null) return null
  const target = targetOf(action)
  return both(`Roll back ${target} from ${running} to ${before}`, `將 ${target} 從 ${running} 退版至 ${before}`)
}

const only = ({ image_tag: tag, ...others }: Readonly<Record<string, string>>): string | null =>
  tag === undefined || Object.keys(others).length > 0 ? null : exactName(tag)

function other(action: Action): Texts {
  const [type, target, values] = [exactName(action.type), targetOf(action), namedValues(action.parameters)]
  return both(
    `Run ${type} on ${target}${values.length === 0 ? '' : ` with ${values.join(', ')}`}`,
    `對 ${target} 執行 ${type}${values.length === 0 ? '' : `，參數 ${values.join('、')}`}`,
  )
}
