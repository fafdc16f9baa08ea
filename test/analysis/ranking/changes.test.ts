import { describe, expect, it } from 'vitest'
import { guiltOf, withService } from '../../../analysis/ranking/changes.ts'
import { diagnose } from '../../../analysis/diagnose.ts'
import type { Change, Series } from '../../../analysis/observations.ts'
import { randomFrom } from '../../../bench/measures.ts'

const STEP = 15_000
const POINTS = 240
const FAULT = 160 * STEP
const times = Float64Array.from({ length: POINTS }, (_, index) => index * STEP)
const change = (service: string, timestamp: number, more: Partial<Change> = {}): Change => ({
  id: `${service}@${timestamp}`,
  timestamp,
  type: 'DEPLOYMENT',
  service,
  summary: 'v2',
  ...more,
})

/** Three services of four indicators; what is added from the fault on. */
function noise(seed: number, added: (service: string, indicator: string) => number = () => 0): Series[] {
  const random = randomFrom(seed)
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return ['front', 'cart', 'mail'].flatMap((service) =>
    ['latency_p95', 'cpu', 'request_rate', 'memory'].map((indicator): Series => ({
      service,
      indicator,
      times,
      values: times.map((time) => 10 + normal() + (time < FAULT ? 0 : added(service, indicator))),
    })),
  )
}
const ask = (series: Series[], changes: Change[]) =>
  diagnose({ window: { start: 0, end: POINTS * STEP }, onset: FAULT, series, logs: [], spans: [], edges: [], changes })

describe('a change', () => {
  it('makes no incident of a quiet system', () => {
    const verdicts = Array.from({ length: 40 }, (_, seed) => {
      const quiet = noise(seed + 1)
      return [ask(quiet, []).verdict, ask(quiet, [change('cart', FAULT - 30_000)]).verdict]
    })
    expect(verdicts.filter(([without, with_]) => without !== with_)).toEqual([])
    expect(verdicts.filter(([without]) => without === 'incident').length).toBeLessThanOrEqual(1)
  })

  it('tells which of two that are as disturbed began it', () => {
    const both = noise(1, (service, indicator) => (service !== 'front' && indicator === 'latency_p95' ? 30 : 0))
    for (const service of ['cart', 'mail'])
      expect(ask(both, [change(service, FAULT - 30_000)]).rootCauses[0]).toMatchObject({ service })
  })

  it('is the less suspected the more of its kind began nothing', () => {
    const late = change('cart', FAULT - 30_000)
    const before = [1, 2].map((hours) => change('mail', FAULT - hours * 3_600_000))
    expect(guiltOf(late, [late], FAULT)).toBe(1)
    expect(guiltOf(late, [...before, late], FAULT)).toBe(0.5)
    expect(guiltOf({ ...late, type: 'SCALE' }, [...before, late], FAULT)).toBe(1)
  })

  it('is of the service in whose folder its files lie, where it names none', () => {
    const files = { files: ['services/cart/src/add.ts', 'README.md'] }
    expect(withService(change('', 0, { detail: files }), ['cart', 'mail']).service).toBe('cart')
    expect(withService(change('', 0, { detail: files }), ['art', 'mail']).service).toBe('')
    expect(withService(change('mail', 0, { detail: files }), ['cart', 'mail']).service).toBe('mail')
    const moved = noise(1, (service) => (service === 'cart' ? 30 : 0))
    expect(ask(moved, [change('', FAULT - 30_000, { detail: files })]).rootCauses[0]).toMatchObject({ service: 'cart', changeId: `@${FAULT - 30_000}` }) // prettier-ignore
  })
})

describe('symptom and cause', () => {
  it('lets the saturation of a callee explain the time of its caller', () => {
    const added = (service: string, indicator: string): number =>
      service === 'front' && indicator === 'latency_p95' ? 190 : service === 'cart' && indicator === 'cpu' ? 60 : 0
    const series = noise(3, added).filter(
      ({ service, indicator }) => service === 'front' || indicator !== 'latency_p95',
    )
    const window = { start: 0, end: POINTS * STEP }
    const edges = [{ from: 'front', to: 'cart' }, { from: 'front', to: 'mail' }] // prettier-ignore
    const base = { window, series, logs: [], spans: [], edges, changes: [] }
    const alert = { service: 'front', summary: 'slow', labels: { metric: 'latency_p95' } }
    expect(diagnose(base).rootCauses[0]?.service).toBe('cart')
    expect(diagnose({ ...base, alert }).rootCauses[0]?.service).toBe('cart')
  })
})
