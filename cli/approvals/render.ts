import type { Approval } from '../../gateway/api.generated.ts'
import { namedValues, targetOf, wordsOf } from '../../actions/words.ts'
import { amount } from '../../analysis/text.ts'
import { clauses, labelled, noted, readable, riskText } from '../../gateway/present/words.ts'
import type { Language } from '../../gateway/present/language.ts'
import { personIn, proposerIn } from '../../gateway/present/person.ts'
import { deciding } from '../../gateway/present/texts.ts'
import { exactName, visible } from '../../schemas/visible.ts'
import { checkText } from '../terminal/checks.ts'
import { approvals as texts } from './texts.ts'

/** Renders an approval: what the action does (derived from the action alone), then notes, the decider and the effect. */
export function renderApproval(approval: Approval, language: Language): string[] {
  const { approval_id, status, title, reason, risk, action, expires_at, decision, closed, outcome, proposed_by } =
    approval
  const word = (one: string) => readable(language, one)
  const until = status === 'pending' ? [texts.until(expires_at)[language]] : []
  const by = closed?.decided_by ?? decision?.decided_by
  return [
    `${approval_id}  ${word(status)}  ${noted(language, wordsOf(action)[language], clauses(language, [riskText(language, risk), ...until]))}`,
    `  ${exactly(action, language)}`,
    ...assurances(approval, language).map((one) => `  ${one}`),
    `  ${proposed_by === null ? texts.written(title, reason)[language] : texts.proposed(proposerIn(proposed_by, language, approval.names), reason)[language]}`,
    ...approvalsGiven(approval, language),
    ...(by === undefined || by === null || approval.approvals_needed > 1
      ? []
      : [`  ${labelled(language, personIn(by, approval.names), decision?.reason ?? closed?.reason ?? '')}`]),
    ...(approval.ignored_statement ? [`  ${deciding.ignoredStatement[language]}`] : []),
    ...(closed !== null && byExecutor.includes(closed.outcome)
      ? [
          `  ${labelled(language, word(closed.outcome), noted(language, closed.reason ?? '', closed.code === closed.outcome ? '' : closed.code))}`,
        ]
      : []),
    ...(outcome === null
      ? []
      : [`  ${labelled(language, clauses(language, [word(outcome.outcome), word(outcome.effect)]), outcome.error ?? outcome.output ?? '')}`]), // prettier-ignore
    ...(outcome?.checks ?? []).map((check) => `    ${checkText(check, check.error, language)}`),
  ].map(visible)
}

/** How it will be verified and undone, as the proposal states it. */
function assurances({ checks, undo, undoes }: Approval, language: Language): string[] {
  const { verified, undo: undoing, undoes: undone, none } = texts.fields[language]
  const level = (value: number | null, unit: string | null) => (value === null ? '?' : amount(value, unit ?? undefined))
  const levels = checks.map(({ service, indicator, normal, disturbed, unit }) =>
    noted(language, `${service} ${indicator}`, [normal, disturbed].map((one) => level(one, unit)).join(' → ')),
  )
  return [
    labelled(language, verified, levels.join(language === 'zh-TW' ? '、' : ', ') || none),
    ...(undo === '' ? [] : [labelled(language, undoing, undo)]),
    ...(undoes === null ? [] : [labelled(language, undone, undoes)]),
  ]
}

/** States set by the executor, not by a person; shown with the reason. */
const byExecutor = ['refused', 'joined', 'overtaken']

/** Where two people have to approve: how many have, and who; then a rejection, which ends it. */
function approvalsGiven({ approvals, approvals_needed, decision, names }: Approval, language: Language): string[] {
  if (approvals_needed === 1) return []
  const people = approvals.map(
    ({ approved_by, reason }) => `    ${labelled(language, personIn(approved_by, names), reason ?? '')}`,
  )
  const no =
    decision?.decision === 'rejected'
      ? [`  ${labelled(language, personIn(decision.decided_by, names), decision.reason)}`]
      : []
  return [`  ${deciding.given(approvals.length, approvals_needed)[language]}`, ...people, ...no]
}

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
