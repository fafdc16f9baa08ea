import type { Approval } from '../../gateway/api.generated.ts'

/** An approval in words: what it would do, who decided, and whether it helped. */
export function renderApproval({
  approval_id,
  status,
  title,
  reason,
  risk,
  action,
  expires_at,
  ...then
}: Approval): string[] {
  const { decision, closed, outcome } = then
  const by = closed?.decided_by ?? decision?.decided_by
  return [
    `${approval_id}  ${status}  ${title} (${risk}${status === 'pending' ? `, until ${expires_at}` : ''})`,
    `  ${action.type} ${action.service} ${JSON.stringify(action.parameters)}: ${reason}`,
    ...(by === undefined || by === null ? [] : [`  ${by}: ${closed?.reason ?? decision?.reason ?? ''}`]),
    ...(closed?.outcome === 'refused' ? [`  refused: ${closed.code}, ${closed.reason ?? ''}`] : []),
    ...(outcome === null ? [] : [`  ${outcome.outcome}, ${outcome.effect}: ${outcome.error ?? outcome.output ?? ''}`]),
    ...(outcome?.checks ?? []).map(
      (check) =>
        `    ${check.service} ${check.indicator}: ${[check.normal, check.disturbed, check.after].map(number).join(' → ')} (${check.effect})`,
    ),
  ]
}

/** What was not measured is not zero. */
const number = (value: number | null): string => (value === null ? '?' : String(Number(value.toPrecision(3))))
