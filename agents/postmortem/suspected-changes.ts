/** What the diagnosis knew of each change: the probability of the one it named, and the alternatives that are still open. */
import { LIKELY } from '../../analysis/ranking/change-shares.ts'
import type { Source, Statement } from '../../postmortem/report.ts'
import { percent } from '../../postmortem/words.ts'
import type { ChangeSuspect, DiagnosisCompleted } from '../../schemas/events.generated.ts'
import type { Speech } from './speech.ts'
import { cause as texts } from './texts.ts'

/** Less likely alternatives are left out. */
const MENTIONED = 0.1

/** None in a result of an earlier release of the platform. */
const suspectsIn = (result: DiagnosisCompleted): readonly ChangeSuspect[] => result.suspected_changes?.suspects ?? []

/** null: it was not computed. */
export function probabilityOf(changeId: string, result: DiagnosisCompleted): string | null {
  const suspect = suspectsIn(result).find(({ change_id }) => change_id === changeId)
  return suspect === undefined ? null : percent(suspect.probability)
}

/** That probably no known change caused it; otherwise, unless one of them probably did, the alternatives. */
export function openChanges(result: DiagnosisCompleted, event: Source, speech: Speech): Statement[] {
  const none = result.suspected_changes?.none ?? 0
  if (none > LIKELY) return [{ code: 'no_change', text: texts.noChange(percent(none)), sources: [event] }]
  if (suspectsIn(result).some(({ probability }) => probability > LIKELY)) return []
  return suspectsIn(result)
    .filter(({ probability }) => probability >= MENTIONED)
    .map(({ change_id, text, probability }) => ({
      code: 'suspected_change',
      text: texts.mayBe(speech.told(text), percent(probability)),
      sources: [{ kind: 'change', id: change_id }, event],
    }))
}
