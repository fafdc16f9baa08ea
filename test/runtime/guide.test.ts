import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { parse, stringify } from 'yaml'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { prepareRuntime, type Runtime, startRuntime } from '../../agents/runtime/runtime.ts'
import type { Bus } from '../../bus/bus.ts'
import { createBus, preparePostgresBus } from '../../bus/create.ts'
import { type Contract, loadContract } from '../../schemas/contract.ts'
import type { DiagnosisCompleted } from '../../schemas/events.generated.ts'
import { createDatabase, type Database } from '../servers/postgres.ts'
import { collect } from './collect.ts'
import { until } from './counting.ts'
import { createReviewer } from './guide-agent.ts'

const ROOT = join(import.meta.dirname, '../..')

/** The contract after following the guide: the reviewer is in `topics.yaml`. */
function contractWithReviewer(): Contract {
  const root = mkdtempSync(join(tmpdir(), 'sre-guide-'))
  symlinkSync(join(ROOT, 'schemas'), join(root, 'schemas'))
  const file = parse(readFileSync(join(ROOT, 'topics.yaml'), 'utf8')) as {
    dead_letters: { consumers: string[] }
    topics: { name: string; producers: string[]; consumers: string[] }[]
  }
  file.dead_letters.consumers.push('reviewer')
  file.topics.find(({ name }) => name === 'sre.diagnosis.completed.v1')?.consumers.push('reviewer')
  file.topics.find(({ name }) => name === 'sre.diagnosis.progressed.v1')?.producers.push('reviewer')
  writeFileSync(join(root, 'topics.yaml'), stringify(file))
  return loadContract(root)
}

describe('the agent of the guide', () => {
  const contract = contractWithReviewer()
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

  it("is the guide's code, of at most forty lines", () => {
    const code = readFileSync(join(import.meta.dirname, 'guide-agent.ts'), 'utf8')
    expect(readFileSync(join(import.meta.dirname, '../../docs/guides/write-an-agent.md'), 'utf8')).toContain(code)
    expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(40)
  })

  it('does not start before `topics.yaml` names it, and says what is missing', async () => {
    const options = { bus, contract: loadContract(), databaseUrl: database.url, log: pino({ level: 'silent' }) }
    await expect(
      startRuntime({ ...options, agents: [createReviewer({ review: () => Promise.reject() })] }),
    ).rejects.toThrow(
      /reviewer is no consumer of sre.diagnosis.completed.v1\n.*reviewer is no producer of sre.diagnosis.progressed.v1/,
    )
  })

  it('consumes a result, retries its step, and publishes once', async () => {
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
        phase: null,
        confidence: 0.5,
      },
      ...{
        summary: { en: 'cart is slow' },
        findings: [],
        root_causes: [],
        missing: [],
        ruled_out: [],
        suspected_changes: null,
        recommended_actions: [],
      },
      ...{ tools_used: [], capacity: null, requested_at: Date.now(), execution_ms: 1, usage: null },
    }
    const record = await bus.encode('DiagnosisCompleted', result)
    await bus.publish([record, record])
    const [told] = await until(60_000, 'the reviewer speaks', async () => {
      const mine = seen.of('DiagnosisProgressed').filter((one) => one.agent === 'reviewer')
      return mine.length > 0 && mine
    })
    expect(told).toMatchObject({ session_id: result.session_id, message: { en: '3 questions are open' } })
    expect(asked).toEqual(['cart is slow', 'cart is slow'])
    await seen.stop()
  })
})
