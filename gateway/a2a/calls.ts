/** The methods of A2A, what each needs, and how the HTTP+JSON binding writes them. Both bindings go through the SDK's JSON-RPC handler. */
import {
  CancelTaskRequest,
  DeleteTaskPushNotificationConfigRequest,
  GetExtendedAgentCardRequest,
  GetTaskPushNotificationConfigRequest,
  GetTaskRequest,
  ListTaskPushNotificationConfigsRequest,
  ListTasksRequest,
  SendMessageRequest,
  SubscribeToTaskRequest,
  TaskPushNotificationConfig,
} from '@a2a-js/sdk'
import type { Limited } from '../document.ts'

interface Method {
  scopes: readonly string[]
  rateClass: Limited
  /** throws when the parameters do not have the form of the request */
  read(params: unknown): unknown
}

const READ = { scopes: ['sre-platform:read'], rateClass: 'read' } as const
const CHANGE = { scopes: ['sre-platform:diagnose'], rateClass: 'write' } as const
const START = { scopes: ['sre-platform:diagnose'], rateClass: 'diagnose' } as const

export const METHODS: Readonly<Record<string, Method>> = {
  SendMessage: { ...START, read: SendMessageRequest.fromJSON },
  SendStreamingMessage: { ...START, read: SendMessageRequest.fromJSON },
  GetTask: { ...READ, read: GetTaskRequest.fromJSON },
  ListTasks: { ...READ, read: ListTasksRequest.fromJSON },
  CancelTask: { ...CHANGE, read: CancelTaskRequest.fromJSON },
  SubscribeToTask: { ...READ, read: SubscribeToTaskRequest.fromJSON },
  GetExtendedAgentCard: { ...READ, read: GetExtendedAgentCardRequest.fromJSON },
  CreateTaskPushNotificationConfig: { ...CHANGE, read: TaskPushNotificationConfig.fromJSON },
  GetTaskPushNotificationConfig: { ...READ, read: GetTaskPushNotificationConfigRequest.fromJSON },
  ListTaskPushNotificationConfigs: { ...READ, read: ListTaskPushNotificationConfigsRequest.fromJSON },
  DeleteTaskPushNotificationConfig: { ...CHANGE, read: DeleteTaskPushNotificationConfigRequest.fromJSON },
}

export interface RestRoute {
  method: 'GET' | 'POST' | 'DELETE'
  /** below the binding's URL; `:task` may end with a verb: `{id}:cancel` */
  path: string
  /** of a path that ends with `:task`: the method by verb; '' is no verb */
  call: string | Readonly<Record<string, string>>
}

const CONFIGS = '/tasks/:taskId/pushNotificationConfigs'
export const REST_ROUTES: readonly RestRoute[] = [
  { method: 'POST', path: '/message::send', call: 'SendMessage' },
  { method: 'POST', path: '/message::stream', call: 'SendStreamingMessage' },
  { method: 'GET', path: '/tasks', call: 'ListTasks' },
  { method: 'GET', path: '/tasks/:task', call: { '': 'GetTask', subscribe: 'SubscribeToTask' } },
  { method: 'POST', path: '/tasks/:task', call: { cancel: 'CancelTask', subscribe: 'SubscribeToTask' } },
  { method: 'GET', path: '/extendedAgentCard', call: 'GetExtendedAgentCard' },
  { method: 'POST', path: CONFIGS, call: 'CreateTaskPushNotificationConfig' },
  { method: 'GET', path: CONFIGS, call: 'ListTaskPushNotificationConfigs' },
  { method: 'GET', path: `${CONFIGS}/:id`, call: 'GetTaskPushNotificationConfig' },
  { method: 'DELETE', path: `${CONFIGS}/:id`, call: 'DeleteTaskPushNotificationConfig' },
]

interface RestRequest {
  params: Record<string, string>
  query: Record<string, unknown>
  body: unknown
}

const NUMBERS = ['pageSize', 'historyLength']

/** The method and parameters of a REST request; null: there is no such verb. */
export function rpcOf(
  { call }: RestRoute,
  { params, query, body }: RestRequest,
): { method: string; params: object } | null {
  const { task, ...named } = params
  const given = isObject(body) ? body : {}
  const asked = Object.fromEntries(Object.entries(query).map(([name, value]) => [name, valueOf(name, value)]))
  if (typeof call === 'string') return { method: call, params: { ...asked, ...given, ...named } }
  const [, id = task, verb = ''] = /^(.*):([a-z]+)$/.exec(task ?? '') ?? []
  const method = Object.hasOwn(call, verb) ? call[verb] : undefined
  return method === undefined ? null : { method, params: { ...asked, ...given, id } }
}

/** A query has only text. */
function valueOf(name: string, value: unknown): unknown {
  if (value === '') return undefined
  if (NUMBERS.includes(name)) return /^-?\d{1,9}$/.test(String(value)) ? Number(value) : Number.NaN
  return name === 'includeArtifacts' ? value === 'true' : value
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** As JSON-RPC 2.0 has it. A request without an id is answered too, with null. */
export const isRpcRequest = (body: unknown): body is Record<string, unknown> =>
  isObject(body) &&
  body['jsonrpc'] === '2.0' &&
  typeof body['method'] === 'string' &&
  ['string', 'number', 'undefined'].includes(typeof (body['id'] ?? undefined)) &&
  ['object', 'undefined'].includes(typeof body['params'])
