/** Approved actions that cannot be carried out: each ends with its reason, and nothing else runs. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { DecisionClaim } from '../../schemas/decision.ts'
import type { Action, ApprovalRequested } from '../../schemas/events.generated.ts'
import { createFakeServices } from '../embedded/setting.ts'
import { approvalFor } from './approval.ts'
import { GOOD, rollback } from '../events/requests.ts'
import { type Loop, openLoop } from './loop.ts'

const BROKEN = 'cart:1.4.9'
const SLOW = 'cart:1.4.8'
const CHECK = {
  tool: 'prometheus',
  service: 'cart',
  namespace: 'shop',
  indicator: 'latency_p95',
  bad_direction: 'up',
  normal: 10,
  disturbed: 500,
  evidence_id: null,
  unit: null,
}

describe('an approved action that fails', () => {
  let loop: Loop
  let agents: Awaited<ReturnType<Loop['startAgents']>>
  const slow = Promise.withResolvers<void>()
  beforeAll(async () => {
    const services = createFakeServices({
      releases: [BROKEN, SLOW],
      breaks: [BROKEN],
      beforeDeploy: (imageTag) => (imageTag === SLOW ? slow.promise : Promise.resolve()),
    })
    loop = await openLoop(
      async (databaseUrl) => ({ options: { kind: 'postgres', databaseUrl }, tearDown: async () => undefined }),
      services,
    )
  })
  afterAll(async () => {
    slow.resolve()
    await loop?.close()
  })
  beforeEach(async () => {
    await loop.deployBad()
    agents = await loop.startAgents()
  })
  afterEach(() => agents?.stop())

  const approve = async (
    change: Partial<Action>,
    request: Partial<ApprovalRequested> = {},
    claim: Partial<DecisionClaim> = {},
  ): Promise<ApprovalRequested> => {
    const approval = approvalFor(loop, { action: { ...rollback, ...change }, ...request })
    await loop.bus.publish([await loop.bus.encode('ApprovalRequested', approval)])
    await loop.opened(approval)
    await loop.decide(approval, claim)
    return approval
  }
  const completed = ({ session_id }: ApprovalRequested) =>
    loop.first('ActionCompleted', (value) => value.session_id === session_id)
  const evidenceOf = async ({ session_id }: ApprovalRequested) =>
    (await loop.all('EvidenceRecorded', (value) => value.session_id === session_id)).map((one) => one.operation)

  it('does not run if its dry run is refused', async () => {
    const deployed = loop.services.deployed.length
    const approval = await approve({ parameters: { image_tag: 'cart:0.0.1' } })
    const action = await completed(approval)
    expect(action).toMatchObject({ outcome: 'not_run', code: 'dry_run_failed', effect: 'unknown', started_at: null })
    expect(action.execution_id).toBeNull()
    expect(action.error).toContain('cart has no release cart:0.0.1')
    expect(loop.services.deployed).toHaveLength(deployed)
    expect(await evidenceOf(approval)).toContain('dry-run')
  })

  it("is reported as failed, with the control-plane's error", async () => {
    const approval = await approve({ parameters: { image_tag: BROKEN } })
    const action = await completed(approval)
    expect(action).toMatchObject({ outcome: 'failed', code: 'execution_failed', effect: 'unknown', checks: [] })
    expect(action.error).toContain(`${BROKEN} did not become ready`)
    expect(action.execution_id).not.toBeNull()
    expect(action.finished_at).toBeGreaterThanOrEqual(action.started_at ?? Number.POSITIVE_INFINITY)
  })

  it('is reported as unknown, and verified, if the control-plane does not finish in time', async () => {
    await agents.stop()
    agents = await loop.startAgents({ executionLimitMs: 1500 })
    const approval = await approve({ parameters: { image_tag: SLOW } }, { checks: [CHECK] })
    const action = await completed(approval)
    expect(action).toMatchObject({ outcome: 'unknown', checks: [{ service: 'cart', indicator: 'latency_p95' }] })
    expect(action.error).toContain('still running at the time limit')
    expect(action.execution_id).not.toBeNull()
    slow.resolve()
  })

  it.each([
    ['begin:done', 'not_run'],
    ['execute:done', 'unknown'],
  ])('is reported truthfully if its owner dies at %s, repeatedly', async (boundary, outcome) => {
    const killAt = `executor/${boundary}`
    await agents.stop()
    const { died } = await loop.startAgents({ killAt })
    const deployed = loop.services.deployed.length
    const approval = await approve({})
    await died()
    for (let deaths = 1; deaths < 3; deaths++) await (await loop.startAgents({ killAt })).died()
    agents = await loop.startAgents()
    const action = await completed(approval)
    expect(action).toMatchObject({ outcome, code: 'owner_killed', effect: 'unknown' })
    expect(action.error).toContain('owner_killed')
    expect(loop.services.deployed.length - deployed).toBe(outcome === 'unknown' ? 1 : 0)
  })

  it.each(['rejected', 'approved'] as const)(
    'is reported as closed if the run that closed it as %s dies afterwards',
    async (decision) => {
      const killAt = 'executor/close:journaled'
      await agents.stop()
      const { died } = await loop.startAgents({ killAt })
      const approval = await approve({}, {}, { decision })
      await died()
      for (let deaths = 1; deaths < 3; deaths++) await (await loop.startAgents({ killAt })).died()
      agents = await loop.startAgents()
      const closed = await loop.first('ApprovalClosed', (value) => value.approval_id === approval.approval_id)
      expect(closed).toMatchObject({ outcome: decision, code: 'decided', reason: 'go ahead' })
      expect(closed.decided_by).toContain('|alice')
      if (decision === 'approved') expect(await completed(approval)).toMatchObject({ outcome: 'not_run' })
    },
  )

  it('of critical risk is refused until two people can decide', async () => {
    const approval = await approve({}, { risk: 'critical' })
    const closed = await loop.first('ApprovalClosed', (value) => value.approval_id === approval.approval_id)
    expect(closed).toMatchObject({ outcome: 'refused', code: 'needs_two_people' })
  })

  it('is refused if the control-plane does not know its target', async () => {
    const approval = await approve({ service: 'nobody', target_state: {}, parameters: { image_tag: GOOD } })
    const closed = await loop.first('ApprovalClosed', (value) => value.approval_id === approval.approval_id)
    expect(closed).toMatchObject({ outcome: 'refused', code: 'target_unknown', decided_by: expect.any(String) })
    expect(closed.reason).toContain('does not know the target')
  })

  it("is refused if its target's state cannot be read", async () => {
    await loop.controlPlane.stop()
    const approval = await approve({})
    const closed = await loop.first('ApprovalClosed', (value) => value.approval_id === approval.approval_id)
    expect(closed).toMatchObject({ outcome: 'refused', code: 'target_unknown' })
    expect(closed.reason).toContain('could not be read')
  })
})
