/** Incidents visible in logs or traces only, and cases without comparable data. */
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../analysis/diagnose.ts'
import type { LogLine, Observations, Series, Span } from '../../analysis/observations.ts'

const START = Date.UTC(2026, 2, 1, 12)
const MINUTE = 60_000
const END = START + 60 * MINUTE
const FAULT = START + 45 * MINUTE
const asked = (parts: Partial<Observations>) =>
  diagnose({ window: { start: START, end: END }, series: [], logs: [], spans: [], edges: [], changes: [], ...parts })
const english = (texts: readonly { en: string }[]) => texts.map(({ en }) => en)

const lines = (service: string, everyMs: number, from: number, message: (n: number) => string, level = 'INFO'): LogLine[] =>
  Array.from({ length: Math.floor((END - from) / everyMs) }, (_, n) => ({ timestamp: from + n * everyMs, service, level, message: message(n) })) // prettier-ignore

/** front calls cart and mail alternately, once a second; `cart` overrides fields of the cart spans. */
const traces = (cart: (start: number) => Partial<Span>): Span[] =>
  Array.from({ length: 3600 }, (_, n) => START + n * 1000).flatMap((start, n): Span[] => [
    { traceId: `${n}`, spanId: 'a', service: 'front', name: 'GET /', start, end: start + 50 },
    n % 2 === 0
      ? { traceId: `${n}`, spanId: 'b', parentSpanId: 'a', service: 'cart', name: 'add', start: start + 5, end: start + 15 + (n % 7), ...cart(start) } // prettier-ignore
      : { traceId: `${n}`, spanId: 'b', parentSpanId: 'a', service: 'mail', name: 'send', start: start + 5, end: start + 15 + (n % 5) }, // prettier-ignore
  ])

describe('an incident visible in logs or traces only', () => {
  it('has an onset and a cause from log lines', () => {
    const verdict = asked({
      logs: [
        ...lines('cart', 2_000, START, (n) => `added item ${n}`),
        ...lines('mail', 3_000, START, (n) => `sent mail ${n}`),
        ...lines('cart', 2_000, FAULT, (n) => `no price for item ${n}`, 'ERROR'),
      ],
    })
    expect(verdict.verdict).toBe('incident')
    expect(verdict.rootCauses[0]?.service).toBe('cart')
    expect(Math.abs((verdict.onset ?? 0) - FAULT)).toBeLessThan(2 * MINUTE)
  })

  it('has an onset and a cause from spans, even if the given call graph lacks them', () => {
    const spans = traces((start) => (start >= FAULT ? { status: 'error', end: start + 45 } : {}))
    for (const edges of [[], [{ from: 'a', to: 'b' }]]) {
      const verdict = asked({ spans, edges })
      expect(verdict.verdict).toBe('incident')
      expect(verdict.rootCauses[0]?.service).toBe('cart')
      expect(Math.abs((verdict.onset ?? 0) - FAULT)).toBeLessThan(2 * MINUTE)
    }
  })

  it('is an all-clear if nothing moved', () => {
    expect(asked({ spans: traces(() => ({})) }).verdict).toBe('nothing_wrong')
    expect(asked({ logs: lines('cart', 2_000, START, (n) => `added item ${n}`) }).verdict).toBe('nothing_wrong')
  })
})

describe('without comparable data', () => {
  const cpu = (from: number): Series => {
    const times = Float64Array.from({ length: 60 }, (_, n) => from + n * MINUTE)
    return { service: 'cart', indicator: 'cpu', times, values: times.map((time) => 10 + Math.sin(time)) }
  }

  it('the verdict is not an all-clear, and says why', () => {
    const baseline = { start: START - 60 * MINUTE, end: START }
    for (const verdict of [
      asked({ series: [cpu(baseline.start)] }),
      asked({ series: [cpu(baseline.start)], baseline }),
      asked({ series: [cpu(START)], baseline }),
    ]) {
      expect(verdict.verdict).toBe('inconclusive')
      expect(english(verdict.missing).at(-1)).toMatch(/nothing could be compared/)
      expect(verdict.rootCauses[0]?.explanation.en).toMatch(/could not be compared/)
    }
    const instant = asked({ series: [cpu(START)], window: { start: START, end: START } })
    expect(instant.verdict).toBe('inconclusive')
    expect(english(instant.missing)).toContain('the window is empty')
  })

  it('a constant series is an all-clear', () => {
    const constant = { ...cpu(START), values: new Float64Array(60).fill(5) }
    expect(asked({ series: [constant] }).verdict).toBe('nothing_wrong')
  })

  it('few samples at one end of a long window are enough', () => {
    const short = cpu(START)
    const values = short.values.map((value, at) => (at >= 40 ? value + 80 : value))
    const verdict = asked({ series: [{ ...short, values }], window: { start: START, end: START + 60 * 24 * MINUTE } })
    expect(verdict).toMatchObject({ verdict: 'incident', rootCauses: [{ service: 'cart' }] })
  })
})
