/** The SDK's client over the bus: with this transport, any A2A client code calls an agent over topics. */
import type { AgentCard } from '@a2a-js/sdk'
import { InvalidAgentResponseError, RequestMalformedError } from '@a2a-js/sdk/errors'
import type { RequestOptions, Transport, TransportFactory } from '@a2a-js/sdk/client'
import { v7 as uuid } from 'uuid'
import type { Bus, Observer } from '../../bus/bus.ts'
import type { A2aResponded } from '../../schemas/events.generated.ts'
import { agentAt, BINDING, HEADERS, type MethodName, methodOf, MOST, type RequestOf, type ResponseOf, VERSION } from './binding.ts' // prettier-ignore
import { type Budget, callOf, firstCall } from './call.ts'
import { createInbox, type Inbox } from './inbox.ts'
import { CallError, refusalOf } from './refusals.ts'

export interface TopicsOptions {
  bus: Pick<Bus, 'encode' | 'publish' | 'subscribe'>
  /** the agent that calls, as in topics.yaml: it may write calls, read answers, and has dead letters */
  caller: string
  tenant: string
  /** a consumer group of this process alone, which reads the answers from now on */
  group: string
  /** ms that a call waits; default 60 s */
  waitMs?: number
  /** calls that the called agent may make on behalf of one of these; default 0 */
  budget?: number
  /** of the call that these calls help to answer; absent: they are made on nobody's behalf */
  behalf?: Budget
  observer?: Observer
}

export interface Topics {
  /** for the `transports` of the SDK's `ClientFactory` */
  factory: TransportFactory
  /** settles when answers can no longer be read: the process should exit and be restarted */
  failed: Promise<Error>
  /** Open calls end with an error. */
  close(): Promise<void>
}

const ANSWERS = 'sre.a2a.responded.v1'
const WAIT_MS = 60_000

/** Subscribes to the answers. A call that outlives this process is read with GetTask or SubscribeToTask by another one. */
export async function openTopics(options: TopicsOptions): Promise<Topics> {
  const inbox = createInbox()
  const closed = new AbortController()
  const consumption = await options.bus.subscribe({
    group: options.group,
    consumer: options.caller,
    topics: [ANSWERS],
    from: 'latest',
    ...(options.observer === undefined ? {} : { observer: options.observer }),
    async handle(records) {
      for (const { event, value } of records)
        if (event === 'A2aResponded' && value.caller === options.caller && value.tenant === options.tenant)
          inbox.take(value)
      return []
    },
  })
  return {
    failed: consumption.failed,
    factory: {
      protocolName: BINDING,
      create: async (url: string, _card: AgentCard) =>
        createTransport(agentAt(url), { ...options, inbox, closed: closed.signal }),
    },
    async close() {
      closed.abort(new CallError('CALL_REFUSED', 'this client was closed'))
      await consumption.stop()
    },
  }
}

interface Calls extends TopicsOptions {
  inbox: Inbox
  closed: AbortSignal
}

function createTransport(agent: string, calls: Calls): Transport {
  /** The one answer of a method that does not stream. */
  async function ask<M extends MethodName>(method: M, request: RequestOf<M>, asked: Asked): Promise<ResponseOf<M>> {
    for await (const response of call(agent, method, request, asked, calls)) return response
    throw new InvalidAgentResponseError('the answer has no part')
  }
  const about = (taskId: string, options?: RequestOptions): Asked => ({ taskId, options })
  return {
    protocolName: BINDING,
    protocolVersion: VERSION,
    getExtendedAgentCard: (request, options) => ask('GetExtendedAgentCard', request, { options }),
    async sendMessage(request, options) {
      const { payload } = await ask('SendMessage', request, startedBy(request, options))
      if (payload === undefined) throw new InvalidAgentResponseError('the answer has neither a task nor a message')
      return payload.value
    },
    sendMessageStream: (request, options) => call(agent, 'SendStreamingMessage', request, startedBy(request, options), calls), // prettier-ignore
    resubscribeTask: (request, options) => call(agent, 'SubscribeToTask', request, about(request.id, options), calls),
    getTask: (request, options) => ask('GetTask', request, about(request.id, options)),
    cancelTask: (request, options) => ask('CancelTask', request, about(request.id, options)),
    listTasks: (request, options) => ask('ListTasks', request, { options }),
    createTaskPushNotificationConfig: (request, options) => ask('CreateTaskPushNotificationConfig', request, about(request.taskId, options)), // prettier-ignore
    getTaskPushNotificationConfig: (request, options) => ask('GetTaskPushNotificationConfig', request, about(request.taskId, options)), // prettier-ignore
    listTaskPushNotificationConfig: (request, options) => ask('ListTaskPushNotificationConfigs', request, about(request.taskId, options)), // prettier-ignore
    deleteTaskPushNotificationConfig: (request, options) => ask('DeleteTaskPushNotificationConfig', request, about(request.taskId, options)), // prettier-ignore
  }
}

