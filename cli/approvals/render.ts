import type { Approval } from '../../gateway/api.generated.ts'
import { actionInWords, namedValues, targetOf } from '../../gateway/present/action.ts'
import { clauses, labelled, noted, readable, riskText } from '../../gateway/present/words.ts'
import type { Language } from '../../gateway/present/language.ts'
import { deciding } from '../../gateway/present/texts.ts'
import { exactName, visible } from '../../schemas/visible.ts'
import { checkText } from '../terminal/checks.ts'
import { approvals as texts } from '../texts.ts'

/** Renders an approval: what the action does (derived from the action alone), then notes, the decider and the effect. */
export function renderApproval(approval: Approval, language: Language): string[] {
  const { approval_id, status, title, reason, risk, action, expires_at, decision, closed, outcome } = approval
  const word = (one: string) => readable(language, one)
  const until = status === 'pending' ? [texts.until(expires_at)[language]] : []
  const by = closed?.decided_by ?? decision?.decided_by
  return [
    `${approval_id}  ${word(status)}  ${noted(language, actionInWords(action, language), clauses(language, [riskText(language, risk), ...until]))}`,
    `  ${exactly(action, language)}`,
    `  ${texts.written(title, reason)[language]}`,
    ...(by === undefined || by === null
      ? []
      : [`  ${labelled(language, nameOf(by), decision?.reason ?? closed?.reason ?? '')}`]),
    ...(approval.ignored_statement ? [`  ${deciding.ignoredStatement[language]}`] : []),
    ...(closed !== null && byExecutor.includes(closed.outcome)
      ? [`  ${labelled(language, word(closed.outcome), noted(language, closed.reason ?? '', closed.code))}`]
      : []),
    ...(outcome === null
      ? []
      : [`  ${labelled(language, clauses(language, [word(outcome.outcome), word(outcome.effect)]), outcome.error ?? outcome.output ?? '')}`]), // prettier-ignore
    ...(outcome?.checks ?? []).map((check) => `    ${checkText(check, check.error, language)}`),
  ].map(visible)
}

/** States set by the executor, not by a person; shown with the reason. */
const byExecutor = ['refused', 'joined', 'overtaken']

/** Without the issuer, which all users of a platform share. */
const nameOf = (by: string): string => by.split('|').at(-1) ?? by

/** The fields covered by the action hash. */
function exactly(action: Approval['action'], language: Language): string {
  const { parameters, onlyWhile, none } = texts.fields[language]
  const [comma, semicolon] = language === 'zh-TW' ? ['、', '；'] : [', ', '; ']
  const values = (all: Readonly<Record<string, string>>) => namedValues(all).join(comma) || none
  const fields = [
    labelled(language, parameters, values(action.parameters)),
    labelled(language, onlyWhile, values(action.target_state)),
  ]
  return [`${exactName(action.type)} ${targetOf(action)}`, ...fields].join(semicolon)
}
