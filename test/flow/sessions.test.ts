/** Other sessions than the usual alert: about a deployment, one that cannot be answered, a cancelled one, a quiet hour. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { DiagnosisRequested } from '../../schemas/events.generated.ts'
import { parseInstant } from '../../recording/instant.ts'
import { readIncident } from '../../recording/read.ts'
import { requestAt } from '../assistant/investigating.ts'
import { type AgentsOptions, type Loop, openLoop, RECORDING } from './loop.ts'

describe('a session', () => {
  let loop: Loop
  let agents: Awaited<ReturnType<Loop['startAgents']>>
  beforeAll(async () => {
    loop = await openLoop(async (databaseUrl) => ({
      options: { kind: 'postgres', databaseUrl },
      tearDown: async () => undefined,
    }))
  })
  afterAll(() => loop?.close())
  afterEach(() => agents?.stop())

  const resultOf = (session: string) => loop.first('DiagnosisCompleted', (value) => value.session_id === session)
  const ask = async (request: Partial<DiagnosisRequested>, options: AgentsOptions = {}) => {
    agents = await loop.startAgents(options)
    return loop.ask(request)
  }

  it('about a deployment looks at the time since it began', async () => {
    await loop.deployBad()
    const session = await ask({
      kind: 'deployment',
      deployment_id: 'deployment-01a2091e-7101-73b2-96c6-a02c82c396a5',
      service: null,
    })
    const result = await resultOf(session)
    expect(result).toMatchObject({ status: 'completed', verdict: 'incident' })
    expect(result.root_causes[0]).toMatchObject({ service: 'cart', change_id: expect.any(String) })
    expect(result.recommended_actions).toMatchObject([{ type: 'rollback' }])
    expect(await loop.all('EvidenceRecorded', (value) => value.session_id === session)).toContainEqual(
      expect.objectContaining({ operation: 'deployment', status: 'ok' }),
    )
  })

  it('about an unknown deployment says so, and does not fail', async () => {
    const session = await ask({ kind: 'deployment', deployment_id: 'deployment-nobody-knows' })
    const result = await resultOf(session)
    expect(['completed', 'partial']).toContain(result.status)
    expect(result.missing).toContainEqual({
      en: 'no deployment deployment-nobody-knows found',
      'zh-TW': '查無部署 deployment-nobody-knows',
    })
    const asked = await loop.all('EvidenceRecorded', (value) => value.session_id === session)
    expect(asked).toContainEqual(expect.objectContaining({ operation: 'deployment', status: 'no_data' }))
  })

  it('of an unknown kind ends as failed, with the reason', async () => {
    const result = await resultOf(await ask({ kind: 'horoscope' }))
    expect(result).toMatchObject({ status: 'failed', verdict: null, root_causes: [] })
    expect(result.reason).toContain('horoscope')
    expect(result.summary['zh-TW']).toContain('horoscope')
  })

  it('about a quiet time finds nothing wrong, and proposes nothing', async () => {
    const { window } = await readIncident(RECORDING)
    const start = parseInstant(window.start)
    const session = await ask({ window_start: start, window_end: start + 60_000 })
    const result = await resultOf(session)
    expect(result).toMatchObject({ status: 'completed', recommended_actions: [] })
    expect(result.verdict).not.toBe('incident')
    await loop.concluded(session)
    expect(await loop.all('ApprovalRequested', (value) => value.session_id === session)).toEqual([])
  })

  it('whose analysis takes too long gets one answer that says what to ask instead, and so do those behind it', async () => {
    agents = await loop.startAgents({ analysisMs: 1 })
    const sessions = await Promise.all(Array.from({ length: 4 }, () => loop.ask()))
    for (const session of sessions) {
      const result = await resultOf(session)
      expect(result).toMatchObject({
        status: 'failed',
        reason: 'analysis_timeout: ended after 0.001 s',
        verdict: null,
        root_causes: [],
        recommended_actions: [],
      })
      expect(result.summary['en']).toMatch(/was stopped after 0\.001 s.*ask about a shorter window or fewer services/)
      expect(result.summary['zh-TW']).toMatch(/超過 0\.001 秒.*縮短查詢時段或減少服務/)
      await loop.concluded(session)
      expect(await loop.all('DiagnosisCompleted', (value) => value.session_id === session)).toHaveLength(1)
      expect(await loop.all('ApprovalRequested', (value) => value.session_id === session)).toEqual([])
    }
    const letters = await Array.fromAsync(loop.bus.browse('sre.diagnosis.requested.v1.assistant.dlq'))
    expect(letters.map(({ key }) => key).filter((key) => sessions.includes(key ?? ''))).toEqual([])
  })

  it('queries its sources with the request id and trace of its request', async () => {
    const asked: IncomingHttpHeaders[] = []
    const loki = createServer((request, response) => {
      asked.push(request.headers)
      response.setHeader('content-type', 'application/json')
      response.end('{"data":[]}')
    }).listen(0, '127.0.0.1')
    await once(loki, 'listening')
    agents = await loop.startAgents({ lokiUrl: `http://127.0.0.1:${(loki.address() as AddressInfo).port}` })
    const { window } = await readIncident(RECORDING)
    const ids = { event_id: randomUUID(), session_id: randomUUID() }
    const request = requestAt(parseInstant(window.end), { ...ids, service: 'cart' })
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const headers = { 'x-request-id': 'request-7', traceparent }
    await loop.bus.publish([await loop.bus.encode('DiagnosisRequested', request, headers)])
    await resultOf(ids.session_id)
    expect(asked.length).toBeGreaterThan(0)
    for (const sent of asked) expect(sent).toMatchObject(headers)
    loki.closeAllConnections()
    loki.close()
  })

  it('that is cancelled while a source hangs ends at once', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const lokiUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    const asked = once(silent, 'request')
    const session = await ask({}, { lokiUrl })
    await asked
    const cancel = {
      event_id: randomUUID(),
      session_id: session,
      sequence: 1,
      tenant: 'default',
      occurred_at: Date.now(),
      reason: 'a false alarm',
      requested_by: 'alice',
    }
    await loop.bus.publish([await loop.bus.encode('DiagnosisCancelRequested', cancel)])
    const result = await resultOf(session)
    expect(result).toMatchObject({ status: 'cancelled', verdict: null, recommended_actions: [] })
    expect(result.summary['zh-TW']).toBe('診斷已取消。')
    silent.closeAllConnections()
    silent.close()
  })
})
