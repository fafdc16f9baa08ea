/** `SendMessage` at a gateway over HTTP until the task's first status is there, beside the same question to the platform's own API. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import pino from 'pino'
import { startIssuer } from '../../embedded/issuer.ts'
import { serveGateway } from '../../gateway/serve.ts'
import { openSigningKeys } from '../../schemas/signing-keys.ts'
import { singleTenant } from '../../tenants/tenants.ts'
import { tokenFrom } from '../fuzz/http/tokens.ts'
import { openSetting } from './setting.ts'

export interface FirstStatus {
  /** ms, ascending */
  sent: number[]
  /** ms of `POST /api/v1/diagnostics/alerts` and the status after it, ascending */
  asked: number[]
}

const WARM_UP = 20
const unlimited = { read: 1e6, write: 1e6, diagnose: 1e6 }

export async function measureFirstStatus(count: number): Promise<FirstStatus> {
  const { bus, contract, databaseUrl, dataDir, close } = await openSetting(null)
  const issuer = await startIssuer({ dataDir })
  const gateway = await serveGateway({
    ...{ databaseUrl, bus, contract, limits: unlimited, host: '127.0.0.1', port: 0, tenants: singleTenant },
    log: pino({ level: 'error' }, pino.destination(2)),
    identity: { issuer: issuer.url },
    decisions: { issuer: 'sre-gateway', keys: await openSigningKeys({ dir: join(dataDir, 'keys') }) },
  })
  const authorization = `Bearer ${await tokenFrom(issuer, 'alice')}`
  const headers = { authorization, 'content-type': 'application/json', 'a2a-version': '1.0' }
  const read = async (path: string, body?: object): Promise<unknown> => {
    const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) }
    const answer = await fetch(gateway.url + path, init)
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
    return answer.json()
  }
  const question = { affected_services: ['cart'] }
  const send = async () => {
    const message = { messageId: randomUUID(), role: 'ROLE_USER', parts: [{ data: question }] }
    const params = { message, configuration: { returnImmediately: true } }
    const { result } = (await read('/a2a/jsonrpc', { jsonrpc: '2.0', id: 1, method: 'SendMessage', params })) as { result?: { task?: { status?: object } } } // prettier-ignore
    if (result?.task?.status === undefined) throw new Error('the task has no status')
  }
  const ask = async () => {
    const { session_id } = (await read('/api/v1/diagnostics/alerts', question)) as { session_id: string }
    await read(`/api/v1/diagnostics/${session_id}/status`)
  }
  const measured: FirstStatus = { sent: [], asked: [] }
  // in turn, so that both meet the same machine
  for (let index = 0; index < count + WARM_UP; index++) {
    const times = [await msOf(send), await msOf(ask)] as const
    if (index < WARM_UP) continue
    measured.sent.push(times[0])
    measured.asked.push(times[1])
  }
  await gateway.close()
  await issuer.close()
  await close()
  return { sent: measured.sent.sort((a, b) => a - b), asked: measured.asked.sort((a, b) => a - b) }
}

async function msOf(work: () => Promise<void>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}
