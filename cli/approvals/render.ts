import type { Approval } from '../../gateway/api.generated.ts'
import { namedValues, targetOf, wordsOf } from '../../actions/words.ts'
import { wordIn } from '../../gateway/present/words.ts'
import type { Language } from '../../gateway/present/language.ts'
import { personIn } from '../../gateway/present/person.ts'
import { deciding } from '../../gateway/present/texts.ts'
import { exactName, visible } from '../../schemas/visible.ts'
import { approvals as texts } from './texts.ts'

/** Renders an approval: what the action does (derived from the action alone), then notes, the decider and the effect. */
export function renderApproval(approval: Approval, language: Language): string[] {
  const { approval_id, status, title, reason, risk, action, expires_at, decision, closed, outcome } = approval
  const word = (one: string) => wordIn(language, one)
  const until = status !== 'pending' ? '' : language === 'zh-TW' ? `，至 ${expires_at}` : `, until ${expires_at}`
  const by = closed?.decided_by ?? decision?.decided_by
  return [
    `${approval_id}  ${word(status)}  ${wordsOf(action)[language]} (${word(risk)}${until})`,
    `  ${exactly(action, language)}`,
    ...assurances(approval, language).map((one) => `  ${one}`),
    `  ${texts.written(title, reason)[language]}`,
    ...approvalsGiven(approval, language),
    ...(by === undefined || by === null || approval.approvals_needed > 1
      ? []
      : [`  ${personIn(by)}: ${decision?.reason ?? closed?.reason ?? ''}`]),
    ...(approval.ignored_statement ? [`  ${deciding.ignoredStatement[language]}`] : []),
    ...(closed !== null && byExecutor.includes(closed.outcome)
      ? [`  ${word(closed.outcome)}: ${closed.reason ?? ''} (${closed.code})`]
      : []),
    ...(outcome === null
      ? []
      : [`  ${word(outcome.outcome)}, ${word(outcome.effect)}: ${outcome.error ?? outcome.output ?? ''}`]),
    ...(outcome?.checks ?? []).map(
      (check) =>
        `    ${check.service} ${check.indicator}: ${[check.normal, check.disturbed, check.after].map(number).join(' → ')} (${word(check.effect)})`,
    ),
  ].map(visible)
}

/** How it will be verified and undone, as told by whoever proposed it. */
function assurances({ checks, undo, undoes }: Approval, language: Language): string[] {
  const { verified, undo: undoing, undoes: undone, none } = texts.fields[language]
  const levels = checks.map(
    ({ service, indicator, normal, disturbed }) => `${service} ${indicator} (${[normal, disturbed].map(number).join(' → ')})`, // prettier-ignore
  )
  return [
    `${verified}: ${levels.join(', ') || none}`,
    ...(undo === '' ? [] : [`${undoing}: ${undo}`]),
    ...(undoes === null ? [] : [`${undone}: ${undoes}`]),
  ]
}

/** States set by the executor, not by a person; shown with the reason. */
const byExecutor = ['refused', 'joined', 'overtaken']

/** Where two people have to approve: how many have, and who; then a rejection, which ends it. */
function approvalsGiven({ approvals, approvals_needed, decision }: Approval, language: Language): string[] {
  if (approvals_needed === 1) return []
  const people = approvals.map(({ approved_by, reason }) => `    ${personIn(approved_by)}: ${reason ?? ''}`)
  const no = decision?.decision === 'rejected' ? [`  ${personIn(decision.decided_by)}: ${decision.reason}`] : []
  return [`  ${deciding.given(approvals.length, approvals_needed)[language]}`, ...people, ...no]
}

/** The fields covered by the action hash. */
function exactly(action: Approval['action'], language: Language): string {
  const { parameters, onlyWhile, none } = texts.fields[language]
  const values = (all: Readonly<Record<string, string>>) => namedValues(all).join(', ') || none
  const fields = [`${parameters}: ${values(action.parameters)}`, `${onlyWhile}: ${values(action.target_state)}`]
  return [`${exactName(action.type)} ${targetOf(action)}`, ...fields].join('; ')
}

/** `?`: not measured, which is not zero. */
const number = (value: number | null): string => (value === null ? '?' : String(Number(value.toPrecision(3))))
