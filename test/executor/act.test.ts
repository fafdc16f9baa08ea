/** How long the effect of an action is measured: until measurements agree, or the time is up. */
import { describe, expect, it } from 'vitest'
import type { Catalogue } from '../../actions/catalogue.ts'
import { readCatalogue } from '../../actions/read.ts'
import { SHIPPED } from '../../actions/shipped.ts'
import { act } from '../../agents/executor/act.ts'
import type { Run, Stamped } from '../../agents/runtime/agent.ts'
import type { Evidence, EvidenceStore } from '../../agents/runtime/evidence.ts'
import type { ToolResult } from '../../agents/runtime/tool-result.ts'
import type { Execution, MetricsAnswer, MetricsQuery } from '../../agents/tools/tools.ts'
import type { ActionCompleted, ApprovalRequested, Check } from '../../schemas/events.generated.ts'
import { actionHash } from '../../schemas/action-hash.ts'
import { approvalRequested, rollback } from '../events/requests.ts'

const call = { tool: 'test', operation: 'test', query: '', range: null, link: null, warnings: [], incomplete: false, durationMs: 1, summary: '' } // prettier-ignore
const done: ToolResult<Execution> = { ...call, status: 'ok', data: { execution_id: 'e1', status: 'success', output: null } } // prettier-ignore
const check = (service: string, indicator: string, normal: number, disturbed: number): Check => ({ tool: 'prometheus', service, namespace: null, indicator, bad_direction: 'up', normal, disturbed, evidence_id: null, unit: null }) // prettier-ignore
const CHECKS = [check('cart', 'latency_p95', 20, 220), check('cart', 'error_ratio', 0, 0.5), check('front', 'latency_p95', 80, 480)] // prettier-ignore
const [BAD, HALF, GOOD, WORSE] = [[220, 0.5, 480], [21, 0.4, 470], [21, 0, 90], [900, 0.5, 480]] // prettier-ignore

const shipped = readCatalogue(SHIPPED)

/** The levels of the checks, one list per measurement. */
async function measured(
  levels: readonly (readonly number[])[],
  change: Partial<ApprovalRequested> = {},
  catalogue: Catalogue = shipped,
) {
  const [waits, ranges]: [number[], MetricsQuery['range'][]] = [[], []]
  const run: Run = {
    ...{
      id: 'executor/1',
      attempt: 0,
      tenant: 'default',
      traceparent: null,
      requestId: null,
      headers: {},
      startedAt: 0,
    },
    activeMs: () => 0,
    step: (_name, work) => work({ signal: new AbortController().signal, idempotencyKey: 'k' }),
    sleep: async (ms) => void waits.push(ms),
  }
  const store: EvidenceStore = {
    keep: async (_owner, step, results) => results.map((one, at): Evidence => ({ ...one, id: `${step} ${at}`, redactions: 0 })), // prettier-ignore
    load: async () => [],
    idsOf: async () => [],
  }
  const goldenSignals = async ({
    service,
    indicator = '',
    range,
  }: MetricsQuery): Promise<ToolResult<MetricsAnswer>> => {
    ranges.push(range)
    const at = CHECKS.findIndex((one) => one.service === service && one.indicator === indicator)
    const series = [{ service, indicator, times: [0], values: [levels[waits.length - 1]![at]!] }]
    return { ...call, status: 'ok', data: { profile: 'test', comparison: [], series } }
  }
  const asked: string[] = []
  const options = {
    writer: {
      execute: async ({ dryRun }: { dryRun: boolean }) => {
        asked.push(dryRun ? 'dry run' : 'run')
        return done
      },
      execution: async () => done,
    },
    approvals: { begin: async () => ({ frozen: null, before: false, key: 'k' }) },
    metrics: { goldenSignals },
    executionLimitMs: 60_000,
    catalogue,
    approvalTtlMs: 60_000,
    evidence: store,
    verifyAfterMs: levels.map((_, at) => (at + 1) * 1000),
    others: async function* () {},
  }
  let completed: Omit<ActionCompleted, Stamped> | undefined
  let undoing: Omit<ApprovalRequested, Stamped> | undefined
  const [emissions, told]: [string[][], string[]] = [[], []]
  for await (const emission of act(approvalRequested({ approval_id: 'a1', checks: CHECKS, ...change }), run, options))
    for (const one of [emission].flat())
      if (one.event === 'ActionCompleted') {
        completed = one.value
        emissions.push([emission].flat().map(({ event }) => event))
      } else if (one.event === 'ApprovalRequested') undoing = one.value
      else if (one.event === 'DiagnosisProgressed') told.push(`${one.value.message['en']}, after ${waits.length} waits`)
  return { effect: completed?.effect, looks: waits.length, ranges, undoing, emissions, asked, told }
}

