/** What would prevent a recurrence or soften it. Each item follows from a part of the report, and points to it. */
import type { ActionItem, Report, Statement, Text } from '../../postmortem/report.ts'
import { feedback as judged } from './feedback-texts.ts'
import { items as texts } from './lesson-texts.ts'

type Proposed = Pick<ActionItem, 'type' | 'text' | 'priority'>
type Given = Pick<Report, 'cause' | 'went_badly' | 'luck' | 'impact'>

const item = (type: ActionItem['type'], priority: ActionItem['priority'], text: Text): Proposed => ({ type, text, priority }) // prettier-ignore

/** By the code of the statement. */
const FROM_BADLY: Readonly<Record<string, (service: string) => Proposed>> = {
  detected_late: (service) => item('detect', 'high', texts.alertSooner(service)),
  no_alert: (service) => item('detect', 'high', texts.addAlert(service)),
  approval_waited: () => item('respond', 'medium', texts.decideSooner),
  approval_expired: () => item('respond', 'high', texts.reachDecider),
  approval_refused: () => item('respond', 'medium', texts.whyRefused),
  action_worse: (service) => item('mitigate', 'high', texts.rehearse(service)),
  action_no_change: (service) => item('mitigate', 'medium', texts.rehearse(service)),
  action_failed: (service) => item('mitigate', 'high', texts.repairAction(service)),
  source_down: () => item('respond', 'medium', texts.keepSource),
  similar_before: (service) => item('learn', 'high', texts.compare(service)),
  diagnosis_wrong: () => item('learn', 'high', judged.learn),
  not_found: (service) => item('learn', 'medium', texts.measureMore(service)),
}

const FROM_OPEN: Readonly<Record<string, (service: string) => Proposed>> = {
  not_sure: () => item('learn', 'medium', texts.confirmCause),
  diagnosis_partly: () => item('learn', 'medium', texts.confirmCause),
  nobody_asked: () => item('learn', 'medium', texts.diagnose),
}

export function actionItemsOf({ cause, went_badly, luck, impact }: Given): ActionItem[] {
  const service = cause.first?.service ?? impact.entry ?? impact.services[0]?.service ?? null
  const named = service ?? '?'
  const from = (
    list: readonly Statement[],
    at: string,
    rules: Readonly<Record<string, (service: string) => Proposed>>,
  ) =>
    list.flatMap(({ code }, place) => {
      const rule = rules[code]
      return rule === undefined ? [] : [{ ...rule(named), reason: `${at}/${place}` }]
    })
  const proposed = [
    ...preventing(cause),
    ...from(went_badly, '/went_badly', FROM_BADLY),
    ...from(luck, '/luck', { recovered_alone: (one) => item('mitigate', 'medium', texts.prepare(one)) }),
    ...from(cause.open, '/cause/open', FROM_OPEN),
  ]
  // two facts may lead to the same item: the first reason stands
  const unique = [...new Map(proposed.toReversed().map((one) => [one.text.en, one])).values()].reverse()
  return unique.map((one, place) => ({ id: `AI-${place + 1}`, ...one, owner: null, state: 'open' }))
}

function preventing({ first, ruled_out }: Report['cause']): (Proposed & { reason: string })[] {
  if (first === null) return []
  const reason = '/cause/first'
  if (first.change_id !== null) return [{ ...item('prevent', 'high', texts.checkRollouts(first.service)), reason }]
  return [{ ...item('prevent', ruled_out.length > 0 ? 'medium' : 'high', texts.removeCause(first.service)), reason }]
}
