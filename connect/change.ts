/** A change as a source reports it, and the event made of it. */
import { v5 as uuidv5 } from 'uuid'
import { redactText, redactValue } from '../agents/runtime/redaction.ts'
import type { ChangeRecorded } from '../schemas/events.generated.ts'

export interface Change {
  /** the same for every report of one change, and for no other: `github/octo-org/cart/deployments/7` */
  id: string
  /** tells the reports of one change apart, such as its start and its end */
  report: string
  /** ms since the epoch */
  at: number
  service: string
  namespace: string | null
  /** DEPLOYMENT, CONFIG_UPDATE, SCALE …; open */
  type: string
  author: string | null
  /** one line */
  summary: string
  /** plain JSON; null: unknown */
  before: unknown
  after: unknown
  deploymentId: string | null
}

const EVENT_IDS = 'c2a2bb1d-52a5-5b0c-8c1b-6a5c6d1f9e40'
const LONGEST_SUMMARY = 1000

/** The same report always gets the same event id, so readers recognise a repeat, whether of a webhook or after a restart. */
export const changeRecorded = (change: Change, tenant: string): ChangeRecorded => ({
  event_id: uuidv5([tenant, change.id, change.report].join('\n'), EVENT_IDS),
  session_id: null,
  sequence: 0,
  tenant,
  occurred_at: change.at,
  change_id: change.id,
  service: change.service,
  namespace: change.namespace,
  type: change.type,
  author: change.author,
  summary: oneLine(redactText(change.summary).text),
  before: asText(change.before),
  after: asText(change.after),
  deployment_id: change.deploymentId,
})

const asText = (state: unknown): string | null =>
  state === null || state === undefined ? null : JSON.stringify(redactValue(state).value)

/** The rest of a commit message is not needed. */
function oneLine(text: string): string {
  const [line = ''] = text.trim().split(/\r?\n/, 1)
  return line.length <= LONGEST_SUMMARY ? line : `${line.slice(0, LONGEST_SUMMARY).toWellFormed()} …`
}
