/** A tenant that tries to act on another's services directly over the bus, with validly signed decisions. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { BAD, GOOD, rollback } from '../events/requests.ts'
import { approvalFor } from './approval.ts'
import { type Loop, openLoop } from './loop.ts'

const OTHER = { tenant: 'other' }

describe('a tenant', () => {
  let loop: Loop
  let agents: Awaited<ReturnType<Loop['startAgents']>>
  beforeAll(async () => {
    loop = await openLoop(async (databaseUrl) => ({
      options: { kind: 'postgres', databaseUrl },
      tearDown: async () => undefined,
    }))
    agents = await loop.startAgents({
      tenants: { default: { services: ['cart'] }, other: { services: ['frontend'] } },
    })
  })
  afterAll(async () => {
    await agents?.stop()
    await loop?.close()
  })
  beforeEach(() => loop.deployBad())
  const rollbacks = () => loop.services.deployed.filter((one) => one === `cart ${GOOD}`).length
  const publish = async (change: Parameters<typeof approvalFor>[1]) => {
    const approval = approvalFor(loop, change)
    await loop.bus.publish([await loop.bus.encode('ApprovalRequested', approval)])
    return approval
  }

  it("gets no answer about another tenant's service, and no source is queried", async () => {
    const session = await loop.ask({ ...OTHER, service: 'cart' })
    const completed = await loop.first('DiagnosisCompleted', (value) => value.session_id === session)
    expect(completed).toMatchObject({ tenant: 'other', status: 'failed', reason: 'not_found: cart', findings: [] })
    await loop.concluded(session)
    expect(await loop.all('EvidenceRecorded', (value) => value.session_id === session)).toEqual([])
    expect(await loop.all('ApprovalRequested', (value) => value.session_id === session)).toEqual([])
  })

  it("cannot roll back another tenant's service, whatever it signs", async () => {
    const before = rollbacks()
    const approval = await publish(OTHER)
    await loop.decide(approval)
    const closed = await loop.first('ApprovalClosed', (value) => value.approval_id === approval.approval_id)
    expect(closed).toMatchObject({ outcome: 'refused', code: 'foreign_target' })
    await loop.concluded(approval.session_id)
    expect(await loop.all('ActionCompleted', (value) => value.approval_id === approval.approval_id)).toEqual([])
    expect(await loop.all('EvidenceRecorded', (value) => value.session_id === approval.session_id)).toEqual([])
    expect(rollbacks()).toBe(before)
    expect(loop.services.services().find(({ name }) => name === 'cart')?.imageTag).toBe(BAD)
  })

  it.each([
    ['theirs first', ['other', 'default']],
    ['mine first', ['default', 'other']],
  ])('has its action run even if another tenant uses its approval id: %s', async (_order, tenants) => {
    const approval_id = randomUUID()
    const before = rollbacks()
    const requests = []
    for (const tenant of tenants) requests.push(await publish({ approval_id, tenant }))
    for (const request of requests) await loop.decide(request)
    const of = (tenant: string) => (value: { tenant: string; approval_id: string }) => value.approval_id === approval_id && value.tenant === tenant // prettier-ignore
    expect(await loop.first('ApprovalClosed', of('other'))).toMatchObject({ code: 'foreign_target' })
    expect(await loop.first('ApprovalClosed', of('default'))).toMatchObject({ outcome: 'approved' })
    expect(await loop.first('ActionCompleted', of('default'))).toMatchObject({ outcome: 'succeeded' })
    for (const { session_id } of requests) await loop.concluded(session_id)
    expect(await loop.all('ActionCompleted', of('other'))).toEqual([])
    expect(rollbacks()).toBe(before + 1)
  })

  it("cannot read another tenant's metrics through the checks of its action", async () => {
    const check = { tool: 'prometheus', namespace: null, indicator: 'latency_p95', bad_direction: 'up', normal: 20, disturbed: 900, evidence_id: null, unit: null } // prettier-ignore
    const approval = await publish({
      action: rollback,
      checks: [
        { ...check, service: 'frontend' },
        { ...check, service: 'cart' },
      ],
    })
    await loop.decide(approval)
    const done = await loop.first('ActionCompleted', (value) => value.approval_id === approval.approval_id)
    expect(done).toMatchObject({ outcome: 'succeeded' })
    expect(done.checks[0]).toMatchObject({ service: 'frontend', after: null, code: 'no_data' })
    const told = await loop.all('EvidenceRecorded', (value) => value.session_id === approval.session_id)
    const asked = told
      .filter(({ operation }) => operation === 'golden-signals')
      .map(({ tool, query }) => `${tool} ${query}`)
    expect(asked.filter((one) => one.includes('frontend'))).toEqual([])
    expect(asked.some((one) => one.includes('cart'))).toBe(true)
    // dependencies' names are not revealed either
    expect(told.find(({ operation }) => operation === 'resources')?.data).not.toContain('frontend')
  })
})
