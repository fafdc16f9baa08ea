/** Approval ids are not secret: the same id in another tenant is a separate approval, whichever arrived first. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, cpSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Approvals, createApprovals } from '../../agents/executor/approvals.ts'
import { prepareExecutor } from '../../agents/executor/executor.ts'
import { judge } from '../../agents/executor/judge.ts'
import { migrate } from '../../bus/postgres/migrate.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { createTenants } from '../../tenants/tenants.ts'
import { approvalRequested } from '../events/requests.ts'
import { createDatabase, type Database } from '../servers/postgres.ts'
import { closing, decided } from './decided.ts'

let database: Database
let pool: Pool
let approvals: Approvals
beforeAll(async () => {
  database = await createDatabase('executor_tenants')
  await prepareExecutor(database.url)
  pool = openPool({ connectionString: database.url, max: 5 })
  approvals = createApprovals(pool)
})
afterAll(async () => {
  await pool?.end()
  await database?.drop()
})

const run = () => `executor/${randomUUID()}`

describe.each([
  ['theirs first', ['other', 'default']],
  ['mine first', ['default', 'other']],
])('two approvals of one id, %s', (order, tenants) => {
  /** The same action, risk and roles: in one tenant they would join. */
  async function both() {
    const approval_id = randomUUID()
    const roles = { approver_roles: [`decides-${randomUUID()}`] }
    const requests = tenants.map((tenant) => approvalRequested({ approval_id, tenant, ...roles }))
    const opened = []
    for (const request of requests) opened.push(await approvals.open(request, run()))
    const of = (tenant: string) => requests.find((request) => request.tenant === tenant)!
    return { mine: of('default'), theirs: of('other'), opened }
  }

  it('are both opened, and neither joins or affects the other', async () => {
    const { mine, theirs, opened } = await both()
    expect(opened).toEqual(Array(2).fill({ held: [], closed: null, doubtful: false }))
    for (const request of [mine, theirs]) {
      expect(await approvals.requestFor(decided(request))).toEqual(request)
      const open = await approvals.openFor(request.tenant, request.action)
      expect(open).toContainEqual(expect.objectContaining({ session_id: request.session_id }))
    }
  })

  it('are closed separately, even by one run', async () => {
    const { mine, theirs } = await both()
    const [yes, no] = [decided(mine), decided(theirs)]
    const one = run()
    expect(await approvals.close(theirs, closing('rejected'), one, no)).toMatchObject({ outcome: 'rejected' })
    expect(await approvals.close(mine, closing('approved'), one, yes)).toMatchObject({ outcome: 'approved' })
    const closed = await approvals.closedBy(one)
    expect(closed.map(({ request, closing: { outcome } }) => [request.tenant, outcome])).toEqual([
      ['other', 'rejected'],
      ['default', 'approved'],
    ])
    const { rows } = await pool.query(`SELECT tenant, outcome FROM executor.audit WHERE run_id = $1 ORDER BY id`, [one])
    expect(rows).toEqual([
      { tenant: 'other', outcome: 'rejected' },
      { tenant: 'default', outcome: 'approved' },
    ])
  })

  it('have one execution key each, the same on every call', async () => {
    const { mine, theirs } = await both()
    const first = await approvals.begin(mine)
    const second = await approvals.begin(theirs)
    expect([first.before, second.before]).toEqual([false, false])
    expect(first.key).not.toBe(second.key)
    expect(await approvals.begin(mine)).toEqual({ frozen: null, before: true, key: first.key })
  })

  it('get the held decisions of their own tenant only, even if the events have one id', async () => {
    const requests = tenants.map((tenant) => approvalRequested({ tenant, approval_id: `known ${order}` }))
    const held = requests.map((request) => ({ ...decided(request), event_id: `held ${order}` }))
    for (const decision of held) expect(await approvals.requestFor(decision)).toBeNull()
    for (const [at, request] of requests.entries())
      expect(await approvals.open(request, run())).toMatchObject({ held: [held[at]] })
  })

  it('do not use up a decision signed for the other', async () => {
    const { mine, theirs } = await both()
    const owned = createTenants(new Map(tenants.map((tenant) => [tenant, { services: ['cart'] }])))
    const now = Date.now() / 1000
    const claim = {
      iss: 'sre-gateway',
      aud: 'sre-executor' as const,
      sub: 'alice',
      decider_iss: 'https://issuer',
      roles: mine.approver_roles,
      jti: randomUUID(),
      iat: now,
      exp: now + 300,
      tenant: 'default',
      approval_id: mine.approval_id,
      action_hash: mine.action_hash,
      decision: 'approved' as const,
      reason: 'go ahead',
    }
    for (const [request, outcome] of [
      [theirs, 'refused'],
      [mine, 'approved'],
    ] as const) {
      // prettier-ignore
      const judged = judge(request, { ok: true, claim, kid: 'k' }, owned.of(request.tenant), Date.now())
      expect(await approvals.close(request, judged, run(), decided(request))).toMatchObject({ outcome })
    }
  })
})

it('an upgrade keeps open approvals, held and used decisions, and executions under their ids', async () => {
  const old = await createDatabase('executor_before')
  const folder = mkdtempSync(join(tmpdir(), 'sre-migrations-'))
  const before = join(import.meta.dirname, '../../agents/executor/migrations')
  cpSync(before, folder, { recursive: true, filter: (path) => !/[678]_\w+\.sql$/.test(path) })
  await migrate(old.url, 'executor', folder)
  const own = openPool({ connectionString: old.url, max: 2 })
  const request = approvalRequested({ tenant: 'acme' })
  const early = decided(approvalRequested({ tenant: 'acme' }))
  await own.query(`INSERT INTO executor.approvals (approval_id, tenant, session_id, request, begun_at) VALUES ($1, 'acme', $2, $3, now())`, [request.approval_id, request.session_id, JSON.stringify(request)]) // prettier-ignore
  await own.query(`INSERT INTO executor.held_decisions (event_id, approval_id, decision) VALUES ($1, $2, $3)`, [early.event_id, early.approval_id, JSON.stringify(early)]) // prettier-ignore
  await own.query(`INSERT INTO executor.used_decisions VALUES ('sre-gateway', 'used', $1, 'run-1')`, [request.approval_id]) // prettier-ignore
  await prepareExecutor(old.url)
  const kept = createApprovals(own)
  expect(await kept.requestFor(decided(request))).toEqual(request)
  // a repeated request is the same execution for the control-plane
  expect(await kept.begin(request)).toEqual({ frozen: null, before: true, key: request.approval_id })
  expect(await kept.open(approvalRequested({ tenant: 'acme', approval_id: early.approval_id }), run())).toMatchObject({
    held: [early],
  })
  const again = { ...closing('approved'), jti: 'used' }
  expect(await kept.close(request, again, 'run-2', decided(request))).toMatchObject({ code: 'replayed' })
  expect((await own.query(`SELECT tenant FROM executor.used_decisions`)).rows).toEqual([{ tenant: 'acme' }])
  await own.end()
  await old.drop()
})
