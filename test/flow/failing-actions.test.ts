/** Approved actions that cannot be carried out: each ends with its reason, and nothing else runs. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
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
    agents = await loop.startAgents()
  })
  afterAll(async () => {
    slow.resolve()
    await agents?.stop()
    await loop?.close()
  })
  beforeEach(() => loop.deployBad())

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
    await agents.stop()
    agents = await loop.startAgents()
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

  it.each<[what: string, action: Partial<Action>, request: Partial<ApprovalRequested>, code: string, reason: string]>([
    ['of an unknown type', { type: 'reboot' }, {}, 'unknown_action', 'no action reboot in the catalogue'],
    [
      'with a parameter out of bounds',
      { type: 'scale', parameters: { replicas: '50' }, target_state: { replicas: '1' } },
      {},
      'invalid_parameters',
      'parameter replicas: is 50, above the maximum 5',
    ],
    [
      'that is not bound to its target',
      { type: 'scale', parameters: { replicas: '2' }, target_state: {} },
      {},
      'unbound_action',
      "bound to the target's replicas",
    ],
    [
      'that the decider may not approve',
      { type: 'run_script', parameters: { script: 'clear_carts' }, target_state: {} },
      { approver_roles: ['team_manager', 'super_admin'] },
      'wrong_role',
      'one of the roles super_admin',
    ],
  ])('%s is refused and audited', async (_what, action, request, code, reason) => {
    const operated = loop.services.operated.length
    const approval = await approve(action, request)
    const closed = await loop.first('ApprovalClosed', (value) => value.approval_id === approval.approval_id)
    expect(closed).toMatchObject({ outcome: 'refused', code, decided_by: expect.stringContaining('|alice') })
    expect(closed.reason).toContain(reason)
    await loop.concluded(approval.session_id)
    const { rows } = await loop.setting.pool.query(`SELECT outcome, code FROM executor.audit WHERE approval_id = $1`, [
      approval.approval_id,
    ])
    expect(rows).toEqual([{ outcome: 'refused', code }])
    expect(loop.services.operated).toHaveLength(operated)
  })

  it('is run as the catalogue names it, once', async () => {
    const approval = await approve({ type: 'restart', parameters: {} })
    expect(await completed(approval)).toMatchObject({ outcome: 'succeeded', output: 'cart was restarted' })
    const scaling = { type: 'scale', parameters: { replicas: '2' }, target_state: { replicas: '1' } }
    expect(await completed(await approve(scaling))).toMatchObject({ output: 'cart has 2 replicas, before 1' })
    expect(loop.services.operated).toEqual(['restart cart', 'scale cart 2'])
  })

  it('is refused if the control-plane does not know its target', async () => {
    const approval = await approve({ service: 'nobody', parameters: { image_tag: GOOD } })
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
