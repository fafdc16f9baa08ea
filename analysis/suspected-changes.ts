/** The changes that may have caused the incident, with their probabilities, and why the others did not. */
import type { Citations } from './findings.ts'
import type { JudgedChange } from './ranking/changes.ts'
import { sharesOf, type Weighed } from './ranking/change-shares.ts'
import type { Suspect } from './ranking/services.ts'
import { changedText } from './text.ts'
import type { RuledOut, SuspectedChanges } from './verdict.ts'

/** null: no change is known. */
export function suspectedAmong(weighed: readonly Weighed[], cite: Citations): SuspectedChanges | null {
  if (weighed.length === 0) return null
  const { suspects, none } = sharesOf(weighed)
  return {
    suspects: suspects.map(({ change, share }) => ({
      changeId: change.id,
      service: change.service,
      probability: share,
      text: changedText(change),
      evidence: [cite.change(change)],
    })),
    none,
  }
}

/** `top`: the first of the ranking. */
export function ruledOutBeside(
  suspected: SuspectedChanges | null,
  changes: readonly JudgedChange[],
  top: Suspect,
): RuledOut[] {
  const ids = new Set(suspected?.suspects.map(({ changeId }) => changeId))
  return changes.filter(({ change }) => !ids.has(change.id)).map((one) => ruledOut(one, top))
}

const ruledOut = ({ change: { id, service }, against }: JudgedChange, top: Suspect): RuledOut => ({
  changeId: id,
  ...(service === '' ? {} : { service }),
  reason: against ?? (service === top.service ? OTHER_CHANGE : OTHER_SERVICE),
})

const OTHER_CHANGE = {
  en: 'another change to the same service is at least as close to the onset',
  zh: '同一服務另有與異常起始時間同樣接近或更接近的變更',
}
const OTHER_SERVICE = { en: 'another service explains the symptoms better', zh: '另一個服務更能解釋這些症狀' }
