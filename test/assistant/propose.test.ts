import { describe, expect, it } from 'vitest'
import { proposeRollback } from '../../agents/assistant/propose.ts'
import type { Evidence } from '../../agents/runtime/evidence.ts'
import type { Observations } from '../../analysis/observations.ts'
import type { Verdict } from '../../analysis/verdict.ts'
import { actionHash } from '../../schemas/action-hash.ts'

const text = { en: 'cart began to be slow right after its deployment', zh: 'cart 在部署後變慢' }
const verdict: Verdict = {
  verdict: 'incident',
  onset: 1000,
  ...{ phase: 'going_on', earlier: [], standing: [] },
  confidence: 0.9,
  rootCauses: [
    {
      rank: 1,
      service: 'cart',
      indicator: 'latency_p95',
      changeId: 'c1',
      score: 1,
      explanation: text,
      evidence: ['m1'],
      ...{ since: null, until: null, phase: 'going_on', isSeparate: false },
    },
  ],
  findings: [],
  evidence: [],
  missing: [],
  asOf: 0,
  nextQuery: null,
  ruledOut: [],
}
const series = (indicator: string, before: number, after: number) => ({
  service: 'cart',
  indicator,
  times: Float64Array.from([0, 500, 1000, 1500]),
  values: Float64Array.from([before, before, after, after]),
  evidence: 'm1',
})
const observations: Observations = {
  window: { start: 0, end: 2000 },
  series: [
    series('cpu', 0.1, 0.9),
    series('error_ratio', 0, 0.4),
    series('latency_p95', 20, 400),
    series('latency_p50', 10, 9),
  ],
  logs: [],
  spans: [],
  edges: [],
  changes: [],
}
const audit = {
  id: 'c1',
  timestamp: 990,
  event_type: 'DEPLOYMENT',
  author: 'ci',
  service_name: 'cart',
  summary: 'cart:2',
  changes: { before: { image_tag: 'cart:1' }, after: { image_tag: 'cart:2' } },
}
const target = (image_tag: string | null): Evidence => ({
  id: 't1',
  tool: 'control-plane',
  operation: 'resources',
  query: 'q',
  range: null,
  link: null,
  warnings: [],
  incomplete: false,
  durationMs: 1,
  redactions: 0,
  summary: 's',
  status: 'ok',
  data: [{ service_name: 'cart', namespace: 'shop', image_tag, replicas: 1, depends_on: [] }],
})
const propose = (
  change: Partial<Parameters<typeof proposeRollback>[0]> = {},
  items = [audit],
  state: Evidence | null = target('cart:2'),
) => proposeRollback({ ...verdict, ...change }, observations, items, state, null)

describe('proposing an action', () => {
  it("proposes exactly the rollback of the top-ranked deployment, bound to the target's state", () => {
    const proposal = propose().proposal
    expect(proposal?.action).toEqual({
      type: 'rollback',
      service: 'cart',
      namespace: 'shop',
      parameters: { image_tag: 'cart:1' },
      target_state: { image_tag: 'cart:2' },
    })
    expect(proposal?.actionHash).toBe(actionHash(proposal!.action))
    expect(proposal?.evidence).toEqual(['m1', 't1'])
  })

  it('will verify by the indicators that rose, with both levels', () => {
    expect(
      propose().proposal?.checks.map(({ indicator, normal, disturbed }) => ({ indicator, normal, disturbed })),
    ).toEqual([
      { indicator: 'latency_p95', normal: 20, disturbed: 400 },
      { indicator: 'error_ratio', normal: 0, disturbed: 0.4 },
    ])
  })

  it('names the tool that measured them, which will be queried again', () => {
    const recorded = proposeRollback(verdict, observations, [audit], target('cart:2'), null, () => 'recording').proposal
    expect(new Set(recorded?.checks.map(({ tool }) => tool))).toEqual(new Set(['recording']))
  })

  it('takes the levels before the release as normal, even if the onset was estimated too early', () => {
    const late = {
      service: 'cart',
      indicator: 'latency_p95',
      times: Float64Array.from([0, 100, 200, 300, 400, 500, 600, 700, 1000, 1100]),
      values: Float64Array.from([20, 20, 20, 20, 20, 20, 20, 20, 400, 400]),
    }
    const { proposal } = proposeRollback(
      { ...verdict, onset: 100 },
      { ...observations, series: [late] },
      [audit],
      target('cart:2'),
      null,
    )
    expect(proposal?.checks).toMatchObject([{ indicator: 'latency_p95', normal: 20, disturbed: 400 }])
  })

  const failed: Evidence = { ...target(null), status: 'failed', summary: '503', error: '503', data: null }
  it.each([
    ['nothing is wrong', { verdict: 'nothing_wrong' as const }, [audit], target('cart:2'), null],
    ['it is not sure', { confidence: 0.1 }, [audit], target('cart:2'), 'confidence in the cause is too low'],
    ['the cause is no deployment', {}, [{ ...audit, event_type: 'CONFIG_UPDATE' }], target('cart:2'), null],
    ['the release before is not known', {}, [{ ...audit, changes: { before: {}, after: {} } as never }], target('cart:2'), 'the previous release of cart is unknown'], // prettier-ignore
    ['another release runs by now', {}, [audit], target('cart:3'), 'cart now runs cart:3, not cart:2'],
    ['the running release is not known', {}, [audit], target(null), 'the running release of cart is unknown'],
    ['the target was not asked about', {}, [audit], null, 'the running release of cart is unknown'],
    ['the target could not be read', {}, [audit], failed, 'the state of cart could not be read: 503'],
  ])(
    'proposes nothing to run when %s, and says why where a rollback might have been',
    (_when, change, items, state, why) => {
      const proposed = propose(change, items, state)
      expect(proposed.proposal).toBeNull()
      if (proposed.proposal === null) expect(proposed.why?.en ?? null).toBe(why && `No action is proposed: ${why}.`)
    },
  )
})