interface Asked {
  taskId?: string
  options: RequestOptions | undefined
}

const startedBy = ({ message }: RequestOf<'SendMessage'>, options: RequestOptions | undefined): Asked =>
  message === undefined || message.taskId === '' ? { options } : { taskId: message.taskId, options }

/** Publishes a call and reads its answer. The inbox is open before the call is published. */
async function* call<M extends MethodName>(
  agent: string,
  method: M,
  request: RequestOf<M>,
  { taskId, options }: Asked,
  calls: Calls,
): AsyncGenerator<ResponseOf<M>, void, undefined> {
  const { bus, caller, tenant, budget, behalf, waitMs = WAIT_MS, inbox, closed } = calls
  const now = Date.now()
  const allowed = behalf === undefined ? firstCall(now + Math.min(waitMs, MOST.waitMs), budget) : behalf.spend(budget)
  if (allowed === null)
    throw new CallError('CALL_REFUSED', 'the call on whose behalf this one would be made allows no more')
  const callId = uuid()
  const value = callOf({
    ...{ ...allowed, method, request, callId, agent, caller, sessionId: null },
    ...(taskId === undefined || taskId === '' ? {} : { taskId }),
  })
  if (Buffer.byteLength(value.body) > MOST.request)
    throw new RequestMalformedError(`the request has more than ${MOST.request} bytes`)
  const late = AbortSignal.timeout(Math.max(0, allowed.deadline - now))
  const signal = AbortSignal.any([closed, late, ...(options?.signal === undefined ? [] : [options.signal])])
  const answers = inbox.open(callId)
  const stamped = { event_id: uuid(), sequence: 0, tenant, occurred_at: now, ...value }
  try {
    const record = await bus.encode('A2aRequested', stamped, parametersOf(options))
    signal.throwIfAborted()
    await bus.publish([record])
    for await (const answer of answers.parts(signal)) yield responseOf(method, answer)
  } catch (error) {
    throw late.aborted && error === late.reason ? new CallError('DEADLINE_EXCEEDED', `${agent} did not answer in time`) : error // prettier-ignore
  } finally {
    answers.close()
  }
}

/** The two service parameters that A2A defines; what else is set for HTTP, such as credentials, stays here. */
function parametersOf(options: RequestOptions | undefined): Record<string, string> {
  const known: readonly string[] = Object.values(HEADERS)
  const given = Object.entries(options?.serviceParameters ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const) // prettier-ignore
  return { [HEADERS.version]: VERSION, ...Object.fromEntries(given.filter(([name]) => known.includes(name))) }
}

function responseOf<M extends MethodName>(method: M, { body, error_code, error }: A2aResponded): ResponseOf<M> {
  if (error_code !== null) throw refusalOf(error_code, error ?? '')
  try {
    return methodOf(method).response.fromJSON(body === null ? null : JSON.parse(body))
  } catch (cause) {
    throw new InvalidAgentResponseError({ message: 'the answer cannot be read', cause })
  }
}
