/** Old finished data is deleted, in the engine's journal too; unfinished data stays, however old. */
import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import pino from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApprovals } from '../../agents/executor/approvals.ts'
import { mentionInAudit } from '../../agents/executor/audit.ts'
import { prepareExecutor } from '../../agents/executor/executor.ts'
import { createFreezes } from '../../agents/executor/freezes.ts'
import { forgetApprovals } from '../../agents/executor/retention.ts'
import { type Agent, emit } from '../../agents/runtime/agent.ts'
import { createEvidenceStore } from '../../agents/runtime/evidence.ts'
import { sweep } from '../../agents/runtime/retention.ts'
import { prepareRuntime, startRuntime } from '../../agents/runtime/runtime.ts'
import type { Bus } from '../../bus/bus.ts'
import { createBus, preparePostgresBus } from '../../bus/create.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { forgetTold } from '../../embedded/control-plane/retention.ts'
import { prepareControlPlane } from '../../embedded/control-plane/control-plane.ts'
import { approvalRequested } from '../events/requests.ts'
import { closing, decided } from '../executor/decided.ts'
import { createDatabase, type Database } from '../servers/postgres.ts'
import { contract, until } from './counting.ts'

const DAY_MS = 86_400_000
let database: Database
let pool: Pool
let bus: Bus
beforeAll(async () => {
  database = await createDatabase('retention')
  await preparePostgresBus(database.url, contract)
  await prepareRuntime(database.url)
  await prepareExecutor(database.url)
  await prepareControlPlane(database.url)
  bus = await createBus({ kind: 'postgres', databaseUrl: database.url, contract })
  pool = openPool({ connectionString: database.url, max: 3 })
})
afterAll(async () => {
  await pool?.end()
  await bus?.close()
  await database?.drop()
})

const released = Promise.withResolvers<void>()
/** An agent that never finishes the runs it is given. */
const agent: Agent = {
  name: 'executor',
  version: 1,
  publishes: ['ApprovalClosed'],
  on: {
    async *ApprovalDecided({ session_id, approval_id, decision_jws }, run) {
      await run.step('one', () => (decision_jws === 'hold' ? released.promise : Promise.resolve()))
      const closed = {
        outcome: 'rejected',
        code: 'decided',
        reason: null,
        decided_by: null,
        decision_jti: null,
        joined_approval: null,
        approved_by: [],
      }
      yield emit('ApprovalClosed', { ...closed, session_id: session_id!, approval_id, action_hash: 'h' })
    },
  },
}
const start = () =>
  startRuntime({ agents: [agent], bus, contract, databaseUrl: database.url, log: pino({ level: 'silent' }), shutdownMs: 500 }) // prettier-ignore
const statuses = async () =>
  new Map((await pool.query(`SELECT run_id, status FROM runtime.runs`)).rows.map((row) => [row.run_id, row.status]))
const column = async (sql: string) => (await pool.query({ text: sql, rowMode: 'array' })).rows.map(([value]) => value).sort() // prettier-ignore

it('deletes runs with their journal and evidence some time after their end', { timeout: 180_000 }, async () => {
  const [old, recent, open] = [approvalRequested(), approvalRequested(), approvalRequested()].map(decided)
  const runOf = (decision = old!) => `executor/${decision.event_id}`
  const first = await start()
  for (const decision of [old!, recent!, { ...open!, decision_jws: 'hold' }])
    await bus.publish([await bus.encode('ApprovalDecided', decision)])
  await until(60_000, 'two have ended and one has begun', async () => {
    const known = await statuses()
    return (known.get(runOf(old)) === 'ended' && known.get(runOf(recent)) === 'ended' && known.get(runOf(open)) === 'started') || undefined // prettier-ignore
  })
  const answer = { tool: 't', operation: 'o', query: 'q', range: null, link: null, warnings: [], incomplete: false, durationMs: 1, status: 'ok' as const, summary: 's', data: {} } // prettier-ignore
  for (const decision of [old!, recent!, open!]) {
    const owner = { runId: runOf(decision), sessionId: decision.session_id!, tenant: 'default', agent: 'executor' }
    await createEvidenceStore(pool).keep(owner, 'one', [answer])
    await pool.query(`INSERT INTO runtime.cancellations (agent, tenant, session_id) VALUES ('executor', 'default', $1)`, [decision.session_id]) // prettier-ignore
  }
  await first.stop()
  const aged = [runOf(old), runOf(open)]
  await pool.query(`UPDATE runtime.runs SET ended_at = ended_at - interval '31 days', accepted_at = accepted_at - interval '31 days' WHERE run_id = ANY($1)`, [aged]) // prettier-ignore
  await pool.query(`UPDATE evidence.items SET created_at = created_at - interval '31 days' WHERE run_id = ANY($1)`, [aged]) // prettier-ignore
  await pool.query(`UPDATE runtime.cancellations SET requested_at = requested_at - interval '31 days' WHERE session_id <> $1`, [recent!.session_id]) // prettier-ignore

  const second = await start()
  const left = [runOf(recent), runOf(open)].sort()
  // a stop interrupts the sweep; the rest is deleted in the next one
  await expect.poll(() => column(`SELECT run_id FROM runtime.runs`)).toEqual(left)
  await expect.poll(() => column(`SELECT session_id FROM runtime.cancellations`)).toEqual([recent!.session_id, open!.session_id].sort()) // prettier-ignore
  await expect.poll(() => column(`SELECT run_id FROM evidence.items`)).toEqual(left)
  await second.stop()
  expect(await column(`SELECT workflow_uuid FROM dbos.workflow_status`)).toEqual(left)
  expect(await column(`SELECT DISTINCT workflow_uuid FROM dbos.operation_outputs`)).not.toContain(runOf(old))
  released.resolve()
})

