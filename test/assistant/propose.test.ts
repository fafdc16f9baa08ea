import { describe, expect, it } from 'vitest'
import { readCatalogue } from '../../actions/read.ts'
import { SHIPPED } from '../../actions/shipped.ts'
import { propose as proposeFrom, type Proposing } from '../../agents/assistant/propose.ts'
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
  suspectedChanges: suspected({ c1: 0.9 }),
}

/** Changes of cart with their probabilities. */
function suspected(probabilities: Record<string, number>): Verdict['suspectedChanges'] {
  const suspects = Object.entries(probabilities).map(([changeId, probability]) => ({ changeId, service: 'cart', probability, text: { en: changeId, zh: changeId }, evidence: ['a1'] })) // prettier-ignore
  return { suspects, none: suspects.reduce((left, { probability }) => left - probability, 1) }
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
const catalogue = readCatalogue(SHIPPED)
const of = (change: Partial<Proposing>) =>
  proposeFrom({
    catalogue,
    verdict,
    observations,
    audit: [audit],
    target: target('cart:2'),
    namespace: null,
    ...change,
  })
const propose = (change: Partial<Verdict> = {}, items = [audit], state: Evidence | null = target('cart:2')) =>
  of({ verdict: { ...verdict, ...change }, audit: items, target: state })

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

  it('says in the reason how likely it is that this release caused it', () => {
    const { en, 'zh-TW': zh } = propose().proposal!.reason
    expect(en).toBe(`${text.en}. This release caused it with a probability of 90 %.`)
    expect(zh).toBe(`${text.zh}。此版本造成異常的機率為 90 %。`)
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
    const recorded = of({ toolOf: () => 'recording' }).proposal
    expect(new Set(recorded?.checks.map(({ tool }) => tool))).toEqual(new Set(['recording']))
  })

  it('takes the levels before the release as normal, even if the onset was estimated too early', () => {
    const late = {
      service: 'cart',
      indicator: 'latency_p95',
      times: Float64Array.from([0, 100, 200, 300, 400, 500, 600, 700, 1000, 1100]),
      values: Float64Array.from([20, 20, 20, 20, 20, 20, 20, 20, 400, 400]),
    }
    const { proposal } = of({ verdict: { ...verdict, onset: 100 }, observations: { ...observations, series: [late] } })
    expect(proposal?.checks).toMatchObject([{ indicator: 'latency_p95', normal: 20, disturbed: 400 }])
  })

  const released = (id: string, timestamp: number, before: string, after: string): typeof audit => ({ ...audit, id, timestamp, changes: { before: { image_tag: before }, after: { image_tag: after } } }) // prettier-ignore
  const releases = [released('c1', 900, 'cart:1', 'cart:2'), released('c2', 990, 'cart:2', 'cart:3')]
  const undecided = (probabilities: Record<string, number>): Partial<Verdict> => ({ suspectedChanges: suspected(probabilities), rootCauses: [{ ...verdict.rootCauses[0]!, changeId: null }] }) // prettier-ignore

  it('goes back before all suspect releases, even if no single one is likely, and says so', () => {
    const { proposal } = propose(undecided({ c2: 0.45, c1: 0.4 }), releases, target('cart:3'))
    expect(proposal?.action).toMatchObject({ type: 'rollback', parameters: { image_tag: 'cart:1' }, target_state: { image_tag: 'cart:3' } }) // prettier-ignore
    expect(proposal?.reason['en']).toContain(
      '2 releases of cart are suspect: cart:2 (40 %), cart:3 (45 %). The rollback goes back before all of them.',
    )
    expect(proposal?.reason['zh-TW']).toContain(
      'cart 有 2 個可疑版本：cart:2（40 %）、cart:3（45 %）。將退版至這些版本之前的版本。',
    )
  })

  it('does not go back to the release that runs again already', () => {
    const undone = [released('c1', 900, 'cart:1', 'cart:2'), released('c2', 990, 'cart:2', 'cart:1')]
    const { proposal, why } = { why: null, ...propose(undecided({ c2: 0.45, c1: 0.4 }), undone, target('cart:1')) }
    expect(proposal).toBeNull()
    expect(why?.en).toBe('No action is proposed: cart already runs cart:1, the release before the suspect ones.')
  })

  it('does not go back before a release that is probably innocent', () => {
    const { proposal } = propose({ suspectedChanges: suspected({ c2: 0.9, c1: 0.05 }) }, releases, target('cart:3'))
    expect(proposal?.action.parameters).toEqual({ image_tag: 'cart:2' })
  })

  it.each<[what: string, probabilities: Record<string, number>]>([
    ['probably no change did it', { c1: 0.3 }],
    ['it is as likely that it did not', { c1: 0.3, c2: 0.2 }],
    ['a configuration change may have done it as well', { flag: 0.5, c1: 0.45 }],
  ])('proposes no rollback when %s', (_what, probabilities) => {
    const items = [...releases, { ...audit, id: 'flag', event_type: 'CONFIG_UPDATE' }]
    const { proposal, why } = { why: null, ...propose(undecided(probabilities), items, target('cart:3')) }
    expect(proposal).toBeNull()
    expect(why).toMatchObject({
      en: 'No action is proposed: no release of cart is more likely than not to be the cause.',
    })
  })

  const failed: Evidence = { ...target(null), status: 'failed', summary: '503', error: '503', data: null }
  it.each([
    ['nothing is wrong', { verdict: 'nothing_wrong' as const }, [audit], target('cart:2'), null],
    ['it is not sure', { confidence: 0.1 }, [audit], target('cart:2'), 'confidence in the cause is too low'],
    ['the cause is no deployment', {}, [{ ...audit, event_type: 'CONFIG_UPDATE' }], target('cart:2'), null],
    ['the release before is not known', {}, [{ ...audit, changes: { before: {}, after: {} } as never }], target('cart:2'), 'the previous release of cart is unknown'], // prettier-ignore
    ['another release runs by now', {}, [audit], target('cart:3'), 'cart now runs cart:3, not cart:2'],
    ['the running release is not known', {}, [audit], target(null), 'the running release of cart is unknown'],
    ['the target was not asked about', {}, [audit], null, 'the state of cart is unknown'],
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

describe('without a change to blame', () => {
  const at = (count: number, value: (index: number) => number) => ({
    times: Float64Array.from({ length: count }, (_, index) => index * 1000),
    values: Float64Array.from({ length: count }, (_, index) => value(index)),
  })
  const [ONSET, END] = [30, 60]
  const told = (service: string, indicator: string, before: number, during: number | ((index: number) => number), count = END) => ({ service, indicator, evidence: `${service} ${indicator}`, ...at(count, (index) => index < ONSET ? before : typeof during === 'number' ? during : during(index)) }) // prettier-ignore
  const front = told('front', 'latency_p95', 50, 900)
  const seen = (series: Observations['series'], change: Partial<Observations> = {}): Observations => ({
    ...observations,
    window: { start: 0, end: END * 1000 },
    edges: [
      { from: 'front', to: 'cart' },
      { from: 'cart', to: 'stock' },
    ],
    series,
    ...change,
  })
  const blamed = (change: Partial<Verdict['rootCauses'][number]> = {}): Verdict => ({
    ...verdict,
    onset: ONSET * 1000,
    rootCauses: [{ ...verdict.rootCauses[0]!, changeId: null, ...change }],
    suspectedChanges: null,
  })
  const proposed = (series: Observations['series'], change: Partial<Proposing> = {}) =>
    of({ verdict: blamed(), observations: seen(series), audit: [], ...change })

  const dead = [front, told('cart', 'latency_p95', 20, 20, ONSET + 2), told('stock', 'latency_p95', 5, 5)]
  const leaking = [front, told('cart', 'latency_p95', 20, 400), told('cart', 'request_rate', 10, 10), told('cart', 'memory', 100, (index) => 100 + 10 * (index - ONSET))] // prettier-ignore
  const busy = [front, told('cart', 'latency_p95', 20, 400), told('cart', 'request_rate', 10, 25), told('stock', 'latency_p95', 5, 5)] // prettier-ignore

  it('proposes to restart a process that no longer reports while others do', () => {
    const { proposal } = proposed(dead)
    expect(proposal?.action).toEqual({ type: 'restart', service: 'cart', namespace: 'shop', parameters: {}, target_state: { image_tag: 'cart:2' } }) // prettier-ignore
    expect(proposal?.reason['en']).toContain(
      'cart has reported nothing since 1970-01-01T00:00:31.000Z, while others have',
    )
    expect(proposal).toMatchObject({ risk: 'low', undo: { en: 'Cannot be undone: the replaced processes are gone' } })
    expect(proposal?.checks).toMatchObject([{ service: 'front', indicator: 'latency_p95', normal: 50, disturbed: 900 }])
  })

  it('proposes to restart a process whose memory keeps growing without more traffic', () => {
    const { proposal } = proposed(leaking)
    expect(proposal?.action.type).toBe('restart')
    expect(proposal?.reason['en']).toMatch(/grown to 3\.\d times its normal level and keeps growing/)
  })

  it('proposes replicas in proportion to the traffic, at most three times as many, within the bounds', () => {
    const { proposal } = proposed(busy)
    expect(proposal?.action).toMatchObject({ type: 'scale', parameters: { replicas: '3' }, target_state: { replicas: '1' } }) // prettier-ignore
    expect(proposal?.reason['en']).toContain('2.5 times its normal traffic')
    expect(proposal?.undo['en']).toBe('Scale shop / cart from 3 replicas to 1 replica')
    const state = {
      ...target('cart:2'),
      data: [{ ...(target('cart:2').data as [object])[0], replicas: 4 }],
    } as Evidence
    expect(proposed(busy, { target: state }).proposal?.action.parameters).toEqual({ replicas: '5' })
  })

  it.each<[what: string, proposal: ReturnType<typeof propose>]>([
    ['everything is silent, and so is the monitoring', proposed(dead.map((one) => ({ ...one, ...at(ONSET + 2, () => 1) })))], // prettier-ignore
    ['memory grew once and stays', proposed([...leaking.slice(0, 3), told('cart', 'memory', 100, 300)])],
    ['memory grew with the traffic', proposed([leaking[0]!, leaking[1]!, told('cart', 'request_rate', 10, 14), leaking[3]!])], // prettier-ignore
    ['it has more traffic and copes', proposed([busy[2]!, told('cart', 'latency_p95', 20, 21)])],
    ['what it calls is slow too', proposed([...busy.slice(0, 3), told('stock', 'latency_p95', 5, 300)])],
    ['it is slow for no known reason', proposed([front, told('cart', 'latency_p95', 20, 400), told('cart', 'request_rate', 10, 10)])], // prettier-ignore
    ['it is over', proposed(dead, { verdict: blamed({ phase: 'over' }) })],
  ])('proposes nothing when %s', (_what, { proposal }) => {
    expect(proposal).toBeNull()
  })

  it.each<[what: string, change: Partial<Proposing>, why: string]>([
    ['confidence is low', { verdict: { ...blamed(), confidence: 0.1 } }, 'confidence in the cause is too low'],
    ['the catalogue has nothing for it', { catalogue: new Map() }, 'the catalogue has no action for more traffic'],
    ['it has the most replicas already', { target: { ...target('cart:2'), data: [{ ...(target('cart:2').data as [object])[0], replicas: 5 }] } as Evidence }, 'cart already has 5 replicas'], // prettier-ignore
    ['its replicas are unknown', { target: { ...target('cart:2'), data: [{ ...(target('cart:2').data as [object])[0], replicas: null }] } as Evidence }, 'the number of replicas of cart is unknown'], // prettier-ignore
  ])('says why nothing is proposed when %s', (_what, change, why) => {
    const answer = proposed(busy, change)
    expect(answer.proposal === null && answer.why?.en).toContain(why)
  })

  it('proposes the first action of the catalogue that fits, with its defaults', () => {
    const script = { ...catalogue.get('run_script')!, fits: ['memory_growth' as const] }
    const values = { ...script.parameters.get('script')!, default: 'clear_carts' }
    const first = { ...script, parameters: new Map([...script.parameters, ['script', values]]) }
    const { proposal } = proposed(leaking, {
      catalogue: new Map([
        ['run_script', first],
        ['restart', catalogue.get('restart')!],
      ]),
    })
    expect(proposal).toMatchObject({ risk: 'high', action: { type: 'run_script', parameters: { script: 'clear_carts', limit: '400' } } }) // prettier-ignore
  })
})
