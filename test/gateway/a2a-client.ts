/** The SDK's own client, with a token, over one of the two bindings. */
import { randomUUID } from 'node:crypto'
import { Role, type SendMessageRequest, type Task } from '@a2a-js/sdk'
import { type Client, ClientFactory, JsonRpcTransportFactory, RestTransportFactory } from '@a2a-js/sdk/client'

export const BINDINGS = ['JSONRPC', 'HTTP+JSON'] as const
export type Binding = (typeof BINDINGS)[number]

/** A gateway may know itself by this URL, as behind a proxy. */
export const PUBLIC_URL = 'https://sre.example'

export async function a2aClient(url: string, binding: Binding, token: string): Promise<Client> {
  const fetchImpl: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers)
    headers.set('authorization', `Bearer ${token}`)
    return fetch(String(input).replace(PUBLIC_URL, url), { ...init, headers })
  }
  const transports = [binding === 'JSONRPC' ? new JsonRpcTransportFactory({ fetchImpl }) : new RestTransportFactory({ fetchImpl })] // prettier-ignore
  return new ClientFactory({ transports, preferredTransports: [binding] }).createFromUrl(url)
}

interface Sending {
  messageId?: string
  contextId?: string
  taskId?: string
  returnImmediately?: boolean
}

/** A message with one data part, or with text. */
export const message = (content: object | string, given: Sending = {}): SendMessageRequest => ({
  tenant: '',
  message: {
    messageId: given.messageId ?? randomUUID(),
    contextId: given.contextId ?? '',
    taskId: given.taskId ?? '',
    role: Role.ROLE_USER,
    parts: [
      {
        content: typeof content === 'string' ? { $case: 'text', value: content } : { $case: 'data', value: content },
        ...{ metadata: undefined, filename: '', mediaType: '' },
      },
    ],
    ...{ metadata: undefined, extensions: [], referenceTaskIds: [] },
  },
  configuration: {
    ...{ acceptedOutputModes: [], taskPushNotificationConfig: undefined },
    returnImmediately: given.returnImmediately ?? false,
  },
  metadata: undefined,
})

/** Sends it; the answer must be a task. */
export async function send(client: Client, request: SendMessageRequest): Promise<Task> {
  const answer = await client.sendMessage(request)
  if (!('artifacts' in answer)) throw new Error(`not a task: ${JSON.stringify(answer)}`)
  return answer
}

/** What the agent asks back. */
export async function askedBack(
  client: Client,
  request: SendMessageRequest,
): Promise<{ contextId: string; text: unknown }> {
  const answer = await client.sendMessage(request)
  if (!('parts' in answer)) throw new Error(`not a message: ${JSON.stringify(answer)}`)
  return { contextId: answer.contextId, text: answer.parts[0]?.content?.value }
}
