import { randomUUID } from 'node:crypto'
import pino from 'pino'
import { expect, it } from 'vitest'
import { startEngine } from '../../agents/runtime/engine.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { createDatabase } from '../servers/postgres.ts'

const QUEUE = 'of another process'

it('queues a batch in one transaction, however large, and each run once', { timeout: 120_000 }, async () => {
  const database = await createDatabase('queueing')
  const pool = openPool({ connectionString: database.url, max: 1 })
  const engine = await startEngine({
    ...{ databaseUrl: database.url, owner: randomUUID(), log: pino({ level: 'silent' }), pollMs: 1000 },
    // this process takes nothing from the queue, so its rows stay as they were written
    ...{ queues: [], execute: () => Promise.reject(new Error('nothing is executed here')) },
  })
  const runs = Array.from({ length: 200 }, (_, at) => ({ runId: `run-${at}`, tenant: `tenant-${at % 3}`, dueAt: null }))
  await engine.enqueue(QUEUE, runs)
  const written = async () => {
    const { rows } = await pool.query<{ id: string; transaction: string; tenant: string }>(
      `SELECT workflow_uuid AS id, xmin::text AS transaction, queue_partition_key AS tenant FROM dbos.workflow_status WHERE queue_name = $1`,
      [QUEUE],
    )
    return rows
  }
  const first = await written()
  expect(new Map(first.map(({ id, tenant }) => [id, tenant]))).toEqual(new Map(runs.map(({ runId, tenant }) => [runId, tenant]))) // prettier-ignore
  expect(new Set(first.map(({ transaction }) => transaction)).size).toBe(1)

  await engine.enqueue(QUEUE, [...runs, { runId: 'one more', tenant: 'tenant-0', dueAt: null }])
  expect(await written()).toHaveLength(runs.length + 1)
  await engine.stop(0)
  await pool.end()
  await database.drop()
})