it('deletes closed approvals in batches, and never an open one', async () => {
  const approvals = createApprovals(pool)
  const requests = Array.from({ length: 6 }, () => approvalRequested())
  for (const request of requests) await approvals.open(request, randomUUID())
  const [open, ...closed] = requests
  for (const request of closed) await approvals.close(request, closing('rejected'), randomUUID(), decided(request))
  await mentionInAudit(pool, decided(open!), closing('refused'), randomUUID())
  await approvals.requestFor(decided(approvalRequested()))
  const freezes = createFreezes(pool)
  await freezes.freeze({ tenant: 'a', by: 'olivia', reason: 'r' })
  await freezes.lift({ tenant: 'a', by: 'olivia' })
  await freezes.freeze({ tenant: 'b', by: 'olivia', reason: 'r' })
  await pool.query(`INSERT INTO control_plane.outbox (topic, key, value, headers, published_at)
    VALUES ('t', 'left', '', '{}', now()), ('t', 'waits', '', '{}', NULL)`)
  const forget = [...forgetApprovals(pool), ...forgetTold(pool)]

  await sweep({ pool, forget, keepMs: DAY_MS, batch: 2 })
  expect(await column(`SELECT approval_id FROM executor.approvals`)).toHaveLength(6)
  await sweep({ pool, forget, keepMs: -DAY_MS, batch: 2 })
  expect(await column(`SELECT approval_id FROM executor.approvals`)).toEqual([open!.approval_id])
  expect(await column(`SELECT approval_id FROM executor.audit`)).toEqual([open!.approval_id])
  expect(await column(`SELECT jti FROM executor.used_decisions`)).toEqual([])
  expect(await column(`SELECT event_id FROM executor.held_decisions`)).toEqual([])
  expect(await column(`SELECT tenant FROM executor.freezes`)).toEqual(['b'])
  expect(await column(`SELECT key FROM control_plane.outbox`)).toEqual(['waits'])
})

it("deletes the control-plane's closed approvals, and those open for longer than possible", async () => {
  const [closed, open, forgotten] = [randomUUID(), randomUUID(), randomUUID()]
  await pool.query(
    `INSERT INTO control_plane.approvals (approval_id, tenant, request, closed, kept_at)
     VALUES ($1, 'a', '{}', '{}', now() - interval '2 days'), ($2, 'a', '{}', NULL, now() - interval '2 days'),
       ($3, 'a', '{}', NULL, now() - interval '40 days')`,
    [closed, open, forgotten],
  )
  await pool.query(
    `INSERT INTO control_plane.decisions (approval_id, tenant, decision, reason, decider, jti, decided_at)
     SELECT id, 'a', 'approved', 'r', 'd', 'j', now() FROM unnest($1::uuid[]) AS one(id)`,
    [[closed, open]],
  )
  const kept = (table: string) => column(`SELECT approval_id FROM control_plane.${table}`)
  await sweep({ pool, forget: forgetTold(pool), keepMs: 3 * DAY_MS })
  expect((await kept('approvals')).sort()).toEqual([closed, open].sort())
  await sweep({ pool, forget: forgetTold(pool), keepMs: DAY_MS, batch: 1 })
  expect(await kept('approvals')).toEqual([open])
  expect(await kept('decisions')).toEqual([open])
})

it('leaves the sweep to a process that is already running it', async () => {
  const one = await pool.connect()
  await one.query(`SELECT pg_advisory_lock(hashtextextended('sre retention', 0))`)
  const asked: Date[] = []
  const forget = [(before: Date) => Promise.resolve(asked.push(before) > 1)]
  await sweep({ pool, forget, keepMs: 0 })
  expect(asked).toEqual([])
  await one.query(`SELECT pg_advisory_unlock_all()`)
  one.release()
  await sweep({ pool, forget, keepMs: 0 })
  expect(asked).toHaveLength(1)
})
