import fc from '../../properties/seeded.ts'
import { describe, expect, it } from 'vitest'
import type { Span } from '../../../analysis/observations.ts'
import { compareTraces } from '../../../analysis/traces/compare.ts'
import { traceSeries } from '../../../analysis/traces/series.ts'
import { traceText } from '../../../analysis/traces/text.ts'
import { callEdges, placeSpans } from '../../../analysis/traces/tree.ts'

interface Shape {
  cartMs?: number
  networkMs?: number
  fails?: boolean
  withoutCall?: boolean
}

/** frontend → (client span) → cart → (database), as one request each. */
function request(n: number, { cartMs = 10, networkMs = 1, fails = false, withoutCall = false }: Shape = {}): Span[] {
  const at = 1_000_000 + n * 1_000
  const jitter = (n % 5) * 0.2
  const cart = cartMs + jitter + 5
  const status = fails ? { status: 'ERROR' } : {}
  const span = (spanId: string, service: string, name: string, start: number, ms: number, parent?: string): Span => ({
    traceId: `t${n}`,
    spanId,
    service,
    name,
    start,
    end: start + ms,
    ...(parent === undefined ? {} : { parentSpanId: parent }),
  })
  const client = cart + 2 * networkMs
  const spans = [span('1', 'frontend', 'buy', at, client + 4), span('2', 'frontend', 'GET cart', at + 2, client, '1')]
  if (withoutCall) return spans
  return [
    { ...spans[0]!, ...status },
    { ...spans[1]!, ...status, attributes: { 'span.kind': 'client' } },
    { ...span('3', 'cart', 'get', at + 2 + networkMs, cart, '2'), ...status },
    span('4', 'cart', 'SELECT', at + 3 + networkMs, 5, '3'),
  ]
}

const many = (count: number, shape?: Shape, from = 0): Span[] =>
  Array.from({ length: count }, (_, n) => request(from + n, shape)).flat()
const kinds = (during: Span[]) =>
  compareTraces(many(40), during).findings.map(({ kind, service, operation }) => `${kind} ${service} ${operation}`)

