/** Actions that a person or a program proposes for a diagnosed session: exact, bound, verified as the assistant's own, or declined with the reason. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { givenUp } from '../../agents/assistant/take-proposal.ts'
import type { Outgoing } from '../../agents/runtime/agent.ts'
import { recordedControlPlane } from '../../agents/tools/recording/control-plane.ts'
import { recordedLogs } from '../../agents/tools/recording/logs.ts'
import { recordedMetrics } from '../../agents/tools/recording/metrics.ts'
import { finishedRecording } from '../../agents/tools/recording/source.ts'
import type { Resource, Tools } from '../../agents/tools/tools.ts'
import { parseInstant } from '../../recording/instant.ts'
import { readIncident } from '../../recording/read.ts'
import { actionHash } from '../../schemas/action-hash.ts'
import type { ActionDeclined, ActionProposed, ApprovalRequested } from '../../schemas/events.generated.ts'
import { createTenants } from '../../tenants/tenants.ts'
import { actionProposed, BAD, GOOD } from '../events/requests.ts'
import { openInvestigations, requestAt } from './investigating.ts'

const RECORDING = join(import.meta.dirname, '../scenarios/shop-01')
const source = finishedRecording(RECORDING)
const controlPlane = recordedControlPlane(source)
/** What a control-plane knows beyond a recording. */
const runs = (now: Partial<Resource>): Tools => ({
  metrics: recordedMetrics(source),
  logs: recordedLogs(source),
  controlPlane: {
    ...controlPlane,
    async resources(query, context) {
      const answer = await controlPlane.resources(query, context)
      if (answer.status !== 'ok') return answer
      return { ...answer, data: answer.data.map((one) => ({ ...one, image_tag: BAD, replicas: 1, ...now })) }
    },
  },
})
const live = runs({})

let investigations: Awaited<ReturnType<typeof openInvestigations>>
/** what the assistant itself proposes for the recorded incident */
let own: ApprovalRequested
let recorded: string[]
beforeAll(async () => {
  investigations = await openInvestigations('proposing')
  const { window } = await readIncident(RECORDING)
  const diagnosis = await investigations.ask(requestAt(parseInstant(window.end), { service: 'cart' }), live)
  own = of(diagnosis.told, 'ApprovalRequested')[0] as ApprovalRequested
  recorded = diagnosis.recorded.map(({ evidence_id }) => evidence_id)
  since = diagnosis.completed.onset
}, 180_000)
afterAll(() => investigations?.close())

let since: number | null
const of = (told: readonly Outgoing[], name: Outgoing['event']) =>
  told.filter(({ event }) => event === name).map(({ value }) => value)
const proposed = (change: Partial<ActionProposed> = {}) =>
  actionProposed({ session_id: own.session_id, since, ...change })
const approvalOf = async (asked: ActionProposed, tools = live) =>
  of(await investigations.propose(asked, tools), 'ApprovalRequested')[0] as ApprovalRequested

describe('a proposed action', () => {
  it("becomes an approval bound to its target's state, and verified by what the diagnosis measured", async () => {
    const asked = proposed({ type: 'rollback', parameters: { image_tag: GOOD } })
    const told = await investigations.propose(asked, live)
    expect(told.map(({ event }) => event)).toEqual(['EvidenceRecorded', 'AgentUsage', 'ApprovalRequested'])
    const [approval] = of(told, 'ApprovalRequested') as ApprovalRequested[]
    expect(approval).toMatchObject({
      ...{ session_id: asked.session_id, approval_id: asked.approval_id, action: own.action, risk: 'medium' },
      action_hash: actionHash(own.action),
      ...{ title: own.title, undo: own.undo, undoes: null, approver_roles: ['team_manager'] },
      ...{ requested_by: asked.requested_by, proposed_by: asked.proposed_by, reason: { en: asked.reason } },
    })
    const [state] = of(told, 'EvidenceRecorded') as { evidence_id: string }[]
    expect(approval?.evidence).toEqual([state?.evidence_id])
    const levelled = ({ checks }: ApprovalRequested) => checks.map(({ service, indicator, evidence_id }) => [service, indicator, evidence_id]) // prettier-ignore
    expect(levelled(approval!)).toEqual(levelled(own))
    expect(approval?.checks.length).toBeGreaterThan(0)
    expect(recorded).toEqual(expect.arrayContaining(approval!.checks.map(({ evidence_id }) => evidence_id)))
  })

  it('has no checks without an onset, and none from a run of another session', async () => {
    expect((await approvalOf(proposed({ since: null }))).checks).toEqual([])
    expect((await approvalOf(proposed({ diagnosis_run: 'assistant/other' }))).checks).toEqual([])
    expect((await approvalOf(proposed({ session_id: 'another' }))).checks).toEqual([])
  })

  it('has its values completed from the catalogue', async () => {
    const { action } = await approvalOf(proposed({ type: 'run_script', parameters: { script: 'clear_carts' } }))
    expect(action).toMatchObject({ parameters: { script: 'clear_carts', limit: '400' }, target_state: {} })
  })

  it('has a reason without secrets, and without characters that nobody sees', async () => {
    const reason = 'password=hunter2-of-a-person\u202e\u001b[2J\nrestart it'
    const said = (await approvalOf(proposed({ reason }))).reason
    for (const text of Object.values(said)) {
      expect(text).not.toMatch(/hunter2|\u202e|\u001b/)
      expect(text).toContain('\nrestart it')
    }
    const long = await approvalOf(proposed({ reason: 'x'.repeat(100_000) }))
    expect(long.reason['en']).toHaveLength(2000)
  })
})