describe('the effect of an action', () => {
  it.each<[what: string, levels: (readonly number[])[], effect: string, looks: number]>([
    ['as soon as all is back to normal twice in a row', [GOOD, GOOD, BAD, BAD], 'helped', 2],
    ['while it is still recovering', [BAD, HALF, GOOD, GOOD, BAD], 'helped', 4],
    ['again if it comes back', [GOOD, BAD, BAD, BAD, GOOD], 'no_change', 4],
    ['as partly where only one of three is back, however long', [HALF, HALF, HALF, HALF], 'partly', 3],
    ['until the time is up if measurements disagree', [GOOD, HALF, BAD, GOOD, HALF], 'partly', 5],
  ])('is measured %s', async (_what, levels, effect, looks) => {
    expect(await measured(levels)).toMatchObject({ effect, looks })
  })

  it('is announced with its time limit before the first wait', async () => {
    const { told } = await measured([BAD, HALF, GOOD, GOOD])
    expect(told).toEqual(['Verifying with the same metrics, for up to 1 min, after 0 waits'])
    const eleven = Array.from({ length: 11 }, () => BAD)
    expect((await measured(eleven)).told[0]).toContain('up to 2 min')
    const catalogue = new Map([['rollback', { ...shipped.get('rollback')!, verify: { signals: [], withinMs: 3500 } }]])
    expect((await measured(eleven, {}, catalogue)).told[0]).toContain('up to 1 min')
  })

  it('is measured over the time since the measurement before', async () => {
    const { ranges } = await measured([BAD, HALF, GOOD, GOOD])
    const lengths = ranges.filter((_, at) => at % CHECKS.length === 0).map(({ start, end }) => end - start)
    expect(lengths.slice(1)).toEqual([2000, 3000, 4000])
  })

  it('is measured for as long as the catalogue says, at least once', async () => {
    const catalogue = new Map([['rollback', { ...shipped.get('rollback')!, verify: { signals: [], withinMs: 3500 } }]])
    expect(await measured([BAD, HALF, BAD, HALF], {}, catalogue)).toMatchObject({ looks: 2 })
    const brief = new Map([['rollback', { ...shipped.get('rollback')!, verify: { signals: [], withinMs: 10 } }]])
    expect(await measured([BAD, HALF], {}, brief)).toMatchObject({ looks: 1 })
  })

  it('has a dry run before it, unless the catalogue says that there is none', async () => {
    expect((await measured([GOOD])).asked).toEqual(['dry run', 'run'])
    const catalogue = new Map([['rollback', { ...shipped.get('rollback')!, dryRun: false }]])
    expect((await measured([GOOD], {}, catalogue)).asked).toEqual(['run'])
  })
})

describe('an action that made it worse', () => {
  it('gets a proposal to undo it with its outcome, for the same people except the requester', async () => {
    const { effect, undoing, emissions } = await measured([WORSE, WORSE, WORSE])
    expect(effect).toBe('worse')
    expect(emissions).toEqual([['ActionCompleted', 'ApprovalRequested']])
    const action = { ...rollback, parameters: rollback.target_state, target_state: rollback.parameters }
    expect(undoing).toMatchObject({ action, action_hash: actionHash(action), undoes: 'a1', risk: 'medium' })
    expect(undoing).toMatchObject({ requested_by: 'https://issuer|control-plane', approver_roles: ['team_manager', 'super_admin'] }) // prettier-ignore
    expect(undoing?.title['en']).toBe('Undo: Roll back shop / cart from cart:1.4.2 to cart:1.5.0')
    expect(undoing?.reason['en']).toBe('This made it worse: Roll back shop / cart from cart:1.5.0 to cart:1.4.2. cart latency_p95: 220 → 900') // prettier-ignore
    expect(undoing?.checks[0]).toMatchObject({ indicator: 'latency_p95', normal: 20, disturbed: 900 })
  })

  it.each<[what: string, levels: number[], change: Partial<ApprovalRequested>]>([
    ['only changed nothing', BAD, {}],
    ['helped', GOOD, {}],
    ['was an undoing itself', WORSE, { undoes: 'a0' }],
    ['cannot be undone', WORSE, { action: { ...rollback, type: 'restart', parameters: {} } }],
    ['has an unknown former state', WORSE, { action: { ...rollback, target_state: {} } }],
  ])('is not proposed to be undone if it %s', async (_what, levels, change) => {
    const { undoing, emissions } = await measured([levels, levels, levels], change)
    expect(undoing).toBeUndefined()
    expect(emissions).toEqual([['ActionCompleted']])
  })
})