describe('comparing traces', () => {
  it('finds nothing for unchanged traces, or if one side is empty', () => {
    expect(kinds(many(30, {}, 100))).toEqual([])
    expect(compareTraces([], many(5)).findings).toEqual([])
    expect(compareTraces(many(5), []).findings).toEqual([])
  })

  it('blames the slow service, not its waiting callers', () => {
    const { findings, services } = compareTraces(many(40), many(30, { cartMs: 200 }, 100))
    expect(findings.map(({ kind, service, operation }) => `${kind} ${service} ${operation}`)).toEqual(['slow cart get'])
    expect(findings[0]).toMatchObject({ count: 30, timestamp: 1_100_003 })
    expect(findings[0]?.before).toBeCloseTo(10.4, 3)
    expect(findings.map((one) => traceText(one).en)).toEqual(['cart: self time of get went from 10.4 ms to 200 ms'])
    expect(findings.map((one) => traceText(one).zh)).toEqual(['cart：get 自身耗時從 10.4 ms 增為 200 ms'])
    expect(services.find(({ service }) => service === 'cart')?.slowdown).toBeGreaterThan(3)
    expect(services.find(({ service }) => service === 'frontend')?.slowdown).toBeCloseTo(1, 1)
  })

  it('knows a client span without a kind by its place', () => {
    const plain = (spans: Span[]): Span[] => spans.map(({ attributes: _, ...span }) => (span.spanId === '2' ? { ...span, name: 'call cart' } : span)) // prettier-ignore
    const { findings } = compareTraces(plain(many(40)), plain(many(30, { networkMs: 50 }, 100)))
    expect(findings.map(({ kind, service, peer }) => `${kind} ${service} ${peer}`)).toEqual([
      'slow_network cart frontend',
    ])
  })

  it('finds who does not answer: the calls fail and left no span there', () => {
    const failing = many(30, { withoutCall: true }, 100).map((span) => ({ ...span, status: 'ERROR' }))
    const [first] = compareTraces(many(40), failing).findings
    expect(first).toMatchObject({ kind: 'unanswered', service: 'cart', peer: 'frontend', before: 0, during: 1 })
    expect(traceText(first!)).toEqual({
      en: 'calls from frontend to cart fail without an answer: 30 (100 %, was 0 %)',
      zh: 'frontend 呼叫 cart 失敗且未獲回應，共 30 次（0 % 增為 100 %）',
    })
  })

  it('leaves calls that were answered, and failed nevertheless, with the caller', () => {
    const late = many(30, {}, 100).map((span) => (span.spanId < '3' ? { ...span, status: 'ERROR' } : span))
    expect(compareTraces(many(40), late).findings[0]).toMatchObject({ kind: 'errors', service: 'frontend', operation: 'GET cart' }) // prettier-ignore
  })

  it('finds a slow network by the gap between client and server span', () => {
    const { findings } = compareTraces(many(40), many(30, { networkMs: 50 }, 100))
    expect(findings.find(({ kind }) => kind === 'slow_network')).toMatchObject({ service: 'cart', peer: 'frontend' })
  })

  it('finds the origin of an error chain', () => {
    expect(kinds(many(30, { fails: true }, 100))).toEqual(['errors cart get'])
  })

  it('finds missing calls and spans with missing parents', () => {
    expect(kinds(many(30, { withoutCall: true }, 100))).toContainEqual(expect.stringMatching(/^missing_calls cart/))
    const orphaned = many(30, {}, 100).filter(({ service }) => service === 'cart')
    expect(kinds(orphaned)).toContainEqual(expect.stringMatching(/^missing_spans cart/))
  })

  it('does not depend on the order of the spans', () => {
    const before = many(12)
    const during = many(12, { cartMs: 80 }, 100)
    const expected = compareTraces(before, during).findings.map(({ kind, service, deviation }) => ({
      kind,
      service,
      deviation,
    }))
    fc.assert(
      fc.property(fc.shuffledSubarray(during, { minLength: during.length }), (shuffled) => {
        const found = compareTraces(before, shuffled).findings
        expect(found.map(({ kind, service, deviation }) => ({ kind, service, deviation }))).toEqual(expected)
      }),
      { numRuns: 20 },
    )
  })
})

describe('placing spans', () => {
  it('subtracts the union of the children from the self time', () => {
    const at = (spanId: string, start: number, end: number, parentSpanId?: string): Span => ({
      traceId: 't',
      spanId,
      service: 's',
      name: 'n',
      start,
      end,
      ...(parentSpanId === undefined ? {} : { parentSpanId }),
    })
    const [parent] = placeSpans([at('1', 0, 100), at('2', 10, 40, '1'), at('3', 30, 60, '1'), at('4', 90, 500, '1')])
    expect(parent?.self).toBe(40)
    const cycle = placeSpans([at('1', 0, 10, '2'), at('2', 0, 10, '1')])
    expect(cycle.map(({ self }) => self)).toEqual([0, 0])
  })

  it('returns the call graph', () => {
    expect(callEdges(placeSpans(many(3)))).toEqual([{ from: 'frontend', to: 'cart' }])
  })

  it('makes series of self time, errors and rate, with zero only for gaps in between', () => {
    const series = traceSeries([...many(2), ...many(1, { fails: true }, 5)], 1_000)
    const of = (indicator: string) => series.find((one) => one.service === 'cart' && one.indicator === indicator)
    expect([...(of('span_rate')?.values ?? [])]).toEqual([2, 2, 0, 0, 0, 2])
    expect([...(of('span_error_ratio')?.values ?? [])]).toEqual([0, 0, 0.5])
    expect(of('span_self_time')?.times).toHaveLength(3)
  })
})
