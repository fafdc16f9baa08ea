/** A gateway with two clients of the A2A SDK, one of each binding, and requests written by hand. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { Client } from '@a2a-js/sdk/client'
import { v7 as uuid } from 'uuid'
import { fold } from '../../gateway/views/fold.ts'
import { a2aClient, type Binding, PUBLIC_URL } from './a2a-client.ts'
import { startPlatform } from './platform.ts'
import { completed, requested } from './records.ts'

/** a diagnosis of this */
export const cart = { affected_services: ['cart'] }
/** a session that is over, and one of another tenant */
export const [done, foreign] = [uuid(), uuid()]
export const immediately = { returnImmediately: true }

export async function openA2a() {
  const platform = await startPlatform()
  const url = await platform.app.listen({ host: '127.0.0.1', port: 0 })
  const told: Told[] = []
  const receiver = createServer((request, response) => void receive(request, response, told)).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const receiverUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
  // a second replica, with a URL that clients know, and push notifications
  const replica = await platform.another({ publicUrl: `${PUBLIC_URL}/`, pushOrigins: [receiverUrl] })
  const replicaUrl = await replica.listen({ host: '127.0.0.1', port: 0 })
  const known = [
    requested(done, { incident_ids: ['INC-1'], service: 'checkout' }),
    completed(done),
    requested(foreign, { tenant: 'other', incident_ids: ['INC-other'] }),
  ]
  await fold(known, { pool: platform.pool, readDecision: async () => null })
  const clientAt = async (base: string, binding: Binding, who = 'alice'): Promise<Client> => a2aClient(base, binding, await platform.tokenOf(who)) // prettier-ignore
  const clients = {
    JSONRPC: await clientAt(url, 'JSONRPC'),
    'HTTP+JSON': await clientAt(url, 'HTTP+JSON'),
  } satisfies Record<Binding, Client>
  const requests = async () => (await platform.published('DiagnosisRequested')).map(({ value }) => value)
  const ask = async (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) =>
    fetch(url + path, {
      ...init,
      headers: {
        authorization: `Bearer ${await platform.tokenOf('alice')}`,
        'a2a-version': '1.0',
        ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...init.headers,
      },
    })
  const rpc = (body: unknown, headers: Record<string, string> = {}) =>
    ask('/a2a/jsonrpc', { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) })
  return {
    ...{ told, receiverUrl },
    ...{ platform, url, replicaUrl, clients, clientAt, requests, ask, rpc },
    /** requests of one session */
    asked: async (id: string) => (await requests()).filter(({ session_id }) => session_id === id),
    call: (method: string, params: unknown, headers?: Record<string, string>) =>
      rpc({ jsonrpc: '2.0', id: 7, method, params }, headers),
    async close() {
      await replica.close()
      receiver.close()
      await platform.close()
    },
  }
}

/** What a client was told by push notifications. */
export interface Told {
  path: string
  token: unknown
  authorization: unknown
  body: { statusUpdate: { taskId: string; status: { state: string } } }
}

/** `/flaky` fails once, `/moved` points elsewhere. */
async function receive(request: IncomingMessage, response: ServerResponse, told: Told[]): Promise<void> {
  const body = (await json(request)) as Told['body']
  const { url: path = '', headers } = request
  told.push({ path, token: headers['x-a2a-notification-token'], authorization: headers.authorization, body })
  const fails = path === '/flaky' && told.filter((one) => one.path === path).length === 1
  response.writeHead(path === '/moved' ? 302 : fails ? 500 : 200, path === '/moved' ? { location: '/elsewhere' } : {})
  response.end()
}

export type A2a = Awaited<ReturnType<typeof openA2a>>

export const errorOf = async (answer: Response) =>
  ((await answer.json()) as { error: { code: number; message: string } }).error
