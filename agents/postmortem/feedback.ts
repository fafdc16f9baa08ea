/** What people said of the diagnoses. The latest says whether a diagnosis holds; a report does not follow one that was wrong. */
import type { Source, Statement } from '../../postmortem/report.ts'
import type { DiagnosisCompleted, FeedbackRecorded } from '../../schemas/events.generated.ts'
import type { Facts, SessionFacts } from './facts.ts'
import { feedback as texts } from './feedback-texts.ts'
import type { Speech } from './speech.ts'

const verdictOf = ({ feedback }: SessionFacts): string | null => feedback.at(-1)?.verdict ?? null

/** Results that found an incident and that nobody judged wrong since. */
export const standingResults = ({ sessions }: Facts): DiagnosisCompleted[] =>
  sessions.flatMap((one) => (one.result?.verdict === 'incident' && verdictOf(one) !== 'wrong' ? [one.result] : []))

/** Diagnoses that found an incident and were wrong, with the feedback that says so. */
export const wrongIn = ({ sessions }: Facts): { result: DiagnosisCompleted; feedback: FeedbackRecorded }[] =>
  sessions.flatMap((one) => {
    const feedback = one.feedback.at(-1)
    return one.result?.verdict === 'incident' && feedback?.verdict === 'wrong' ? [{ result: one.result, feedback }] : []
  })

export const sourceOf = ({ event_id }: FeedbackRecorded): Source => ({ kind: 'event', id: event_id })

/** Anyone who may ask for a diagnosis may judge it, and a report has to fit into a record. */
const MOST = 20

/** The diagnosed causes that people ruled out. */
export const ruledOutBy = (facts: Facts): Statement[] =>
  wrongIn(facts)
    .flatMap(({ result: { root_causes }, feedback }) =>
      root_causes.slice(0, 1).map(({ service }) => ({ service, feedback })),
    )
    .slice(0, MOST)
    .map(({ service, feedback }) => ({
      code: 'judged_wrong',
      text: texts.ruledOut(service),
      sources: [sourceOf(feedback)],
    }))

/** What people who did not find the diagnosis right named as the cause. */
export const namedBy = ({ sessions }: Facts, speech: Speech): Statement[] =>
  sessions
    .flatMap(({ feedback }) => feedback.filter(({ verdict, root_cause }) => verdict !== 'right' && root_cause !== null))
    .slice(0, MOST)
    .map((one) => ({
      code: 'named_by_person',
      text: texts.named(speech.quoted(one.root_cause ?? '')),
      sources: [sourceOf(one)],
    }))

/** What feedback leaves open. */
export const openBy = ({ sessions }: Facts, speech: Speech): Statement[] =>
  sessions.flatMap((one) => {
    const { feedback } = one
    const last = feedback.at(-1)
    if (last === undefined) return []
    const said = speech.quoted(last.note ?? '')
    const differs = feedback.some(({ verdict }) => verdict !== last.verdict)
    return [
      ...(last.verdict === 'partly' ? [{ code: 'diagnosis_partly', text: texts.partly(said), sources: [sourceOf(last)] }] : []), // prettier-ignore
      ...(differs
        ? [{ code: 'judged_differently', text: texts.differ, sources: feedback.slice(-MOST).map(sourceOf) }]
        : []),
    ]
  })
