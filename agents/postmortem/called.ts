/** Answers calls of other agents over topics. Each call is answered once; one that waits is answered by the run that ends its task. */
import type { Pool } from 'pg'
import type { StreamResponse } from '@a2a-js/sdk'
import {
  PushNotificationNotSupportedError,
  RequestMalformedError,
  TaskNotCancelableError,
  TaskNotFoundError,
  UnsupportedOperationError,
} from '@a2a-js/sdk/errors'
import type { Bus } from '../../bus/bus.ts'
import { uuidKey } from '../../bus/uuid-key.ts'
import { postmortemIdOf } from '../../postmortem/ids.ts'
import { CONTEXT_ID } from '../../schemas/a2a-context.ts'
import type { A2aRequested, PostmortemRequested } from '../../schemas/events.generated.ts'
import { METHODS, type MethodName, type RequestOf } from '../a2a/binding.ts'
import { type Answered, partOf, refusedPart } from '../a2a/call.ts'
import { CallError, isRefusal, readCall, requestOf } from '../a2a/refusals.ts'
import { emit, type Emission, type Outgoing, type Run, type RunEnd, type Stamped } from '../runtime/agent.ts'
import { type CallStore, type Opened, type TaskRow, type Waiting } from './calls.ts'
import { postmortemCard } from './card.ts'
import { catchUp } from './catch-up.ts'
import { listed } from './listed.ts'
import { find } from './store.ts'
import { endOf, taskOf } from './task.ts'
import { demandCount, wantedBy, type Wanted } from './wanted.ts'

export interface CalledOptions {
  pool: Pool
  bus: Pick<Bus, 'lag'>
  calls: CallStore
  version: string
}

const NAME = 'postmortem'
/** For other agents, or without a way to answer. */
const isForUs = (call: A2aRequested): boolean => call.agent === NAME && uuidKey(call.call_id) !== null

export async function* answerCall(call: A2aRequested, run: Run, options: CalledOptions): AsyncIterable<Emission> {
  if (!isForUs(call)) return
  try {
    const { method, body } = readCall(call, run.headers, run.startedAt)
    yield* answerMethod(method, body, { call, run, ...options })
  } catch (error) {
    if (!isRefusal(error)) throw error
    const part = await run.step('refuse', () => options.calls.claim(run.tenant, call, run.id))
    if (part !== null) yield refusedPart(call, error, part)
  }
}

/** At the deadline: a call that nobody has answered is answered with an error. */
export async function* letCallExpire(
  call: A2aRequested,
  run: Run,
  { calls }: Pick<CalledOptions, 'calls'>,
): AsyncIterable<Emission> {
  if (!isForUs(call)) return
  const part = await run.step('expire', () => calls.claim(run.tenant, call, run.id))
  if (part !== null) yield refusedPart(call, new CallError('DEADLINE_EXCEEDED', 'the task did not end in time'), part)
}

/** The answer to a call whose run failed, unless it or another run has answered. */
export async function failedCall(
  call: A2aRequested,
  { run, published }: RunEnd,
  calls: CallStore,
): Promise<Outgoing[]> {
  if (!isForUs(call) || published.has('A2aResponded')) return []
  const part = await calls.claim(call.tenant, call, run.id)
  return part === null ? [] : [refusedPart(call, new CallError('INTERNAL_ERROR', 'the call failed: try again'), part)]
}

interface Handling extends CalledOptions {
  call: A2aRequested
  run: Run
}

async function* answerMethod(name: MethodName, body: unknown, handling: Handling): AsyncIterable<Emission> {
  const { call, run, calls, version } = handling
  const request = <M extends MethodName>(method: M): RequestOf<M> => requestOf(method, body, run.tenant)
  const once = async (): Promise<boolean> => (await run.step('claim', () => calls.claim(run.tenant, call, run.id))) !== null // prettier-ignore
  switch (name) {
    case 'SendMessage':
    case 'SendStreamingMessage':
      return yield* start(name, wantedBy(request(name)), handling)
    case 'SubscribeToTask': {
      const opened = await open(request(name).id, { ...WAITING, streams: true }, handling)
      if (opened.now === 'answer') throw new UnsupportedOperationError('the task has ended: read it with GetTask')
      return yield* tell(name, opened, [], handling)
    }
    case 'GetTask': {
      const { id, historyLength } = request(name)
      demandCount('historyLength', historyLength)
      const task = await taskNamed(id, handling)
      if (await once()) yield partOf(about(call, task), name, taskOf(task, []))
      return
    }
    case 'ListTasks': {
      const answer = await listed(request(name), handling)
      if (await once()) yield partOf(call, name, answer)
      return
    }
    case 'CancelTask':
      await taskNamed(request(name).id, handling)
      throw new TaskNotCancelableError('a postmortem is written within seconds: it cannot be canceled')
    case 'GetExtendedAgentCard':
      request(name)
      if (await once()) yield partOf(call, name, postmortemCard(version))
      return
    default:
      request(name)
      throw new PushNotificationNotSupportedError('use SubscribeToTask')
  }
}

