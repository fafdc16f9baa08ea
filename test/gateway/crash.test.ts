import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { foldedEvents } from '../../gateway/views/fold.ts'
import { actionHash } from '../../schemas/action-hash.ts'
import { environmentOfKilled } from '../crash/environment.ts'
import type { Told } from './gateway-process.ts'
import { decisionIssuer, inject, startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'
import { approvalRequested, closedLoop, requested, rollback } from './records.ts'

describe.each(['PostgreSQL', 'Kafka'])('over %s', (bus) => {
  let platform: Platform
  beforeAll(async () => {
    platform = await startPlatform({}, { kafka: bus === 'Kafka' })
  })
  afterAll(() => platform.close())

  /** Starts a gateway that kills itself at one place. */
  async function startOneThatDies(dieAt: Told['dieAt']) {
    const { databaseUrl, busOptions, prefix, issuer, keysDir } = platform
    const told: Told = { databaseUrl, bus: busOptions, prefix, issuer: issuer.url, decisionIssuer, keysDir, dieAt }
    const child = spawn(process.execPath, [join(import.meta.dirname, 'gateway-process.ts'), JSON.stringify(told)], {
      env: environmentOfKilled(),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(child, 'exit')
    const [url] = await Promise.race([once(child.stdout, 'data'), ended.then(() => ['it never came up'])])
    return { url: String(url).trim(), ended }
  }

  /** Sends a request to a gateway that kills itself while handling it; resolves when it is gone. */
  async function askOneThatDies(dieAt: Told['dieAt'], who: string, path: string, init: RequestInit & { key: string }) {
    const { url, ended } = await startOneThatDies(dieAt)
    const headers = {
      authorization: `Bearer ${await platform.tokenOf(who)}`,
      'content-type': 'application/json',
      'idempotency-key': init.key,
    }
    await expect(fetch(`${url}${path}`, { ...init, method: 'POST', headers })).rejects.toThrow('fetch failed')
    expect((await ended)[1]).toBe('SIGKILL')
  }

  describe.each(['before publishing', 'after publishing'] as const)('a gateway killed %s', (dieAt) => {
    test('requests one diagnosis when the client repeats its request', async () => {
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
    test('publishes one decision when the person repeats it', async () => {
      const [session, approval, key] = [uuid(), uuid(), uuid()]
      await platform.tell(requested(session), approvalRequested(session, approval))
      const body = { decision: 'approved', reason: 'yes', action_hash: actionHash(rollback) }
      const path = `/api/v1/approvals/${approval}/decision`
      await askOneThatDies(dieAt, 'alice', path, { key, body: JSON.stringify(body) })
      const again = await platform.ask('alice', 'POST', path, { body, headers: { 'idempotency-key': key } })
      expect(again).toMatchObject({ status: 200, body: { status: 'decided' } })
      const decided = (await platform.published('ApprovalDecided')).filter(
        ({ value }) => value.approval_id === approval,
      )
      expect(new Set(decided.map(({ value }) => value.decision_jws)).size).toBe(1)
    })
  })

  /** No other gateway folds meanwhile, so the next one does. */
  test('gateways killed before and after folding leave views that match the topics', async () => {
    const authorization = `Bearer ${await platform.tokenOf('bob')}`
    const sessions: string[] = []
    await platform.app.close()
    for (const dieAt of ['before folding', 'after folding'] as const) {
      const [session, approval] = [uuid(), uuid()]
      sessions.push(session)
      const { ended } = await startOneThatDies(dieAt)
      await platform.bus.publish(await Promise.all(closedLoop(session, approval).map(platform.encoded)))
      expect((await ended)[1]).toBe('SIGKILL')
    }
    const paths = [...sessions.map((session) => `/api/v1/diagnostics/${session}/status`), '/api/v1/diagnostics/history', '/api/v1/approvals'] // prettier-ignore
    const answers = async (app: Platform['app']) =>
      Promise.all(
        paths.map(async (url) => (await inject(app, { method: 'GET', url, headers: { authorization } })).body),
      )
    const rows = async () => {
      const count = `SELECT (SELECT count(*) FROM gateway.session_events) + (SELECT count(DISTINCT approval_id) FROM gateway.decisions) AS n`
      return Number((await platform.pool.query<{ n: string }>(count)).rows[0]?.n)
    }
    // only sessions of this test: those of others are in other partitions and may be folded later
    const told = await Promise.all(foldedEvents.map((event) => platform.published(event)))
    const everything = new Set(told.flat().map(({ event, value }) => event === 'ApprovalDecided' ? value.approval_id : value.event_id)).size // prettier-ignore

    const survivor = await platform.another()
    await expect.poll(rows, { timeout: 60_000, interval: 100 }).toBe(everything)
    const folded = await answers(survivor)
    expect(folded[0]).toMatchObject({ status: 'completed', progress: 100 })
    await survivor.close()
    await platform.pool.query('DROP SCHEMA gateway CASCADE')
    const rebuilt = await platform.another()
    await expect.poll(rows, { timeout: 60_000, interval: 100 }).toBe(everything)
    expect(await answers(rebuilt)).toEqual(folded)
    await rebuilt.close()
  }, 180_000)
})
