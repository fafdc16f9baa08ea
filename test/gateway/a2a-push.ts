/** Push notifications go to the configured origins only, once per status, and survive a receiver that fails. */
import { describe, expect, it } from 'vitest'
import { message, send } from './a2a-client.ts'
import { type A2a, cart, errorOf, foreign, immediately } from './a2a-setting.ts'
import { completed, progressed } from './records.ts'

export const pushes = (open: () => A2a) =>
  describe('push notifications', () => {
    const config = (url: string, given: object = {}) => ({
      ...{ tenant: '', id: 'mine', taskId: '', url, token: '', authentication: undefined },
      ...given,
    })

    it('tell each status to an allowed origin, again after a failure, and show no secrets', async () => {
      const { clientAt, replicaUrl, receiverUrl, platform, told } = open()
      for (const binding of ['JSONRPC', 'HTTP+JSON'] as const) {
        const client = await clientAt(replicaUrl, binding)
        expect((await client.getAgentCard()).capabilities?.pushNotifications).toBe(true)
        const request = message(cart, immediately)
        const authentication = { scheme: 'Bearer', credentials: 'secret' }
        request.configuration!.taskPushNotificationConfig = config(`${receiverUrl}/flaky`, { token: 'tok', authentication }) // prettier-ignore
        const { id } = await send(client, request)
        const states = () => told.filter(({ body }) => body.statusUpdate.taskId === id).map(({ body }) => body.statusUpdate.status.state) // prettier-ignore
        await expect.poll(states, { timeout: 60_000 }).toContain('TASK_STATE_SUBMITTED')
        expect(told.at(-1)).toMatchObject({ path: '/flaky', token: 'tok', authorization: 'Bearer secret' })
        const about = { tenant: '', taskId: id }
        const { configs } = await client.listTaskPushNotificationConfig({ ...about, pageSize: 0, pageToken: '' })
        expect(configs).toEqual([config(`${receiverUrl}/flaky`, { taskId: id, authentication: { scheme: 'Bearer', credentials: '' } })]) // prettier-ignore
        const second = await client.createTaskPushNotificationConfig(config(`${receiverUrl}/second`, { taskId: id, id: 'second' })) // prettier-ignore
        expect(await client.getTaskPushNotificationConfig({ ...about, id: 'second' })).toEqual(second)
        await client.deleteTaskPushNotificationConfig({ ...about, id: 'second' })
        // a config outlives views that are rebuilt
        const away = await platform.pool.query('DELETE FROM gateway.sessions WHERE session_id = $1 RETURNING *', [id])
        await platform.pool.query('UPDATE gateway_requests.a2a_push SET due_at = clock_timestamp() WHERE task_id = $1', [id]) // prettier-ignore
        const looked = async () =>
          (await platform.pool.query("SELECT FROM gateway_requests.a2a_push WHERE task_id = $1 AND due_at > clock_timestamp() + interval '2 s'", [id])).rowCount // prettier-ignore
        await expect.poll(looked, { timeout: 60_000 }).toBe(1)
        await platform.pool.query('INSERT INTO gateway.sessions SELECT * FROM json_populate_recordset(NULL::gateway.sessions, $1)', [JSON.stringify(away.rows)]) // prettier-ignore
        await platform.tell(progressed(id, 10))
        await expect.poll(states, { timeout: 60_000 }).toContain('TASK_STATE_WORKING')
        await platform.tell(completed(id))
        await expect.poll(states, { timeout: 60_000 }).toContain('TASK_STATE_COMPLETED')
        const left = async () => (await client.listTaskPushNotificationConfig({ ...about, pageSize: 0, pageToken: '' })).configs // prettier-ignore
        await expect.poll(left, { timeout: 60_000 }).toEqual([])
      }
    }, 120_000)

    it('are refused for any other origin, and follow no redirect', async () => {
      const { clientAt, replicaUrl, receiverUrl, platform, told } = open()
      const client = await clientAt(replicaUrl, 'JSONRPC')
      const request = message(cart, immediately)
      request.configuration!.taskPushNotificationConfig = config(receiverUrl, { id: '' })
      const { id } = await send(client, request)
      // a repeat of the message makes no second config
      await send(client, request)
      const about = { tenant: '', taskId: id, pageSize: 0, pageToken: '' }
      expect((await client.listTaskPushNotificationConfig(about)).configs).toHaveLength(1)
      await client.deleteTaskPushNotificationConfig({ tenant: '', taskId: id, id })
      const call = async (params: object) => {
        const authorization = `Bearer ${await platform.tokenOf('alice')}`
        const headers = { authorization, 'a2a-version': '1.0', 'content-type': 'application/json' }
        const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'CreateTaskPushNotificationConfig', params })
        return errorOf(await fetch(`${replicaUrl}/a2a/jsonrpc`, { method: 'POST', headers, body }))
      }
      const other = new URL(receiverUrl)
      for (const url of ['http://169.254.169.254/', 'file:///etc/passwd', 'x', `http://user:pw@${other.host}/`, `https://${other.host}/`, `${receiverUrl}.evil/`, `${receiverUrl}/\u0000`, ` ${receiverUrl}/`, `http://localhost:${other.port}/`]) // prettier-ignore
        expect(await call(config(url, { taskId: id })), url).toMatchObject({ code: -32602, message: expect.stringContaining('origin') }) // prettier-ignore
      expect(await call(config(receiverUrl, { taskId: id, token: 'a\r\nb: c' }))).toMatchObject({ code: -32602 })
      expect(await call(config(receiverUrl, { taskId: foreign }))).toMatchObject({ code: -32001 })
      const nobody = { tenant: '', taskId: id, id: '\u0000' }
      await expect(client.getTaskPushNotificationConfig(nobody)).rejects.toThrow('\\u0000')
      await client.deleteTaskPushNotificationConfig(nobody)
      await client.createTaskPushNotificationConfig(config(`${receiverUrl}/moved`, { taskId: id }))
      await expect.poll(() => told.map(({ path }) => path), { timeout: 60_000 }).toContain('/moved')
      const failed = async () =>
        (await platform.pool.query('SELECT failures FROM gateway_requests.a2a_push WHERE task_id = $1', [id])).rows[0]?.failures as number // prettier-ignore
      await expect.poll(failed, { timeout: 60_000 }).toBeGreaterThan(0)
      expect(told.map(({ path }) => path)).not.toContain('/elsewhere')
    }, 120_000)
  })