/** Answers name the task, so that all of one task are in order. */
const about = (call: Answered, { postmortem_id }: TaskRow): Answered => ({ ...call, task_id: postmortem_id })

async function taskNamed(id: string, { run, calls }: Handling): Promise<TaskRow> {
  const task = uuidKey(id) === null ? null : await run.step('find', () => calls.find(run.tenant, id))
  if (task === null) throw new TaskNotFoundError(`no task ${id.slice(0, 100)}`)
  return task
}

const WAITING = { modes: [] as readonly string[], isImmediate: false, streams: false }

async function open(id: string, how: typeof WAITING, { call, run, calls }: Handling): Promise<Opened> {
  const opening = { ...how, tenant: run.tenant, call, runId: run.id, at: run.startedAt }
  const opened = uuidKey(id) === null ? null : await run.step('open', () => calls.open(opening, id))
  if (opened === null) throw new TaskNotFoundError(`no task ${id.slice(0, 100)}`)
  return opened
}

/** Asks for the postmortem as everybody does, by its event, and answers or waits. The same question is the same task. */
async function* start(
  method: 'SendMessage' | 'SendStreamingMessage',
  message: ReturnType<typeof wantedBy>,
  handling: Handling,
): AsyncIterable<Emission> {
  const { run, calls } = handling
  if ('task' in message) {
    const { ended } = await taskNamed(message.task, handling)
    throw new UnsupportedOperationError(
      ended === null
        ? 'a task takes no further messages: wait for its end'
        : 'the task has ended: send a new message without taskId',
    )
  }
  const { wanted } = message
  const requested = await requestFor(wanted, handling)
  const isKnown = await run.step('look', async () => (await calls.find(run.tenant, requested.postmortem_id)) !== null)
  if (!isKnown) yield emit('PostmortemRequested', requested)
  await run.step('know', () => calls.know(run.tenant, requested, run.startedAt, false))
  const how = { modes: wanted.modes, isImmediate: wanted.isImmediate, streams: METHODS[method].streams }
  const opened = await open(requested.postmortem_id, { ...how, isImmediate: how.isImmediate && !how.streams }, handling)
  yield* tell(method, opened, wanted.modes, handling)
}

/** One session of one incident is a question about the incident, so that both have one report. */
async function requestFor(
  wanted: Wanted,
  { call, run, pool, bus }: Handling,
): Promise<Omit<PostmortemRequested, Stamped>> {
  const { incidents, unknown } = await run.step('resolve', async ({ signal }) => {
    const behind = await catchUp(bus, signal)
    const found = await find(pool, run.tenant, wanted)
    if (behind > 0 && found.unknownSessions.length > 0)
      throw new Error(`${behind} events of sessions were not read yet`)
    return { incidents: found.incidentIds, unknown: found.unknownSessions }
  })
  if (unknown.length > 0) throw new RequestMalformedError(`unknown sessions: ${unknown.join(', ').slice(0, 500)}`)
  const [incident] = incidents
  const isOfIncident = wanted.session_ids.length === 1 && wanted.incident_ids.length === 0 && incidents.length === 1
  const asked =
    isOfIncident && incident !== undefined
      ? { incident_ids: [incident], session_ids: [] }
      : { incident_ids: wanted.incident_ids, session_ids: wanted.session_ids }
  return {
    ...asked,
    session_id: null,
    postmortem_id: postmortemIdOf(run.tenant, asked),
    language: wanted.language,
    requested_by: `a2a|${call.caller}`,
    context: wanted.contextId === null ? {} : { [CONTEXT_ID]: wanted.contextId },
  }
}

async function* tell(
  method: 'SendMessage' | 'SendStreamingMessage' | 'SubscribeToTask',
  { task, now }: Opened,
  modes: readonly string[],
  { call }: Handling,
): AsyncIterable<Emission> {
  if (now === 'nothing') return
  const whole = taskOf(task, modes)
  const payload = { $case: 'task', value: whole } as const
  if (method === 'SendMessage') yield partOf(about(call, task), method, { payload })
  else yield partOf(about(call, task), method, { payload }, { last: now === 'answer' })
}

/** The rest of the answer to a call that waited. */
export function restOf(waiting: Waiting, task: TaskRow): Outgoing[] {
  const { method, modes, first_part } = waiting
  const call = { ...waiting, agent: NAME, task_id: task.postmortem_id }
  if (method === 'SendMessage')
    return [partOf(call, method, { payload: { $case: 'task', value: taskOf(task, modes) } }, { part: first_part })]
  const parts: StreamResponse[] = endOf(task, modes)
  return parts.map((part, place) =>
    partOf(call, 'SendStreamingMessage', part, { part: first_part + place, last: place === parts.length - 1 }),
  )
}
