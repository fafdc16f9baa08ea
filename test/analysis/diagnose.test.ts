import { describe, expect, it } from 'vitest'
import { diagnose } from '../../analysis/diagnose.ts'
import { summaryOf } from '../../analysis/summary.ts'
import type { Observations, Series } from '../../analysis/observations.ts'

const START = Date.parse('2026-03-01T12:00:00Z')
const STEP = 5000
const POINTS = 120
const FAULT = START + 80 * STEP

/** A level with small deterministic noise that changes at the fault. */
function series(service: string, indicator: string, before: number, during = before, unit?: string): Series {
  const times = Float64Array.from({ length: POINTS }, (_, index) => START + index * STEP)
  const values = times.map((time, index) => (time < FAULT ? before : during) * (1 + 0.02 * Math.sin(index * 1.7)))
  return { service, indicator, times, values, evidence: `m:${service}`, ...(unit === undefined ? {} : { unit }) }
}
const healthy = (service: string) => [
  series(service, 'latency_p95', 20, 20, 'ms'),
  series(service, 'error_ratio', 0),
  series(service, 'request_rate', 10),
]
const broken = (service: string, factor = 20) => [
  series(service, 'latency_p95', 20, 20 * factor, 'ms'),
  series(service, 'error_ratio', 0, 0.2),
  series(service, 'request_rate', 10),
]
const observations = (parts: Partial<Observations>): Observations => ({
  window: { start: START, end: START + POINTS * STEP },
  series: [],
  logs: [],
  spans: [],
  edges: [],
  changes: [],
  ...parts,
})
const shop = [
  { from: 'frontend', to: 'cart' },
  { from: 'frontend', to: 'catalog' },
]
const deployment = (service: string, timestamp: number, id = `deploy-${service}`) => ({
  id,
  timestamp,
  type: 'DEPLOYMENT',
  service,
  summary: `${service}:2`,
  evidence: 'changes',
})

