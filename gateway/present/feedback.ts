import type { FeedbackRecorded } from '../../schemas/events.generated.ts'
import type { Feedback } from '../api.generated.ts'
import { timeOf } from './language.ts'

/** By the role of the person who gave it. */
export const presentFeedback = ({
  verdict,
  root_cause,
  note,
  role,
  revision,
  occurred_at,
}: FeedbackRecorded): Feedback => ({
  ...{ verdict, root_cause, note, role, revision },
  at: timeOf(occurred_at),
})
