import { expect, it } from 'vitest'
import { observationsOf, type Fault } from '../../bench/outages/shop.ts'
import type { EvaluationCase } from '../../bench/rankings/cases.ts'
import { outageOf, placeIn, withEarlier } from '../../bench/rankings/earlier-outage.ts'
import { askedAgain, partnersOf } from '../../bench/rankings/second-outage.ts'

const MINUTE = 60_000

const caseOf = (truth: string | null, fault: Fault, seed: number): EvaluationCase => ({
  ...{
    system: 'shop',
    group: truth === null ? 'quiet' : 'faulted',
    id: `${truth}/${seed}`,
    truth,
    front: 'storefront',
  },
  observations: () => {
    const outages = truth === null ? [] : [{ service: truth, fault, start: -280, end: 0 }]
    return observationsOf({ seed, outages, since: 300, asked: 'storefront' })
  },
})
const cases = [
  caseOf('orders', 'slow', 1),
  caseOf('orders', 'slow', 2),
  caseOf('inventory', 'errors', 3),
  caseOf('inventory', 'slow', 4),
  caseOf(null, 'slow', 5),
]
const [asked, again, other, , quiet] = cases as [EvaluationCase, EvaluationCase, EvaluationCase, EvaluationCase, EvaluationCase] // prettier-ignore
const within = (one: { times: Float64Array; values: Float64Array }, { start, end }: { start: number; end: number }) =>
  one.values.filter((_, index) => one.times[index]! >= start && one.times[index]! < end)

it("inserts the other outage into the baseline, at this case's levels, and changes nothing else", () => {
  const [one, earlier] = [outageOf(asked)!, outageOf(again)!]
  const [plain, placed] = [one.observations, withEarlier(one, earlier)]
  const place = placeIn(one, earlier)
  expect(place).toEqual({ start: one.before.end - 15 * MINUTE, end: one.before.end - 10 * MINUTE })
  const latency = ({ series }: typeof plain) => series.find(({ service, indicator }) => service === 'orders' && indicator === 'latency_p50')! // prettier-ignore
  expect(Math.max(...within(latency(plain), place))).toBeLessThan(30)
  expect(within(latency(placed), place)).toHaveLength(30)
  expect(Math.max(...within(latency(placed), place))).toBeGreaterThan(200)
  for (const rest of [
    { ...one.before, end: place.start },
    { start: place.end, end: plain.window.end },
  ])
    expect(within(latency(placed), rest)).toEqual(within(latency(plain), rest))
  expect(Math.min(...placed.series.flatMap(({ values }) => [...values]))).toBeGreaterThanOrEqual(0)
})

it('moves its logs and spans with it, each trace once', () => {
  const told = { logs: [{ timestamp: 5 * MINUTE, service: 'a', message: 'm', traceId: 't' }], spans: [{ traceId: 't', spanId: 's', service: 'a', name: 'n', start: 5 * MINUTE, end: 6 * MINUTE }] } // prettier-ignore
  const outage = outageOf({ ...asked, observations: () => ({ ...told, series: [], edges: [], changes: [], baseline: { start: 0, end: 4 * MINUTE }, window: { start: 5 * MINUTE, end: 9 * MINUTE } }) })! // prettier-ignore
  const { logs, spans } = withEarlier(outage, outage)
  expect(logs.map(({ timestamp, traceId }) => [timestamp, traceId])).toEqual([[5 * MINUTE, 't'], [2 * MINUTE, 'earlier t']]) // prettier-ignore
  expect(spans.map(({ start, end, traceId }) => [start, end, traceId])).toEqual([[5 * MINUTE, 6 * MINUTE, 't'], [2 * MINUTE, 3 * MINUTE, 'earlier t']]) // prettier-ignore
})

it('asks each pair in both orders', () => {
  for (const question of cases.filter(({ truth }) => truth !== null)) {
    const partners = partnersOf(question, cases)
    expect(partners.map(([before]) => before)).toEqual(['another service', 'the same service'])
    for (const [before, partner] of partners) {
      expect(partner.truth === question.truth).toBe(before === 'the same service')
      expect(new Map(partnersOf(partner, cases)).get(before)).toBe(question)
    }
  }
  expect(partnersOf(other, [asked, other]).map(([, { id }]) => id)).toEqual([asked.id, other.id])
})

it('records whom the engine blames after an outage, and skips cases without a stated undisturbed time', () => {
  expect([...askedAgain(asked, cases)]).toEqual(['none', 'another service', 'the same service'].map((before) => [before, { verdict: 'incident', rank: 1 }])) // prettier-ignore
  expect([...askedAgain(quiet, cases)]).toEqual(['none', 'another service'].map((before) => [before, { verdict: 'nothing_wrong', rank: null }])) // prettier-ignore
  const { baseline: _baseline, ...rest } = asked.observations()
  expect(askedAgain({ ...asked, observations: () => rest }, cases).size).toBe(0)
  expect(askedAgain({ ...asked, observations: () => rest, exactly: asked.observations }, cases).size).toBe(3)
})
