import { describe, expect, it } from 'vitest'
import { judgeChanges, type Seen, withService } from '../../../analysis/ranking/changes.ts'
import { diagnose } from '../../../analysis/diagnose.ts'
import type { CallEdge, Change, Series } from '../../../analysis/observations.ts'
import { randomFrom } from '../../../bench/rankings/measures.ts'

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

/** Three services with four indicators each; `added` is added from the fault on. */
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
  it('is not an incident in a quiet system', () => {
    const verdicts = Array.from({ length: 40 }, (_, seed) => {
      const quiet = noise(seed + 1)
      return [ask(quiet, []).verdict, ask(quiet, [change('cart', FAULT - 30_000)]).verdict]
    })
    expect(verdicts.filter(([without, with_]) => without !== with_)).toEqual([])
    expect(verdicts.filter(([without]) => without === 'incident').length).toBeLessThanOrEqual(1)
  })

  it('decides between two equally disturbed services', () => {
    const both = noise(1, (service, indicator) => (service !== 'front' && indicator === 'latency_p95' ? 30 : 0))
    for (const service of ['cart', 'mail'])
      expect(ask(both, [change(service, FAULT - 30_000)]).rootCauses[0]).toMatchObject({ service })
  })

  it('is evaluated in linear time', () => {
    let looks = 0
    const counted = (at: number): Change =>
      Object.defineProperty(change('cart', 0), 'timestamp', { enumerable: true, get: () => ((looks += 1), FAULT - at) })
    const moved = noise(1, (service) => (service === 'cart' ? 30 : 0))
    const seen: Seen[] = [{ service: 'cart', moved: true, suffers: true, isOver: false, series: moved.slice(4, 8) }]
    const known = {
      window: { start: 0, end: POINTS * STEP },
      series: moved,
      logs: [],
      spans: [],
      edges: [],
      changes: [],
    }
    const looksFor = (count: number): number => {
      looks = 0
      const changes = Array.from({ length: count }, (_, at) => counted(at))
      judgeChanges(seen, { changes, onset: FAULT, known, edges: [], reached: null })
      return looks / count
    }
    expect(looksFor(3000)).toBeLessThan(12)
  })

  it('without a service is assigned by its file paths', () => {
    const files = { files: ['services/cart/src/add.ts', 'README.md'] }
    expect(withService(change('', 0, { detail: files }), new Set(['cart', 'mail'])).service).toBe('cart')
    expect(withService(change('', 0, { detail: files }), new Set(['art', 'mail'])).service).toBe('')
    expect(withService(change('mail', 0, { detail: files }), new Set(['cart', 'mail'])).service).toBe('mail')
    const moved = noise(1, (service) => (service === 'cart' ? 30 : 0))
    expect(ask(moved, [change('', FAULT - 30_000, { detail: files })]).rootCauses[0]).toMatchObject({ service: 'cart', changeId: `@${FAULT - 30_000}` }) // prettier-ignore
  })
})

describe('a change is judged', () => {
  const latency = (service: string, from: number): Series => ({
    service,
    indicator: 'latency_p95',
    times,
    values: times.map((time, index) => 10 + (index % 3) + (time < from ? 0 : 30)),
  })
  const seen = (service: string, from: number, more: Partial<Seen> = {}): Seen => ({
    service,
    moved: true,
    suffers: true,
    isOver: false,
    series: [latency(service, from)],
    ...more,
  })
  const judge = (
    changes: Change[],
    services: Seen[],
    { edges = [], reached = null }: { edges?: CallEdge[]; reached?: Set<string> | null } = {},
  ) => judgeChanges(services, { changes, onset: FAULT, known: { window: { start: 0, end: POINTS * STEP } }, edges, reached }) // prettier-ignore
  const late = change('cart', FAULT)
  const told = (judged: ReturnType<typeof judge>) => judged.map(({ guilt, against }) => [guilt, against?.en])

  it('by whether its own signals moved first', () => {
    const [front, cart] = [seen('front', FAULT), seen('cart', FAULT)]
    expect(told(judge([late], [front, cart]))).toEqual([[1, undefined]])
    expect(told(judge([late], [front, seen('cart', FAULT - 600_000)]))).toEqual([
      [0, 'signals of cart moved before the change'],
    ])
    expect(told(judge([late], [front, seen('cart', FAULT + 300_000)]))).toEqual([[0.5, 'front moved before cart']])
    expect(told(judge([late], [front, seen('cart', FAULT, { moved: false })]))).toEqual([
      [0, 'no signal of cart moved'],
    ])
  })

  it('by the services it can affect', () => {
    const services = [seen('front', FAULT), seen('cart', FAULT)]
    expect(told(judge([late], services, { reached: new Set(['front', 'cart']) }))).toEqual([[1, undefined]])
    expect(told(judge([late], services, { reached: new Set(['front']) }))).toEqual([
      [0.5, 'the alerted service does not call cart'],
    ])
    const edges = [{ from: 'front', to: 'cart' }]
    expect(told(judge([late], services, { edges }))).toEqual([[1, undefined]])
    expect(told(judge([late], [seen('front', FAULT, { suffers: false }), seen('cart', FAULT)], { edges }))).toEqual([
      [0.5, 'no caller of cart was affected'],
    ])
    expect(told(judge([change('front', FAULT)], services, { edges }))).toEqual([[1, undefined]])
  })

  it('by how many earlier changes of its type were harmless', () => {
    const services = [seen('front', FAULT), seen('cart', FAULT)]
    const before = [1, 2].map((quarters) => change('mail', FAULT - 60_000 - quarters * 900_000))
    expect(told(judge([...before, late], services)).at(-1)).toEqual([
      0.5,
      '2 earlier changes of this type broke nothing',
    ])
    expect(told(judge([...before, { ...late, type: 'SCALE' }], services)).at(-1)).toEqual([1, undefined])
  })

  it('even if its service is unknown', () => {
    const [judged] = judge([change('', FAULT)], [seen('front', FAULT)])
    expect(judged?.against).toEqual({ en: 'no signal of what it changed moved', zh: '被變更的對象的訊號沒有變化' })
  })

  it('by whether it came after or long before the onset', () => {
    const services = [seen('front', FAULT), seen('cart', FAULT)]
    const long = [1, 30 * 24].map((hours) => change('cart', FAULT - hours * 3_600_000))
    expect(judge(long, services).map(({ against }) => against?.en)).toEqual([
      'it came long before the onset',
      'it came long before the onset',
    ])
    const after = 'it came after the onset'
    expect(told(judge([change('cart', FAULT + 120_000)], services))).toEqual([[0, after]])
    expect(told(judge([change('cart', POINTS * STEP + 1)], services))).toEqual([[0, after]])
  })

  it('never by closeness in time alone', () => {
    const moved = noise(1, (service) => (service === 'cart' ? 30 : 0))
    const { rootCauses, ruledOut } = ask(moved, [change('mail', FAULT - 1000), change('cart', FAULT - 240_000)])
    expect(rootCauses[0]).toMatchObject({ service: 'cart', changeId: `cart@${FAULT - 240_000}` })
    expect(ruledOut).toEqual([{ changeId: `mail@${FAULT - 1000}`, service: 'mail', reason: { en: 'no signal of mail moved', zh: 'mail 的訊號沒有變化' } }]) // prettier-ignore
  })
})

describe('symptom and cause', () => {
  it('explains the latency of a caller by the saturation of its callee', () => {
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
