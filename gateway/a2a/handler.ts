/** The SDK's request handler, answered from the views and by publishing events: one per request, so that it knows its caller. */
import {
  type AgentCard,
  type Message,
  type SendMessageRequest,
  type Task,
  TaskState,
  taskStateToJSON,
} from '@a2a-js/sdk'
import { TaskNotCancelableError, TaskNotFoundError, UnsupportedOperationError } from '@a2a-js/sdk/errors'
import type { A2ARequestHandler } from '@a2a-js/sdk/server'
import type { Answering } from '../answering.ts'
import { repeated } from '../details.ts'
import { ApiError, unavailable } from '../errors.ts'
import { instantOf } from '../instant.ts'
import type { HeldOpen } from '../routes/hold-open.ts'
import { patiently } from '../routes/session-frames.ts'
import { stopSession } from '../routes/sessions.ts'
import type { Texts } from '../present/texts.ts'
import { listTasks, type TaskPosition } from '../views/tasks.ts'
import { followTask } from './follow.ts'
import { isId, messageOf } from './message.ts'
import { a2aTexts, refuse } from './refusal.ts'
import { createPushMethods } from './push/methods.ts'
import { startTask, type Starting } from './start.ts'
import { isOver, isSettled, readTask, taskOf } from './task.ts'

export interface Call extends Omit<Starting, 'refused'> {
  cards: { open: AgentCard; extended: AgentCard }
  within: Answering['within']
  /** takes a place for an answer that stays open */
  hold(): HeldOpen
  pushOrigins: readonly string[]
}

/** ms that a cancellation waits for the agent to stop */
const STOP_MS = 10_000
/** ms that a new task may take to be readable */
const APPEAR_MS = 10_000
const [PAGE, LARGEST_PAGE] = [50, 100]
/** a report may be a megabyte */
const LARGEST_WITH_ARTIFACTS = 10