describe('a proposal is declined', () => {
  const declining = async (change: Partial<ActionProposed>, tools = live) => {
    const told = await investigations.propose(proposed(change), tools)
    expect(of(told, 'ApprovalRequested')).toEqual([])
    return of(told, 'ActionDeclined')[0] as ActionDeclined
  }
  const rollback = (parameters: Record<string, string>) => ({ type: 'rollback', parameters })

  it.each<[string, Partial<ActionProposed>, string, string, RegExp]>([
    ['of an unknown action', { type: 'reboot' }, 'unknown_action', 'action', /it has: rollback, restart, scale/],
    ['without a required parameter', rollback({}), 'invalid_parameters', 'parameters', /image_tag: is required/],
    ['with an unknown parameter', { parameters: { force: 'yes' } }, 'invalid_parameters', 'parameters', /force: restart has no such parameter/], // prettier-ignore
    ['out of bounds', { type: 'scale', parameters: { replicas: '6' } }, 'invalid_parameters', 'parameters', /above the maximum 5/], // prettier-ignore
    ['of a service that nobody knows', { service: 'nobody' }, 'not_found', 'service', /nobody/],
    ['that changes nothing', rollback({ image_tag: BAD }), 'nothing_to_do', 'parameters', /already has image_tag/],
  ])('%s', async (_what, change, code, field, why) => {
    const told = await declining(change)
    expect(told).toMatchObject({ code, field, reason: { en: expect.stringMatching(why), 'zh-TW': expect.any(String) } })
  })

  it('in another namespace than the one that it runs in', async () => {
    const { action } = await approvalOf(proposed({ namespace: 'shop' }), runs({ namespace: 'shop' }))
    expect(action.namespace).toBe('shop')
    expect(await declining({ namespace: 'elsewhere' }, runs({ namespace: 'shop' }))).toMatchObject({
      code: 'not_found',
    })
  })

  it('if the state of the target is not known or cannot be read', async () => {
    expect(await declining({}, runs({ image_tag: null }))).toMatchObject({ code: 'target_unknown', field: null })
    const resources: Tools['controlPlane']['resources'] = async (query, context) => ({
      ...(await controlPlane.resources(query, context)),
      ...{ status: 'failed', summary: 'HTTP 503', error: 'HTTP 503', data: null },
    })
    const away = { ...live, controlPlane: { ...live.controlPlane, resources } }
    expect(await declining({}, away)).toMatchObject({ code: 'target_unknown', reason: { en: expect.stringContaining('HTTP 503') } }) // prettier-ignore
  })

  it("of another tenant's service, as if there were none", async () => {
    const tenants = createTenants(new Map([['default', { services: ['frontend'] }]]))
    const told = await investigations.propose(proposed(), live, tenants)
    expect(told).toMatchObject([{ event: 'ActionDeclined', value: { code: 'not_found', reason: { en: 'there is no service cart' } } }]) // prettier-ignore
  })

  it('if its run ends early, unless it was answered', () => {
    const run = { id: 'assistant/p', attempt: 0, startedAt: 1, activeMs: () => 1 }
    const end = { run, status: 'failed', code: 'owner_killed', reason: 'x', published: new Set<never>() } as const
    expect(givenUp(proposed(), end)).toMatchObject([{ event: 'ActionDeclined', value: { code: 'owner_killed' } }])
    expect(givenUp(proposed(), { ...end, published: new Set(['ApprovalRequested']) })).toEqual([])
  })
})
