/** A2A over topics: names, methods and limits of the binding, which docs/reference/a2a-over-topics.md describes. Agents know only this of each other. */
import {
  A2A_PROTOCOL_VERSION,
  A2A_VERSION_HEADER,
  AgentCard,
  type AgentInterface,
  CancelTaskRequest,
  DeleteTaskPushNotificationConfigRequest,
  GetExtendedAgentCardRequest,
  GetTaskPushNotificationConfigRequest,
  GetTaskRequest,
  HTTP_EXTENSION_HEADER,
  ListTaskPushNotificationConfigsRequest,
  ListTaskPushNotificationConfigsResponse,
  ListTasksRequest,
  ListTasksResponse,
  SendMessageRequest,
  SendMessageResponse,
  StreamResponse,
  SubscribeToTaskRequest,
  Task,
  TaskPushNotificationConfig,
} from '@a2a-js/sdk'

/** Identifies the binding in agent cards; a change that old clients cannot read gets another. */
export const BINDING = 'urn:sre-platform:a2a:topics:v1'
export const VERSION = A2A_PROTOCOL_VERSION

/** Service parameters travel as headers of the record. No other is sent: a token has no place on a topic. */
export const HEADERS = {
  version: A2A_VERSION_HEADER.toLowerCase(),
  extensions: HTTP_EXTENSION_HEADER.toLowerCase(),
} as const

export const MOST = {
  /** bytes of a request's body */
  request: 262_144,
  /** bytes of a response's body; a record has 1 MiB with everything around it */
  response: 900_000,
  /** calls in a row that led to one another, the first counted */
  depth: 4,
  /** ms that a call may wait */
  waitMs: 3_600_000,
} as const

interface Coded<T> {
  fromJSON(value: unknown): T
  toJSON(value: T): unknown
}

interface Method<Q, A> {
  request: Coded<Q>
  response: Coded<A>
  streams: boolean
}

const method = <Q, A>(request: Coded<Q>, response: Coded<A>, streams = false): Method<Q, A> => ({ request, response, streams }) // prettier-ignore

/** The answer has no content. */
const nothing: Coded<void> = { fromJSON: () => undefined, toJSON: () => null }

/** Bodies are the messages of A2A's protocol buffers, as ProtoJSON, as in the HTTP+JSON binding. */
export const METHODS = {
  SendMessage: method(SendMessageRequest, SendMessageResponse),
  SendStreamingMessage: method(SendMessageRequest, StreamResponse, true),
  GetTask: method(GetTaskRequest, Task),
  ListTasks: method(ListTasksRequest, ListTasksResponse),
  CancelTask: method(CancelTaskRequest, Task),
  SubscribeToTask: method(SubscribeToTaskRequest, StreamResponse, true),
  GetExtendedAgentCard: method(GetExtendedAgentCardRequest, AgentCard),
  CreateTaskPushNotificationConfig: method(TaskPushNotificationConfig, TaskPushNotificationConfig),
  GetTaskPushNotificationConfig: method(GetTaskPushNotificationConfigRequest, TaskPushNotificationConfig),
  ListTaskPushNotificationConfigs: method(ListTaskPushNotificationConfigsRequest, ListTaskPushNotificationConfigsResponse), // prettier-ignore
  DeleteTaskPushNotificationConfig: method(DeleteTaskPushNotificationConfigRequest, nothing),
}

export type MethodName = keyof typeof METHODS
export type RequestOf<M extends MethodName> = ReturnType<(typeof METHODS)[M]['request']['fromJSON']>
export type ResponseOf<M extends MethodName> = ReturnType<(typeof METHODS)[M]['response']['fromJSON']>

/** `METHODS[name]`, typed for a method that is not known until it is called. */
export const methodOf = <M extends MethodName>(name: M): Method<RequestOf<M>, ResponseOf<M>> => METHODS[name] as unknown as Method<RequestOf<M>, ResponseOf<M>> // prettier-ignore

export const isMethod = (name: string): name is MethodName => Object.hasOwn(METHODS, name)

const SCHEME = 'topic:'

/** How an agent card names an agent that is called over a topic. */
export const interfaceOf = (agent: string, topic: string): AgentInterface => ({
  url: `${SCHEME}${topic}?agent=${encodeURIComponent(agent)}`,
  protocolBinding: BINDING,
  protocolVersion: VERSION,
  tenant: '',
})

/** The agent that an interface's URL names. Throws if it names none. */
export function agentAt(url: string): string {
  const read = URL.parse(url)
  const agent = read?.protocol === SCHEME ? read.searchParams.get('agent') : null
  if (agent === null || agent === '') throw new Error(`no agent in the URL ${url}: it has the form topic:<topic>?agent=<agent>`) // prettier-ignore
  return agent
}
