import type { Approval } from '../../gateway/api.generated.ts'
import { wordIn } from '../../gateway/present/words.ts'
import type { Language } from '../../gateway/present/language.ts'

/** An approval in words: what it would do, who decided, and whether it helped. */
export function renderApproval(approval: Approval, language: Language): string[] {
  const { approval_id, status, title, reason, risk, action, expires_at, decision, closed, outcome } = approval
  const word = (one: string) => wordIn(language, one)
  const until = status !== 'pending' ? '' : language === 'zh-TW' ? `，至 ${expires_at}` : `, until ${expires_at}`
  const by = closed?.decided_by ?? decision?.decided_by
  return [
    `${approval_id}  ${word(status)}  ${title} (${word(risk)}${until})`,
    `  ${action.type} ${action.service} ${JSON.stringify(action.parameters)}: ${reason}`,
    ...(by === undefined || by === null ? [] : [`  ${by}: ${decision?.reason ?? closed?.reason ?? ''}`]),
    ...(closed?.outcome === 'refused' ? [`  ${word('refused')}: ${closed.reason ?? ''} (${closed.code})`] : []),
    ...(outcome === null
      ? []
      : [`  ${word(outcome.outcome)}, ${word(outcome.effect)}: ${outcome.error ?? outcome.output ?? ''}`]),
    ...(outcome?.checks ?? []).map(
      (check) =>
        `    ${check.service} ${check.indicator}: ${[check.normal, check.disturbed, check.after].map(number).join(' → ')} (${word(check.effect)})`,
    ),
  ]
}

/** What was not measured is not zero. */
const number = (value: number | null): string => (value === null ? '?' : String(Number(value.toPrecision(3))))
