/** Requests that A2A or HTTP has an error for: coded, in the form of the binding, and nothing is published. */
import { once } from 'node:events'
import { TaskState } from '@a2a-js/sdk'
import { describe, expect, it } from 'vitest'
import { serverSentEvents } from '../../gateway/a2a/stream.ts'
import { message, send } from './a2a-client.ts'
import { type A2a, cart, done, errorOf, immediately } from './a2a-setting.ts'
import { completed } from './records.ts'

export const badRequests = (open: () => A2a) =>
  describe('bad requests', () => {
    const good = { messageId: 'm', role: 'ROLE_USER', parts: [{ data: cart }] }
    it.each([
      ['no message', {}, -32602],
      ['an unknown part type', { message: { ...good, parts: [{ video: 'x' }] } }, -32005],
      [
        'text of another media type',
        { message: { ...good, parts: [{ text: 'cart', mediaType: 'text/x-tck' }] } },
        -32005,
      ],
      ['data that is no object', { message: { ...good, parts: [{ data: 1 }] } }, -32602],
      ['a part of no type', { message: { ...good, parts: [null] } }, -32602],
      ['bytes that are a number', { message: { ...good, parts: [{ raw: 1 }] } }, -32602],
      ['no parts', { message: { ...good, parts: [] } }, -32602],
      ['the role of an agent', { message: { ...good, role: 'ROLE_AGENT' } }, -32602],
      ['no message id', { message: { ...good, messageId: '' } }, -32602],
      ['an invisible message id', { message: { ...good, messageId: 'a\u0000' } }, -32602],
      ['a context id of 1 MB', { message: { ...good, contextId: 'x'.repeat(200_000) } }, -32602],
      [
        'deep data',
        `{"message":{"messageId":"m","role":"ROLE_USER","parts":[{"data":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}]}}`,
        -32602,
      ],
      ['a prototype', '{"message":{"__proto__":{}}}', -32700],
    ])('%s', async (_what, params, code) => {
      const before = (await open().requests()).length
      const answer = await (typeof params === 'string'
        ? open().rpc(`{"jsonrpc":"2.0","id":7,"method":"SendMessage","params":${params}}`)
        : open().call('SendMessage', params))
      expect(answer.status).toBe(200)
      expect(await errorOf(answer)).toMatchObject({ code })
      const body = typeof params === 'string' ? params : JSON.stringify(params)
      expect((await open().ask('/a2a/rest/message:send', { method: 'POST', body })).status).toBe(400)
      expect(await open().requests()).toHaveLength(before)
    })

    it('of the protocol have its coded errors', async () => {
      const get = { id: done }
      expect(await errorOf(await open().rpc('{'))).toMatchObject({ code: -32700 })
      const request = { jsonrpc: '2.0', id: 7, method: 'GetTask', params: get }
      for (const wrong of [
        [],
        1,
        { ...request, jsonrpc: '1.0' },
        { ...request, method: 1 },
        { ...request, id: {} },
        { ...request, params: 'x' },
      ])
        // prettier-ignore
        expect(await errorOf(await open().rpc(wrong)), JSON.stringify(wrong)).toMatchObject({ code: -32600 })
      expect(await (await open().rpc({ ...request, id: {}, params: 1 })).json()).toMatchObject({ id: null })
      expect(await errorOf(await open().call('GetTasks', get))).toMatchObject({ code: -32601 })
      expect(await errorOf(await open().call('GetTask', []))).toMatchObject({ code: -32602 })
      const patched = await open().call('GetTask', get, { 'a2a-version': '1.0.3' })
      expect(await patched.json()).toMatchObject({ result: { id: done } })
      for (const version of ['0.3', '2.0', 'x', ''])
        expect(await errorOf(await open().call('GetTask', get, { 'a2a-version': version }))).toMatchObject({
          code: -32009,
        })
      expect(await errorOf(await open().ask(`/a2a/rest/tasks/${done}`, { headers: { 'a2a-version': '0.3' } }))).toMatchObject({ code: 400, details: [{ reason: 'VERSION_NOT_SUPPORTED' }] }) // prettier-ignore
      expect(await errorOf(await open().rpc('x', { 'content-type': 'text/plain' }))).toMatchObject({ code: -32005 })
      expect((await open().ask(`/a2a/rest/tasks/${done}:explode`, { method: 'POST' })).status).toBe(400)
      expect((await open().ask('/a2a/rest/tasks?pageSize=many')).status).toBe(400)
      const rest = await open().ask(`/a2a/rest/tasks/${done}`)
      expect(rest.headers.get('content-type')).toContain('application/a2a+json')
    })

    it('of 10 MB, without a token, without a role and too many at once have the status of HTTP, in the form of the binding', async () => {
      const large = JSON.stringify({ message: { ...good, parts: [{ text: 'x'.repeat(10_000_000) }] } })
      const told = await open().ask('/a2a/rest/message:send', { method: 'POST', body: large })
      expect([told.status, await errorOf(told)]).toMatchObject([413, { code: 413 }])
      expect((await open().rpc(large)).status).toBe(413)
      const bob = { authorization: `Bearer ${await open().platform.tokenOf('bob')}` }
      const refused = await open().call('SendMessage', { message: good }, bob)
      expect([refused.status, await errorOf(refused)]).toMatchObject([403, { code: -32600, message: expect.stringContaining('bob') }]) // prettier-ignore
      expect((await open().call('GetTask', { id: done }, bob)).status).toBe(200)
      expect((await open().call('GetTask', { id: done }, { authorization: 'Bearer x' })).status).toBe(401)
      const app = await open().platform.another({
        limits: { read: 1000, write: 1000, diagnose: 1, batch: 5, streams: 0 } as never,
      })
      const headers = { authorization: `Bearer ${await open().platform.tokenOf('alice')}`, 'a2a-version': '1.0' }
      const sent = async (method: string, configuration = {}, id = done) =>
      app.inject({ method: 'POST', url: '/a2a/jsonrpc', headers, payload: { jsonrpc: '2.0', id: 1, method, params: { id, message: good, configuration } } }) // prettier-ignore
      expect((await sent('SendStreamingMessage')).statusCode).toBe(503)
      expect((await sent('SendMessage', immediately)).statusCode).toBe(429)
      expect((await sent('GetTask')).statusCode).toBe(200)
      // without a free place, too
      const { id } = await send(open().clients.JSONRPC, message(cart, immediately))
      await open().platform.tell(completed(id, { status: 'cancelled' }))
      expect((await sent('CancelTask', {}, id)).json()).toMatchObject({ result: { status: { state: 'TASK_STATE_CANCELED' } } }) // prettier-ignore
      await app.close()
    })

    it('count against the limit also where they are no requests of JSON-RPC', async () => {
      const app = await open().platform.another({
        limits: { read: 1, write: 1000, diagnose: 1000, batch: 5, streams: 5 } as never,
      })
      const headers = { authorization: `Bearer ${await open().platform.tokenOf('alice')}`, 'a2a-version': '1.0' }
      const sent = () => app.inject({ method: 'POST', url: '/a2a/jsonrpc', headers, payload: {} })
      expect((await sent()).json()).toMatchObject({ error: { code: -32600 } })
      expect((await sent()).statusCode).toBe(429)
      await app.close()
    })

    it('a client that leaves before its stream begins leaves nothing behind', async () => {
      let isLetGo = false
      async function* follow() {
        try {
          yield 'first'
          yield 'second'
        } finally {
          isLetGo = true
        }
      }
      const rest = follow()
      const events = serverSentEvents(await rest.next(), rest, { everyMs: 60_000, onError: String })
      events.destroy()
      await once(events, 'close')
      await rest.next()
      expect(isLetGo).toBe(true)
    })

    it('a task whose event could not be folded at once is answered once it is', async () => {
      const { platform, clients } = open()
      const rename = (from: string, to: string) => platform.pool.query(`ALTER FUNCTION gateway.${from} RENAME TO ${to}`)
      await rename('fold_with_decisions', 'fold_away')
      const before = (await open().requests()).length
      const sending = send(clients.JSONRPC, message(cart, immediately))
      await expect.poll(async () => (await open().requests()).length, { timeout: 60_000 }).toBe(before + 1)
      await rename('fold_away', 'fold_with_decisions')
      expect((await sending).status?.state).toBe(TaskState.TASK_STATE_SUBMITTED)
    })

    it('while the bus is away nothing is started or lost', async () => {
      open().platform.takeBusAway(true)
      const request = message(cart, immediately)
      const answer = await open().call('SendMessage', {
        message: { ...good, messageId: 'away' },
        configuration: immediately,
      })
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
      open().platform.takeBusAway(false)
      expect((await send(open().clients.JSONRPC, request)).status?.state).toBe(TaskState.TASK_STATE_SUBMITTED)
      const later = await open().call('SendMessage', {
        message: { ...good, messageId: 'away' },
        configuration: immediately,
      })
      const { result } = (await later.json()) as { result: { task: { id: string } } }
      expect(await open().asked(result.task.id)).toHaveLength(1)
    })
  })
