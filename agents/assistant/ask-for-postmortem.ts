/**
 * Asks the postmortem agent for a report once an action has helped, by A2A over topics. The call is an emission of a durable run, and its id is
 * derived from the run's: it survives this process, and is made once.
 */
import { Role } from '@a2a-js/sdk'
import type { A2aResponded, ActionCompleted } from '../../schemas/events.generated.ts'
import { callOf, firstCall } from '../a2a/call.ts'
import { type Agent, emit, type Emission, type Run } from '../runtime/agent.ts'
import { eventId } from '../runtime/run.ts'
import { headline } from '../runtime/tool-result.ts'

const ASSISTANT = 'assistant'
/** ms that the report may take */
const WAIT_MS = 600_000
/** ms after which an action is history: after a switch from `off`, or a long outage, nobody waits for its report */
const LATEST_MS = 86_400_000

/**
 * Consumed only where it is asked for. `ActionCompleted` is not checked for the executor's signature: a forged one asks for a report at most, and
 * the report counts signed statements only.
 */
export const asksForPostmortems = {
  on: { ActionCompleted: askForPostmortem, A2aResponded: hearOfPostmortem } satisfies Agent['on'],
  publishes: ['A2aRequested'] satisfies Agent['publishes'],
}

async function* askForPostmortem(action: ActionCompleted, run: Run): AsyncIterable<Emission> {
  if (action.effect !== 'helped' || isHistory(action, run)) return
  const callId = eventId(run.id, 'call:postmortem')
  const data = { skill: 'postmortem', session_ids: [action.session_id] }
  yield emit(
    'A2aRequested',
    callOf({
      ...firstCall(run.startedAt + WAIT_MS),
      ...{ agent: 'postmortem', caller: ASSISTANT, callId, sessionId: action.session_id, method: 'SendMessage' },
      request: {
        tenant: '',
        message: {
          ...{ messageId: callId, contextId: action.session_id, taskId: '', role: Role.ROLE_USER },
          parts: [{ content: { $case: 'data', value: data }, mediaType: 'application/json', filename: '', metadata: undefined }], // prettier-ignore
          ...{ metadata: undefined, extensions: [], referenceTaskIds: [] },
        },
        // the report itself is not read here
        configuration: { acceptedOutputModes: ['text/plain'], taskPushNotificationConfig: undefined, returnImmediately: false }, // prettier-ignore
        metadata: undefined,
      },
    }),
  )
}

/** Tells the session how the call ended. */
async function* hearOfPostmortem(answer: A2aResponded, run: Run): AsyncIterable<Emission> {
  if (answer.caller !== ASSISTANT || answer.session_id === null || isHistory(answer, run)) return
  yield emit('DiagnosisProgressed', {
    session_id: answer.session_id,
    agent: ASSISTANT,
    run_id: run.id,
    step: 'postmortem',
    progress: 100,
    message: answer.error_code === null ? ended(answer.task_id) : refused(headline(`${answer.error_code}: ${answer.error ?? ''}`)), // prettier-ignore
    findings: [],
  })
}

const isHistory = ({ occurred_at }: { occurred_at: number }, run: Run): boolean =>
  run.startedAt - occurred_at > LATEST_MS

const ended = (id: string) => ({ en: `Postmortem ${id}`, 'zh-TW': `事後檢討 ${id}` })

const refused = (why: string) => ({ en: `No postmortem: ${why}`, 'zh-TW': `沒有事後檢討：${why}` })
