/** Rules that need the database: who closed what, used decisions, and freezes. */
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Approvals, createApprovals } from '../../agents/executor/approvals.ts'
import { prepareExecutor } from '../../agents/executor/executor.ts'
import { expire } from '../../agents/executor/judge.ts'
import { createFreezes, type Freezes } from '../../agents/executor/freezes.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { createDatabase, type Database } from '../servers/postgres.ts'
import { approvalRequested } from '../events/requests.ts'
import { closing, decided } from './decided.ts'

describe('approvals', () => {
  let database: Database
  let pool: Pool
  let approvals: Approvals
  let freezes: Freezes
  beforeAll(async () => {
    database = await createDatabase('approvals')
    await prepareExecutor(database.url)
    pool = openPool({ connectionString: database.url, max: 5 })
    approvals = createApprovals(pool)
    freezes = createFreezes(pool)
  })
  afterAll(async () => {
    await pool?.end()
    await database?.drop()
  })

  const opened = async (tenant = 'default') => {
    const request = approvalRequested({ tenant })
    await approvals.open(request, 'opener')
    return request
  }
  const audit = async (approvalId: string) =>
    (await pool.query(`SELECT * FROM executor.audit WHERE approval_id = $1 ORDER BY id`, [approvalId])).rows

  it('return the same closing when the run that closed them repeats its step', async () => {
    const request = await opened()
    const [decision, first] = [decided(request), closing('approved')]
    const close = () => approvals.close(request, first, 'run-1', decision)
    expect(await close()).toMatchObject({ outcome: 'approved', decidedBy: 'issuer|alice' })
    expect(await close()).toMatchObject({ outcome: 'approved', reason: 'go ahead', jti: first.jti })
    expect(await audit(request.approval_id)).toHaveLength(1)
  })

  it('count one of two decisions of one run, and record both in the audit', async () => {
    const request = await opened()
    const [no, yes] = [decided(request), decided(request)]
    expect(await approvals.close(request, closing('rejected'), 'run-2', no)).not.toBeNull()
    expect(await approvals.close(request, closing('approved'), 'run-2', yes)).toBeNull()
    expect(await audit(request.approval_id)).toMatchObject([
      { outcome: 'rejected', code: 'decided', decision_event: no.event_id, decided_by: 'issuer|alice' },
      { outcome: 'refused', code: 'already_closed', decision_event: yes.event_id, decided_by: 'issuer|alice' },
    ])
  })

  it('of critical or unknown risk are approved by two people, and show who they are', async () => {
    for (const risk of ['critical', 'beyond']) {
      const request = approvalRequested({ risk })
      await approvals.open(request, 'opener')
      const [first, again, second] = [decided(request), decided(request), decided(request)]
      const alice = () => approvals.close(request, closing('approved'), `first ${risk}`, first)
      expect(await alice()).toMatchObject({ outcome: 'counted' })
      expect(await alice()).toMatchObject({ outcome: 'counted' })
      expect(await approvals.countedBy(`first ${risk}`)).toMatchObject([{ request, approvedBy: 'issuer|alice' }])
      expect(await approvals.close(request, closing('approved'), `again ${risk}`, again)).toBeNull()
      const carol = { ...closing('approved'), decidedBy: 'issuer|carol' }
      const close = () => approvals.close(request, carol, `second ${risk}`, second)
      const approvedBy = ['issuer|alice', 'issuer|carol']
      expect(await close()).toMatchObject({ outcome: 'approved', decidedBy: 'issuer|carol', approvedBy })
      expect(await close()).toMatchObject({ outcome: 'approved', approvedBy })
      expect(await approvals.countedBy(`second ${risk}`)).toEqual([])
    }
  })

  it('say how many people approved them before they expired', async () => {
    const request = approvalRequested({ risk: 'critical' })
    await approvals.open(request, 'opener')
    await approvals.close(request, closing('approved'), 'run-7', decided(request))
    expect(await approvals.close(request, expire(request), 'run-8', null)).toMatchObject({
      outcome: 'expired',
      code: 'too_few_approvals',
      reason: '1 of 2 approvals before it expired',
    })
    const nobody = await opened()
    expect(await approvals.close(nobody, expire(nobody), 'run-9', null)).toMatchObject({ code: 'expired' })
  })

  it('by two people at the same time are closed once', async () => {
    const request = approvalRequested({ risk: 'critical' })
    await approvals.open(request, 'opener')
    const close = (who: string) =>
      approvals.close(request, { ...closing('approved'), decidedBy: who }, `run of ${who}`, decided(request))
    const closings = await Promise.all(['a', 'b', 'c'].map(close))
    expect(closings.map((one) => one?.outcome).toSorted()).toEqual(['approved', 'counted', undefined])
  })

  it('have an append-only audit', async () => {
    await expect(pool.query(`UPDATE executor.audit SET outcome = 'approved'`)).rejects.toThrow('never changed')
  })

  it('are neither opened nor expired by a request that reuses their id', async () => {
    const request = await opened()
    const { approval_id } = request
    expect(await approvals.open({ ...approvalRequested(), approval_id }, 'opener')).toBeNull()
    expect(await approvals.open(request, 'opener')).toMatchObject({ held: [], closed: null })
  })

  it('report what a run closed and whether its action was begun', async () => {
    const request = await opened()
    expect(await approvals.closedBy('run-3')).toEqual([])
    await approvals.close(request, closing('approved'), 'run-3', decided(request))
    expect(await approvals.closedBy('run-3')).toMatchObject([
      { request, begun: false, closing: { outcome: 'approved' } },
    ])
    expect(await approvals.begin(request)).toMatchObject({ frozen: null, before: false })
    expect(await approvals.begin(request)).toMatchObject({ frozen: null, before: true })
    expect(await approvals.closedBy('run-3')).toMatchObject([{ begun: true }])
  })

  it('are refused and begin nothing while their tenant is frozen; rejections count', async () => {
    const [mine, other] = [await opened('a'), await opened('b')]
    expect(await freezes.freeze({ tenant: 'a', by: 'olivia', reason: 'audit week' })).toBe(true)
    expect(await freezes.freeze({ tenant: 'a', by: 'oscar', reason: 'again' })).toBe(false)
    const counted = await approvals.close(mine, closing('approved'), 'run-4', decided(mine))
    expect(counted).toMatchObject({ outcome: 'refused', code: 'frozen', decidedBy: 'issuer|alice' })
    expect(counted?.reason).toMatch(/actions of a are frozen since .* by olivia: audit week/)
    expect(await approvals.close(other, closing('approved'), 'run-5', decided(other))).toMatchObject({ outcome: 'approved' }) // prettier-ignore
    const rejected = await opened('a')
    expect(await approvals.close(rejected, closing('rejected'), 'run-6', decided(rejected))).toMatchObject({ outcome: 'rejected' }) // prettier-ignore

    expect(await freezes.freeze({ tenant: null, by: 'olivia', reason: 'all of it' })).toBe(true)
    expect(await approvals.begin(other)).toMatchObject({ frozen: { reason: 'all of it' }, before: false })
    expect(await freezes.lift({ tenant: null, by: 'olivia' })).toBe(true)
    expect(await freezes.lift({ tenant: null, by: 'olivia' })).toBe(false)
    expect(await approvals.begin(other)).toMatchObject({ frozen: null, before: false })
    expect(await freezes.active()).toMatchObject([{ tenant: 'a', by: 'olivia' }])
  })
})
