/** Reads what a message asks for. */
import { type Message, Role, type SendMessageRequest } from '@a2a-js/sdk'
import {
  ContentTypeNotSupportedError,
  PushNotificationNotSupportedError,
  RequestMalformedError,
} from '@a2a-js/sdk/errors'
import { z } from 'zod'
import { storable } from '../../bus/storable.ts'
import { LANGUAGES } from '../../postmortem/report.ts'
import { isVisible } from '../../schemas/visible.ts'

const LONGEST_ID = 128
/** Incidents and sessions of one report, each; together they have a limit of their own, which the report tells. */
const MOST_LISTED = 200

const id = z.string().min(1).max(LONGEST_ID).refine(isVisible)
const body = z.strictObject({
  skill: z.literal('postmortem').optional(),
  incident_ids: z.array(id).max(MOST_LISTED).default([]),
  session_ids: z.array(z.guid()).max(MOST_LISTED).default([]),
  language: z.enum(LANGUAGES).optional(),
})

export interface Wanted {
  incident_ids: string[]
  session_ids: string[]
  language: string | null
  /** null: that of the task */
  contextId: string | null
  /** media types that the caller accepts; none: any */
  modes: string[]
  isImmediate: boolean
}

const HOW = 'send one data part such as {"incident_ids": ["INC-7"]} or {"session_ids": ["…"]}'

/** A message that starts a task, or the id of the task that it is sent to. Throws a `Refusal`. */
export function wantedBy(request: SendMessageRequest): { task: string } | { wanted: Wanted } {
  const { message, configuration } = request
  if (message === undefined) throw new RequestMalformedError('message is missing')
  if (!id.safeParse(message.messageId).success) throw new RequestMalformedError(`message.messageId must have 1 to ${LONGEST_ID} visible characters`) // prettier-ignore
  if (message.role !== Role.ROLE_USER) throw new RequestMalformedError('message.role must be ROLE_USER')
  if (configuration?.taskPushNotificationConfig !== undefined) throw new PushNotificationNotSupportedError('use SubscribeToTask') // prettier-ignore
  demandCount('historyLength', configuration?.historyLength)
  if (message.taskId !== '') return { task: message.taskId }
  if (message.contextId !== '' && !id.safeParse(message.contextId).success)
    throw new RequestMalformedError(`message.contextId must have 1 to ${LONGEST_ID} visible characters`)
  const named: unknown = message.metadata?.['skill'] ?? request.metadata?.['skill'] ?? 'postmortem'
  if (named !== 'postmortem') throw new RequestMalformedError('this agent has one skill: postmortem')
  const { incident_ids, session_ids, language = null } = dataOf(message)
  if (incident_ids.length + session_ids.length === 0) throw new RequestMalformedError(HOW)
  return {
    wanted: {
      ...{ incident_ids, session_ids, language, contextId: message.contextId === '' ? null : message.contextId },
      modes: (configuration?.acceptedOutputModes ?? []).map(storable),
      isImmediate: configuration?.returnImmediately === true,
    },
  }
}

/** A text beside the data is a remark for people. */
function dataOf({ parts }: Message): z.infer<typeof body> {
  const found = parts.flatMap(({ content }) => (content?.$case === 'data' ? [content.value as unknown] : []))
  const isOther = parts.some(({ content }) => content?.$case !== 'data' && content?.$case !== 'text')
  if (isOther || found.length === 0) throw new ContentTypeNotSupportedError(HOW)
  const read = found.length === 1 ? body.safeParse(found[0]) : null
  if (read?.success !== true) {
    const why = read?.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
    throw new RequestMalformedError(why === undefined ? HOW : `${HOW}; ${why.slice(0, 500)}`)
  }
  return read.data
}

export function demandCount(name: string, count: number | undefined): void {
  if (count !== undefined && (!Number.isInteger(count) || count < 0)) throw new RequestMalformedError(`${name} is not valid`) // prettier-ignore
}
