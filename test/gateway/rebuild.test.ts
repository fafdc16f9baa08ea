import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { actionHash } from '../../schemas/action-hash.ts'
import { deadLetterTopicName } from '../../schemas/contract.ts'
import { approvalRequested, closedLoop, completed, progressed, requested, rollback } from './records.ts'
import { inject, startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'

describe.each(['PostgreSQL', 'Kafka'])('over %s', (bus) => {
  let platform: Platform
  beforeAll(async () => {
    platform = await startPlatform({}, { kafka: bus === 'Kafka' })
  })
  afterAll(() => platform.close())

  test('dropped views are rebuilt from the topics, with the same content', async () => {
    const [whole, partial, waiting] = [uuid(), uuid(), uuid()]
    const [closed, open] = [uuid(), uuid()]
    await platform.tell(...closedLoop(whole, closed))
    await platform.tell(requested(partial), progressed(partial, 70), completed(partial, { status: 'partial' }))
    await platform.tell(completed(partial, { status: 'partial', revision: 2, reason: 'again' }))
    await platform.tell(requested(waiting), completed(waiting), approvalRequested(waiting, open))
    const decision = { decision: 'approved', reason: 'yes', action_hash: actionHash(rollback) }
    const decided = await platform.ask('alice', 'POST', `/api/v1/approvals/${open}/decision`, { body: decision })
    expect(decided.status).toBe(200)
    const own = await platform.ask('control-plane', 'POST', '/api/v1/diagnostics/alerts', {
      body: { alert_ids: ['a'] },
    })

    const authorization = `Bearer ${await platform.tokenOf('bob')}`
    const paths = [
      ...[whole, partial, waiting, own.body.session_id].map((id) => `/api/v1/diagnostics/${id}/status`),
      ...[closed, open].map((id) => `/api/v1/approvals/${id}`),
      '/api/v1/diagnostics/history',
      '/api/v1/approvals',
    ]
    const answers = (app = platform.app) =>
      Promise.all(
        paths.map(async (url) => (await inject(app, { method: 'GET', url, headers: { authorization } })).body),
      )
    const before = await answers()

    await platform.app.close()
    await platform.pool.query('DROP SCHEMA gateway CASCADE')
    const rebuilt = await platform.another()
    await expect.poll(() => answers(rebuilt), { timeout: 60_000, interval: 100 }).toEqual(before)
    await rebuilt.close()
  })

  test('a record the views cannot process becomes a dead letter, and its partition continues', async () => {
    const odd = requested('not-a-uuid')
    await platform.bus.publish([await platform.bus.encode(odd.event, odd.value)])
    const gateway = await platform.another()
    const next = Array.from({ length: 12 }, () => uuid())
    await platform.tell(...next.map((id) => requested(id)))
    const topic = platform.options.contract.topicOf('DiagnosisRequested').name
    const codesOfDeadLetters = async () => {
      const codes: string[] = []
      for await (const { headers } of platform.bus.browse(deadLetterTopicName(topic, 'gateway')))
        codes.push(Object.values(headers).find((value) => value === 'cannot_be_folded') ?? '')
      return codes
    }
    await expect.poll(codesOfDeadLetters, { timeout: 60_000 }).toEqual(['cannot_be_folded'])
    await gateway.close()
  })
})
