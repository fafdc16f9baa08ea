/** Reads a message: which skill is asked for, and with what. A data part has the body of the HTTP route that starts the same. */
import type { Message, Part, SendMessageRequest } from '@a2a-js/sdk'
import { Role } from '@a2a-js/sdk'
import { ContentTypeNotSupportedError } from '@a2a-js/sdk/errors'
import type { AlertDiagnosticRequest, DeploymentDiagnosticRequest, PostmortemRequest } from '../api.generated.ts'
import type { Checks } from '../checks.ts'
import { ApiError } from '../errors.ts'
import type { Language } from '../present/language.ts'
import type { Texts } from '../present/texts.ts'
import { isVisible } from '../../schemas/visible.ts'
import { isObject } from './calls.ts'
import { a2aTexts, refuse } from './refusal.ts'

export const SKILLS = ['diagnose', 'postmortem'] as const
export type Skill = (typeof SKILLS)[number]

export type Wanted =
  | { skill: 'diagnose'; body: AlertDiagnosticRequest; operation: 'diagnoseAlerts' }
  | { skill: 'diagnose'; body: DeploymentDiagnosticRequest; operation: 'diagnoseDeployment' }
  | { skill: 'postmortem'; body: PostmortemRequest; operation: 'requestPostmortem' }

/** What a message says. A text beside data is a remark for people. */
export type Content = { data: Record<string, unknown> } | { text: string }

const LONGEST_ID = 128
/** Of a message or a context, as the client names it. */
export const isId = (text: string): boolean => text.length > 0 && text.length <= LONGEST_ID && isVisible(text)

const malformed = (texts: Texts): ApiError => new ApiError('INVALID_REQUEST', texts)

/** The message of a request, with what A2A demands of one. */
export function messageOf({ message }: SendMessageRequest): Message {
  if (message === undefined) throw malformed(a2aTexts.badForm)
  if (!isId(message.messageId)) throw malformed(a2aTexts.noMessageId)
  if (message.role !== Role.ROLE_USER) throw malformed(a2aTexts.notAUser)
  if (message.contextId !== '' && !isId(message.contextId)) throw malformed(a2aTexts.badContextId)
  return message
}

export function contentOf({ parts }: Message, language: Language): Content {
  if (parts.length === 0) throw malformed(a2aTexts.noParts)
  const contents = parts.map(({ content }) => content)
  if (!parts.every(isReadable)) throw refuse(ContentTypeNotSupportedError, a2aTexts.badPart, language)
  const data = contents.flatMap((content) => (content?.$case === 'data' ? [content.value as unknown] : []))
  if (data.length > 1) throw malformed(a2aTexts.oneData)
  const [first] = data
  if (data.length === 1 && !isObject(first)) throw malformed(a2aTexts.notAnObject)
  if (isObject(first)) return { data: first }
  const text = contents.flatMap((content) => (content?.$case === 'text' ? [content.value] : [])).join('\n')
  if (text.trim() === '') throw malformed(a2aTexts.noParts)
  return { text }
}

/** Without a media type, it is the usual one of its kind. */
function isReadable({ content, mediaType }: Part): boolean {
  const type = mediaType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (content?.$case === 'text') return ['', 'text/plain', 'text/markdown'].includes(type)
  return content?.$case === 'data' && ['', 'application/json'].includes(type)
}

/** The skill the client names in the metadata of the message or the request, or as `skill` of its data; null: it names none. */
export function skillOf(message: Message, request: SendMessageRequest, content: Content): Skill | null {
  const told = [message.metadata?.['skill'], request.metadata?.['skill'], 'data' in content ? content.data['skill'] : undefined] // prettier-ignore
  const skill: unknown = told.find((one) => one !== undefined)
  if (skill === undefined) return null
  const known = SKILLS.find((one) => one === skill)
  if (known === undefined) throw malformed(a2aTexts.noSkill(SKILLS))
  return known
}

export type Reader = (data: Record<string, unknown>, skill: Skill) => Wanted

/** Checks data as the body of the route that it stands for. */
export const createReader =
  ({ check }: Pick<Checks, 'check'>): Reader =>
  ({ skill: _skill, ...given }, skill) => {
    const operation = operationOf(given, skill)
    const { body } = check(operation, { body: given }, { body: 'data' })
    return { skill, operation, body } as unknown as Wanted
  }

/** A deployment is named by its incident, its id and its service together. */
function operationOf(body: Record<string, unknown>, skill: Skill): Wanted['operation'] {
  if (skill === 'postmortem') return 'requestPostmortem'
  return 'incident_id' in body ? 'diagnoseDeployment' : 'diagnoseAlerts'
}
