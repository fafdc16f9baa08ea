/** Limits on what anyone who writes to the bus can make the executor store. */
import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readCatalogue } from '../../actions/read.ts'
import { SHIPPED } from '../../actions/shipped.ts'
import { createApprovals } from '../../agents/executor/approvals.ts'
import { mentionInAudit } from '../../agents/executor/audit.ts'
import { createExecutor, prepareExecutor } from '../../agents/executor/executor.ts'
import { type HeldBounds, hold, holdAsGenuine } from '../../agents/executor/held-decisions.ts'
import type { Run } from '../../agents/runtime/agent.ts'
import { droppedChannel, type Dropped } from '../../bus/dropped.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { transaction } from '../../bus/postgres/transaction.ts'
import type { ApprovalDecided, ApprovalRequested } from '../../schemas/events.generated.ts'
import { approvalRequested } from '../events/requests.ts'
import { createDatabase, type Database } from '../servers/postgres.ts'
import { closing, decided } from './decided.ts'

const bounds: HeldBounds = { perApproval: 5, doubtful: 30, genuine: 40, characters: 2000 }
let database: Database
let pool: Pool
let dropped: Dropped[] = []
const count = (message: unknown) => void dropped.push(message as Dropped)
const droppedOf = (what: string) => dropped.filter((one) => one.what === what).reduce((sum, one) => sum + one.count, 0)

beforeAll(async () => {
  database = await createDatabase('executor_bounds')
  await prepareExecutor(database.url)
  pool = openPool({ connectionString: database.url, max: 5 })
  droppedChannel.subscribe(count)
})
afterAll(async () => {
  droppedChannel.unsubscribe(count)
  await pool?.end()
  await database?.drop()
})
beforeEach(async () => {
  dropped = []
  await pool.query('TRUNCATE executor.held_decisions')
})

const unknown = (approval_id: string = randomUUID()): ApprovalDecided => ({
  ...decided(approvalRequested({ approval_id })),
  event_id: randomUUID(),
  decision_jws: 'x',
})
const held = async () => (await pool.query('SELECT * FROM executor.held_decisions ORDER BY held_at')).rows
const holding = (decision: ApprovalDecided) => transaction(pool, (client) => hold(client, decision, bounds))

describe('decisions of unknown approvals', () => {
  it('are held up to a limit, newest first, and dropped ones are counted', async () => {
    for (let n = 0; n < 100; n++) await holding(unknown())
    expect(await held()).toHaveLength(bounds.doubtful)
    expect(droppedOf('held_decision')).toBe(70)
  })
  it('of one approval are limited to the first few', async () => {
    const approval = randomUUID()
    const first = unknown(approval)
    await holding(first)
    for (let n = 0; n < 50; n++) await holding(unknown(approval))
    const rows = await held()
    expect(rows).toHaveLength(bounds.perApproval)
    expect(rows[0]).toMatchObject({ event_id: first.event_id })
    expect(droppedOf('held_decision')).toBe(46)
  })
  it('signed by a trusted signer are not displaced by a flood of others', async () => {
    const genuine = unknown()
    await holding(genuine)
    await holdAsGenuine(pool, genuine, bounds)
    for (let n = 0; n < 100; n++) await holding(unknown())
    expect(await held()).toContainEqual(expect.objectContaining({ event_id: genuine.event_id, genuine: true }))
  })
  it('longer than any decision are not held', async () => {
    await holding({ ...unknown(), decision_jws: 'x'.repeat(2001) })
    expect(await held()).toEqual([])
    expect(droppedOf('held_decision')).toBe(1)
  })
  it('are held once, however often they arrive', async () => {
    const decision = unknown()
    await holding(decision)
    await holding(decision)
    expect(await held()).toHaveLength(1)
  })
})

it('the audit records uncounted decisions up to a limit per approval, and counted ones always', async () => {
  const request = approvalRequested()
  const approvals = createApprovals(pool)
  await approvals.open(request, 'opener')
  for (let n = 0; n < 30; n++)
    await mentionInAudit(pool, { ...decided(request), event_id: randomUUID() }, closing('refused'), `run-${n}`, 10)
  await approvals.close(request, closing('rejected'), 'run-last', decided(request))
  const { rows } = await pool.query('SELECT outcome FROM executor.audit WHERE approval_id = $1 ORDER BY id', [request.approval_id]) // prettier-ignore
  expect(rows).toHaveLength(11)
  expect(rows.at(-1)).toMatchObject({ outcome: 'rejected' })
  expect(droppedOf('audit_entry')).toBe(20)
})

describe('open approvals', () => {
  const open = { tenant: 3, all: 5 }
  beforeEach(() => pool.query('TRUNCATE executor.approvals'))

  /** Nothing is published; returns the executor's answer to each. */
  async function told(requests: readonly ApprovalRequested[]) {
    const agent = createExecutor({ approvals: createApprovals(pool, open), catalogue: readCatalogue(SHIPPED) } as unknown as Parameters<typeof createExecutor>[0]) // prettier-ignore
    const emissions: unknown[] = []
    for (const request of requests) {
      const run = { id: request.event_id, step: (_name: string, work: () => unknown) => work() } as unknown as Run
      emissions.push(...(await Array.fromAsync(agent.on.ApprovalRequested!(request, run))))
    }
    return emissions
  }
  const requests = (count: number, tenant: string) =>
    Array.from({ length: count }, () => approvalRequested({ tenant, action: { ...approvalRequested().action, service: randomUUID() } })) // prettier-ignore

  it('are limited per tenant; excess ones are refused and counted, and other tenants are not affected', async () => {
    const flood = requests(10, 'a')
    const refused = await told(flood)
    expect(refused).toHaveLength(7)
    expect(refused[0]).toMatchObject({
      event: 'ApprovalClosed',
      value: { approval_id: flood[3]!.approval_id, outcome: 'refused', code: 'too_many_open', decided_by: null },
    })
    expect(await told(requests(1, 'b'))).toEqual([])
    expect(droppedOf('open_approval')).toBe(7)
  })
  it('of made-up tenants are limited in total', async () => {
    expect(await told(Array.from({ length: 9 }, (_, n) => requests(1, `tenant-${n}`)).flat())).toHaveLength(4)
  })
  it('stay refused however often they are repeated, and free no place', async () => {
    const flood = requests(5, 'a')
    const refused = await told(flood)
    expect(await told(flood)).toEqual(refused)
    expect(droppedOf('open_approval')).toBe(2)
  })
  it('free a place when one is closed', async () => {
    const [first] = requests(1, 'a')
    await told([first!, ...requests(2, 'a')])
    await createApprovals(pool, open).close(first!, closing('rejected'), 'run', decided(first!))
    expect(await told(requests(1, 'a'))).toEqual([])
  })
})

it('an approval dated centuries ahead is due within 30 days', () => {
  const agent = createExecutor({} as Parameters<typeof createExecutor>[0])
  const at = agent.later?.ApprovalRequested?.at(approvalRequested({ expires_at: Date.UTC(3000, 0) }))
  expect(at).toBeLessThanOrEqual(Date.now() + 30 * 86_400_000)
})
