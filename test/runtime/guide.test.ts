import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { prepareRuntime, type Runtime, startRuntime } from '../../agents/runtime/runtime.ts'
import type { Bus } from '../../bus/bus.ts'
import { createBus, preparePostgresBus } from '../../bus/create.ts'
import type { DiagnosisCompleted } from '../../schemas/events.generated.ts'
import { createDatabase, type Database } from '../servers/postgres.ts'
import { collect } from './collect.ts'
import { contract, until } from './counting.ts'
import { createReviewer } from './guide-agent.ts'

describe('the agent of the guide', () => {
  let database: Database
  let bus: Bus
  let runtime: Runtime
  const asked: string[] = []
  beforeAll(async () => {
    database = await createDatabase('guide')
    await preparePostgresBus(database.url, contract)
    await prepareRuntime(database.url)
    bus = await createBus({ kind: 'postgres', databaseUrl: database.url, contract })
    const review = (summary: string) => {
      asked.push(summary)
      return asked.length === 1
        ? Promise.reject(new Error('the first call fails'))
        : Promise.resolve({ openQuestions: 3 })
    }
    runtime = await startRuntime({
      agents: [createReviewer({ review })],
      bus,
      contract,
      databaseUrl: database.url,
      log: pino({ level: 'silent' }),
    })
  })
  afterAll(async () => {
    await runtime?.stop()
    await bus?.close()
    await database?.drop()
  })

  it('is the code of the guide, and takes no more than forty lines', () => {
    const code = readFileSync(join(import.meta.dirname, 'guide-agent.ts'), 'utf8')
    expect(readFileSync(join(import.meta.dirname, '../../docs/guides/write-an-agent.md'), 'utf8')).toContain(code)
    expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(40)
  })

  it('consumes a result, tries its step again, and publishes once', async () => {
    const seen = await collect(bus, contract)
    const result: DiagnosisCompleted = {
      ...{
        event_id: randomUUID(),
        session_id: randomUUID(),
        sequence: 0,
        tenant: 'default',
        occurred_at: Date.now(),
        revision: 1,
      },
      ...{
        run_id: 'r',
        handler_version: '1',
        status: 'completed',
        reason: null,
        verdict: 'incident',
        onset: null,
        confidence: 0.5,
      },
      ...{
        summary: { en: 'cart is slow' },
        findings: [],
        root_causes: [],
        missing: [],
        ruled_out: [],
        recommended_actions: [],
      },
      ...{ tools_used: [], capacity: null, requested_at: Date.now(), execution_ms: 1, usage: null },
    }
    const record = await bus.encode('DiagnosisCompleted', result)
    await bus.publish([record, record])
    const [told] = await until(20_000, 'the reviewer speaks', async () => {
      const mine = seen.of('DiagnosisProgressed').filter((one) => one.agent === 'reviewer')
      return mine.length > 0 && mine
    })
    expect(told).toMatchObject({ session_id: result.session_id, message: { en: '3 questions are open' } })
    expect(asked).toEqual(['cart is slow', 'cart is slow'])
    await seen.stop()
  })
})
