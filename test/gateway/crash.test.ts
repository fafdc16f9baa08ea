import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { actionHash } from '../../schemas/action-hash.ts'
import type { Told } from './gateway-process.ts'
import { decisionIssuer, startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'
import { approvalRequested, requested, rollback } from './records.ts'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform.close())

/** Sends one request to a gateway that is killed while it answers; settles when it is gone. */
async function askOneThatDies(dieAt: Told['dieAt'], who: string, path: string, init: RequestInit & { key: string }) {
  const { databaseUrl, issuer, keysDir } = platform
  const told: Told = { databaseUrl, issuer: issuer.url, decisionIssuer, keysDir, dieAt }
  const child = spawn(process.execPath, [join(import.meta.dirname, 'gateway-process.ts'), JSON.stringify(told)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const [url] = await Promise.race([once(child.stdout, 'data'), ended.then(() => ['it never came up'])])
  const headers = {
    authorization: `Bearer ${await platform.tokenOf(who)}`,
    'content-type': 'application/json',
    'idempotency-key': init.key,
  }
  await expect(fetch(`${String(url).trim()}${path}`, { ...init, method: 'POST', headers })).rejects.toThrow(
    'fetch failed',
  )
  expect((await ended)[1]).toBe('SIGKILL')
}

describe.each<Told['dieAt']>(['before publishing', 'after publishing'])('a gateway killed %s', (dieAt) => {
  test('has asked for one diagnosis when the client repeats its request', async () => {
    const service = `killed-${dieAt.split(' ')[0]}`
    const body = { affected_services: [service] }
    const key = uuid()
    const path = '/api/v1/diagnostics/alerts'
    await askOneThatDies(dieAt, 'control-plane', path, { key, body: JSON.stringify(body) })
    const again = await platform.ask('control-plane', 'POST', path, { body, headers: { 'idempotency-key': key } })
    expect(again.status).toBe(202)
    const asked = (await platform.published('DiagnosisRequested')).filter(({ value }) => value.service === service)
    expect(new Set(asked.map(({ value }) => value.event_id)).size).toBe(1)
    expect(asked[0]?.value.session_id).toBe(again.body.session_id)
    const status = await platform.ask('bob', 'GET', `/api/v1/diagnostics/${again.body.session_id}/status`)
    expect(status.status).toBe(200)
  })
  test('has decided once when the person repeats the decision', async () => {
    const [session, approval, key] = [uuid(), uuid(), uuid()]
    await platform.tell(requested(session), approvalRequested(session, approval))
    const body = { decision: 'approved', reason: 'yes', action_hash: actionHash(rollback) }
    const path = `/api/v1/approvals/${approval}/decision`
    await askOneThatDies(dieAt, 'alice', path, { key, body: JSON.stringify(body) })
    const again = await platform.ask('alice', 'POST', path, { body, headers: { 'idempotency-key': key } })
    expect(again).toMatchObject({ status: 200, body: { status: 'decided' } })
    const decided = (await platform.published('ApprovalDecided')).filter(({ value }) => value.approval_id === approval)
    expect(new Set(decided.map(({ value }) => value.decision_jws)).size).toBe(1)
  })
})
