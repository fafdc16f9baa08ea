/** Starts what a message asks for, once per message id, tenant and caller. */
import { createHash } from 'node:crypto'
import type { Message, SendMessageRequest } from '@a2a-js/sdk'
import { v5 as uuidOf } from 'uuid'
import type { Caller } from '../auth/caller.ts'
import type { Asked, Gateway } from '../gateway.ts'
import type { Language } from '../present/language.ts'
import { alertQuestion, askOnce, deploymentQuestion } from '../routes/diagnose.ts'
import { askForPostmortem } from '../routes/postmortems.ts'
import { CONTEXT_ID } from '../../schemas/a2a-context.ts'
import { findTask } from '../views/tasks.ts'
import { type Content, contentOf, type Reader, skillOf, type Wanted } from './message.ts'
import { messageOf, text } from './task.ts'
import { asksForPostmortem, diagnosisFrom, postmortemFrom, Unclear } from './text.ts'

/** Namespace of task ids: the same message has the same task after any restart. */
const TASKS_OF_MESSAGES = '0b7a3d8e-6a0e-5f0c-9c63-2f6d3a1d9b52'

export interface Starting extends Pick<Asked<never>, 'trace' | 'refused'> {
  gateway: Gateway
  caller: Caller
  language: Language
  read: Reader
}

/** Returns the task's id; or a message that asks back, and nothing is started. */
export async function startTask(
  starting: Starting,
  request: SendMessageRequest,
  message: Message,
): Promise<string | Message> {
  const { gateway, caller, language, trace, refused } = starting
  const content = contentOf(message, language)
  const wanted = await wantedBy(starting, request, message, content)
  if (wanted instanceof Unclear) return askBack(message, wanted.texts[language])
  const id = uuidOf(JSON.stringify([caller.tenant, caller.id, message.messageId]), TASKS_OF_MESSAGES)
  const context: Record<string, string> = message.contextId === '' ? {} : { [CONTEXT_ID]: message.contextId }
  const taskId = async () => {
    // the key may be older than keys are kept
    if ((await findTask(gateway.pool, caller.tenant, id)) !== null) throw new StartedBeforeError(id)
    return id
  }
  const said = 'text' in content ? { text: hashOf(content.text) } : { body: wanted.body }
  const keyed = {
    key: `a2a ${hashOf(JSON.stringify([caller.tenant, message.messageId]))}`,
    request: { operation: wanted.operation, ...said, ...context },
  }
  const asking = { trace, refused, caller, keyed }
  try {
    if (wanted.skill === 'postmortem')
      await askForPostmortem(gateway, { ...asking, wanted: wanted.body, context, postmortemId: taskId })
    else {
      const question = wanted.operation === 'diagnoseAlerts' ? alertQuestion(wanted.body) : deploymentQuestion(wanted.body) // prettier-ignore
      const withContext = { ...question, context: { ...question.context, ...context } }
      await askOnce(gateway, { ...asking, question: withContext, sessionId: taskId })
    }
  } catch (error) {
    if (!(error instanceof StartedBeforeError)) throw error
  }
  return id
}

/** The answer may be sent in a new message of the same context. */
function askBack({ contextId, messageId }: Message, words: string): Message {
  const context = contextId === '' ? uuidOf(messageId, TASKS_OF_MESSAGES) : contextId
  return messageOf([text(words)], { taskId: '', contextId: context }, messageId)
}

class StartedBeforeError extends Error {
  override readonly name = 'StartedBeforeError'
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

async function wantedBy(
  { gateway, caller, read }: Starting,
  request: SendMessageRequest,
  message: Message,
  content: Content,
): Promise<Wanted | Unclear> {
  const named = skillOf(message, request, content)
  if ('data' in content) return read(content.data, named ?? ('session_ids' in content.data ? 'postmortem' : 'diagnose'))
  const words = content.text
  const place = { pool: gateway.pool, tenant: caller.tenant, now: gateway.now() }
  const skill = named ?? (asksForPostmortem(words) ? 'postmortem' : 'diagnose')
  const said = skill === 'postmortem' ? await postmortemFrom(words, place) : await diagnosisFrom(words, place)
  return said instanceof Unclear ? said : read({ ...said }, skill)
}