export function createRequestHandler(call: Call): A2ARequestHandler {
  const { gateway, caller, language, cards, within } = call
  const refused = (Kind: Parameters<typeof refuse>[0], texts: Texts) => refuse(Kind, texts, language)

  async function find(id: string): Promise<Task> {
    const task = await readTask(gateway, caller.tenant, id, language)
    if (task === null) throw refused(TaskNotFoundError, a2aTexts.noTask(repeated(id)))
    return task
  }

  /** A task takes one message: the one that starts it. One that waits for a decision says who decides, whatever is sent to it. */
  async function followUp({ taskId, contextId }: Message): Promise<string> {
    const task = await find(taskId)
    if (contextId !== '' && contextId !== task.contextId) throw malformed(a2aTexts.otherContext)
    if (isOver(task)) throw refused(UnsupportedOperationError, a2aTexts.over(stateName(task)))
    if (!isSettled(task)) throw refused(UnsupportedOperationError, a2aTexts.working)
    return task.id
  }

  const pushes = createPushMethods(call, { find, demandOwnTenant })

  /** The task's id, or a message that asks back. */
  const start = (request: SendMessageRequest): Promise<string | Message> =>
    within(async (refusal) => {
      demandOwnTenant(request)
      const message = messageOf(request)
      const push = request.configuration?.taskPushNotificationConfig
      if (push !== undefined) pushes.demand(push)
      demandCount('historyLength', request.configuration?.historyLength)
      const started = message.taskId === '' ? await startTask({ ...call, refused: refusal }, request, message) : await followUp(message) // prettier-ignore
      // a repeat of the message replaces the config that it made
      if (typeof started === 'string' && push !== undefined)
        await pushes.save(started, { ...push, id: push.id || started })
      return started
    })

  function demandOwnTenant({ tenant }: { tenant: string }): void {
    if (tenant !== '' && tenant !== caller.tenant) throw malformed(a2aTexts.otherTenant)
  }

  /** Its event is published, and folded at once or, if that fails, from its topic. */
  async function appeared(id: string): Promise<Task> {
    const watcher = gateway.watch.watch(id)
    const signal = AbortSignal.any([gateway.closing, AbortSignal.timeout(APPEAR_MS)])
    try {
      for (;;) {
        const task = await patiently(() => readTask(gateway, caller.tenant, id, language), signal)
        if (task !== null) return task
        if (signal.aborted) throw unavailable(a2aTexts.notYet)
        await watcher.changed(gateway.heartbeatMs, signal)
      }
    } finally {
      watcher.close()
    }
  }

  async function* follow(id: string, isEnd: (task: Task) => boolean, { signal }: Pick<HeldOpen, 'signal'>) {
    const watcher = gateway.watch.watch(id)
    const read = () => patiently(() => readTask(gateway, caller.tenant, id, language), signal)
    try {
      yield* followTask({ read, watcher, signal, everyMs: gateway.heartbeatMs, isEnd })
    } finally {
      watcher.close()
    }
  }

  /** The task once it `isEnd`, or as it is when the signal aborts. */
  async function waitFor(id: string, isEnd: (task: Task) => boolean, held: Pick<HeldOpen, 'signal'>): Promise<Task> {
    for await (const _change of follow(id, isEnd, held));
    return find(id)
  }

  return {
    getAgentCard: async () => cards.open,
    getAuthenticatedExtendedAgentCard: async () => cards.extended,
    async sendMessage(request) {
      const isPatient = request.configuration?.returnImmediately !== true
      const held = isPatient ? call.hold() : null
      const started = await start(request)
      if (typeof started !== 'string') return started
      const task = await appeared(started)
      return held === null || isSettled(task) ? task : waitFor(started, isSettled, held)
    },
    async *sendMessageStream(request) {
      const held = call.hold()
      const started = await start(request)
      if (typeof started !== 'string') return yield { payload: { $case: 'message' as const, value: started } }
      await appeared(started)
      yield* follow(started, isSettled, held)
    },
    async *resubscribe(request) {
      const task = await within(() => {
        demandOwnTenant(request)
        return find(request.id)
      })
      if (isOver(task)) throw refused(UnsupportedOperationError, a2aTexts.notSubscribable)
      yield* follow(task.id, isOver, call.hold())
    },
    getTask: (request) =>
      within(() => {
        demandOwnTenant(request)
        demandCount('historyLength', request.historyLength)
        return find(request.id)
      }),
    listTasks: (request) =>
      within(async () => {
        demandOwnTenant(request)
        demandCount('historyLength', request.historyLength)
        const { pageSize: asked = PAGE, contextId, status, statusTimestampAfter: since } = request
        const artifacts = request.includeArtifacts === true
        if (contextId !== '' && !isId(contextId)) throw malformed(a2aTexts.badContextId)
        if (!Number.isInteger(asked) || asked < 1 || asked > LARGEST_PAGE) throw malformed(a2aTexts.badNumber('pageSize')) // prettier-ignore
        const size = artifacts ? Math.min(asked, LARGEST_WITH_ARTIFACTS) : asked
        if (!(status in TaskState) || status === TaskState.UNRECOGNIZED) throw malformed(a2aTexts.badNumber('status'))
        const filter = {
          ...(contextId === '' ? {} : { contextId }),
          ...(status === TaskState.TASK_STATE_UNSPECIFIED ? {} : { state: bareName(status) }),
          ...(since === undefined ? {} : { since: momentOf(since) }),
        }
        const after = positionOf(request.pageToken)
        const { rows, total, next } = await listTasks(gateway.pool, caller.tenant, filter, { after, size })
        const tasks = await Promise.all(rows.map((row) => taskOf(gateway, caller.tenant, row, { language, artifacts })))
        return {
          tasks: tasks.filter((task) => task !== null),
          ...{ nextPageToken: next === null ? '' : tokenOf(next), pageSize: size, totalSize: total },
        }
      }),
    async cancelTask(request) {
      const task = await within(async (refusal) => {
        demandOwnTenant(request)
        const found = await find(request.id)
        if (found.status?.state === TaskState.TASK_STATE_CANCELED) return found
        if (found.metadata?.['skill'] !== 'diagnose') throw refused(TaskNotCancelableError, a2aTexts.notCancelable)
        await stopSession(gateway, caller, found.id, { trace: call.trace, refused: refusal }).catch(
          (error: unknown) => {
            throw error instanceof ApiError && error.code === 'RESOURCE_CONFLICT' ? refused(TaskNotCancelableError, error.texts) : error // prettier-ignore
          },
        )
        return found
      })
      // takes no place: a caller whose places are all taken could not cancel, or would be refused after the agents were asked to stop
      const signal = AbortSignal.any([gateway.closing, AbortSignal.timeout(STOP_MS)])
      const stopped = await waitFor(task.id, isOver, { signal })
      if (isOver(stopped) && stopped.status?.state !== TaskState.TASK_STATE_CANCELED)
        throw refused(TaskNotCancelableError, a2aTexts.over(stateName(stopped)))
      return stopped
    },
    ...pushes.methods,
  }
}

const malformed = (texts: Texts): ApiError => new ApiError('INVALID_REQUEST', texts)

const bareName = (state: TaskState): string => taskStateToJSON(state).replace('TASK_STATE_', '')
const stateName = ({ status }: Task): string => taskStateToJSON(status?.state ?? TaskState.TASK_STATE_UNSPECIFIED)

function demandCount(name: string, count: number | undefined): void {
  if (count !== undefined && (!Number.isInteger(count) || count < 0)) throw malformed(a2aTexts.badNumber(name))
}

function momentOf(text: string): number {
  const moment = instantOf(text)
  if (Number.isNaN(moment)) throw malformed(a2aTexts.badNumber('statusTimestampAfter'))
  return moment
}

const tokenOf = ({ updatedAt, id }: TaskPosition): string => Buffer.from(`${updatedAt} ${id}`).toString('base64url')

function positionOf(token: string): TaskPosition | null {
  if (token === '') return null
  const [, updatedAt, id] =
    /^(\d{1,15}) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(Buffer.from(token, 'base64url').toString()) ?? []
  if (updatedAt === undefined || id === undefined) throw malformed(a2aTexts.badPage)
  return { updatedAt, id }
}