describe('diagnosing', () => {
  it('names the service, the onset and the deployment that caused it', () => {
    const verdict = diagnose(
      observations({
        series: [...broken('cart'), ...healthy('catalog')],
        changes: [deployment('cart', FAULT - 10_000)],
      }),
    )
    expect(verdict.verdict).toBe('incident')
    expect(Math.abs((verdict.onset ?? 0) - FAULT)).toBeLessThan(30_000)
    expect(verdict.rootCauses[0]).toMatchObject({ rank: 1, service: 'cart', changeId: 'deploy-cart' })
    expect(verdict.rootCauses[0]?.evidence).toEqual(expect.arrayContaining(['m:cart', 'changes']))
    expect(verdict.confidence).toBeGreaterThan(0.5)
  })

  it('blames the faulty callee, not its affected callers', () => {
    const verdict = diagnose(
      observations({ series: [...broken('frontend', 22), ...broken('cart', 20), ...healthy('catalog')], edges: shop }),
    )
    expect(verdict.rootCauses.map((cause) => cause.service)).toEqual(['cart', 'frontend', 'catalog'])
  })

  it('rules out an innocent deployment nearby, with the reason', () => {
    const changes = [
      deployment('cart', FAULT - 20_000),
      deployment('catalog', FAULT - 5_000),
      deployment('cart', FAULT + 200_000, 'late'),
    ]
    const verdict = diagnose(observations({ series: [...broken('cart'), ...healthy('catalog')], edges: shop, changes }))
    expect(verdict.rootCauses[0]?.changeId).toBe('deploy-cart')
    expect(verdict.ruledOut.map((one) => [one.changeId, one.reason.en])).toEqual([
      ['deploy-catalog', 'no signal of catalog moved'],
      ['late', 'it came after the onset'],
    ])
  })

  it('names near-equal changes as alternatives, and none of them as the cause', () => {
    const changes = [
      deployment('cart', FAULT - 20_000, 'first'),
      deployment('cart', FAULT - 5_000, 'second'),
      { ...deployment('frontend', FAULT - 60_000), type: 'SCALE' },
    ]
    const verdict = diagnose(observations({ series: [...broken('cart'), ...broken('frontend', 10)], changes }))
    expect(verdict.rootCauses[0]).toMatchObject({ service: 'cart', changeId: null })
    const { suspects, none } = verdict.suspectedChanges!
    expect(suspects.map(({ changeId }) => changeId).sort()).toEqual(['deploy-frontend', 'first', 'second'])
    expect(Math.max(...suspects.map(({ probability }) => probability))).toBeLessThan(0.5)
    expect(none).toBeLessThan(0.25)
    expect(verdict.ruledOut).toEqual([])
    const summary = summaryOf(verdict).map(({ en }) => en).join(' ') // prettier-ignore
    expect(summary).toMatch(
      /Which change caused it, if any, is open: \d+ % deployment of cart .*; \d+ % deployment of cart .*; \d+ % scaling of frontend /,
    )
    expect(summary).not.toContain('after the')
  })

  it('says that nothing is wrong when nothing moved', () => {
    const verdict = diagnose(
      observations({ series: [...healthy('cart'), ...healthy('catalog')], changes: [deployment('cart', FAULT)] }),
    )
    expect(verdict).toMatchObject({ verdict: 'nothing_wrong', onset: null })
    expect(verdict.confidence).toBeGreaterThan(0.5)
    expect(verdict.ruledOut).toHaveLength(1)
  })

  it('is inconclusive without data, and lists the data gaps', () => {
    const verdict = diagnose(observations({}))
    expect(verdict.verdict).toBe('inconclusive')
    expect(verdict.missing.map((text) => text.en)).toEqual(['no metrics', 'no logs', 'no known changes'])
  })

  it('reports missing traces and call graph if there are several services', () => {
    const lacking = (parts: Partial<Observations>) =>
      diagnose(observations({ series: [...broken('cart'), ...healthy('catalog')], ...parts })).missing.map(({ en }) => en) // prettier-ignore
    const both = ['no traces', 'no call graph']
    expect(lacking({})).toEqual(expect.arrayContaining(both))
    expect(lacking({ edges: shop })).toContain(both[0])
    expect(lacking({ edges: shop })).not.toContain(both[1])
    const span = { traceId: 't', spanId: 's', service: 'cart', name: 'add', start: START, end: START + 1 }
    for (const none of [lacking({ spans: [span] }), lacking({ series: broken('cart') })])
      for (const one of both) expect(none).not.toContain(one)
  })

  it('uses new error log lines', () => {
    const line = (index: number, during: boolean) => ({
      timestamp: during ? FAULT + index * 1000 : START + index * 1000,
      service: 'cart',
      level: during ? 'error' : 'info',
      message: during ? `no price for item ${index}` : `added item ${index}`,
      evidence: 'l:cart',
    })
    const logs = [
      ...Array.from({ length: 200 }, (_, index) => line(index, false)),
      ...Array.from({ length: 40 }, (_, index) => line(index, true)),
    ]
    const verdict = diagnose(observations({ series: [...broken('cart', 3), ...healthy('catalog')], logs }))
    expect(verdict.findings.some((finding) => finding.source === 'logs' && finding.evidence.includes('l:cart'))).toBe(
      true,
    )
  })

  it('never gives an all-clear while users are affected, even if the baseline was as bad', () => {
    const level = (time: number) =>
      time >= FAULT ? 85 : time >= START + 20 * STEP && time < START + 26 * STEP ? 70 : 100
    const success = (service: string): Series => {
      const steady = series(service, 'success_rate', 100)
      return { ...steady, values: steady.times.map(level) }
    }
    const asked = (service: string) =>
      diagnose(observations({ series: [success(service), ...healthy('cart'), ...healthy('catalog')], edges: shop }))
    expect(asked('frontend').verdict).not.toBe('nothing_wrong')
    expect(asked('frontend').rootCauses[0]?.service).toBe('frontend')
  })

  it('suggests the query that would distinguish the two top candidates', () => {
    const both = [...broken('frontend', 22), ...broken('cart', 20)]
    const asked = (parts: Partial<Observations>) => diagnose(observations({ series: both, edges: shop, ...parts }))
    const traces = asked({})
    expect(traces.nextQuery).toMatchObject({ source: 'traces', services: ['frontend', 'cart'] })
    expect(traces.missing.at(-1)).toEqual(traces.nextQuery?.text)
    expect(asked({ edges: [] }).nextQuery).toMatchObject({ source: 'logs', services: expect.arrayContaining(['cart', 'frontend']) }) // prettier-ignore
    const logs = ['cart', 'frontend'].map((service) => ({ timestamp: START, service, message: 'ready' }))
    const cpu = series('cart', 'cpu', 20, 90)
    expect(asked({ edges: [], logs, series: [...both, cpu] }).nextQuery).toMatchObject({ source: 'metrics', services: ['frontend'], indicator: 'cpu' }) // prettier-ignore
    expect(asked({ edges: [], logs }).nextQuery).toMatchObject({ source: 'changes' })
    expect(asked({ edges: [], logs, changes: [deployment('mail', START)] }).nextQuery).toBeNull()
  })

  it('works with a separate baseline, and with a claimed onset that is minutes off', () => {
    const baseline = { start: START, end: START + 60 * STEP }
    const window = { start: START + 70 * STEP, end: START + POINTS * STEP }
    const verdict = diagnose(
      observations({ series: [...broken('cart'), ...healthy('catalog')], baseline, window, onset: FAULT + 90_000 }),
    )
    expect(verdict.rootCauses[0]?.service).toBe('cart')
  })

  it('ignores a claimed onset outside the window, and says so', () => {
    const asked = (parts: Partial<Observations>) =>
      diagnose(observations({ series: [...broken('cart'), ...healthy('catalog')], ...parts }))
    const outside = 'the given onset is outside the window and was ignored'
    const { missing, ...unclaimed } = asked({})
    for (const onset of [START - 3_600_000, START + POINTS * STEP + 1]) {
      const { missing: lacking, ...found } = asked({ onset })
      expect(found).toEqual(unclaimed)
      expect(lacking.map(({ en }) => en)).toContain(outside)
    }
    for (const onset of [FAULT, START - 60_000])
      expect(asked({ onset }).missing.map(({ en }) => en)).not.toContain(outside)
    expect(missing.map(({ en }) => en)).not.toContain(outside)
  })

  it('handles the irregular data of real sources', () => {
    const strange: Series[] = [
      { service: 'a', indicator: 'cpu', times: new Float64Array(0), values: new Float64Array(0) },
      { service: 'a', indicator: 'mem', times: Float64Array.of(START), values: Float64Array.of(1) },
      {
        service: 'b',
        indicator: 'x',
        times: Float64Array.of(START, START, START + 1),
        values: Float64Array.of(Number.NaN, Number.POSITIVE_INFINITY, 2),
      },
      series('c', 'constant', 5),
    ]
    const verdict = diagnose(observations({ series: strange, edges: [{ from: 'a', to: 'b' }, { from: 'b', to: 'a' }, { from: 'x', to: 'x' }], changes: [deployment('nobody', FAULT * 2)] })) // prettier-ignore
    expect(JSON.stringify(verdict)).not.toMatch(/NaN|Infinity/)
    expect(verdict.verdict).not.toBe('incident')
  })
})
