import { describe, expect, it } from 'vitest'
import type { Span, TimeRange } from '../../analysis/observations.ts'
import { HttpError } from '../../agents/tools/http-error.ts'
import { sampleTraces } from '../../agents/tools/traces/sample.ts'
import { liveTraces } from '../../agents/tools/traces/traces.ts'
import type { TraceSearch, TraceSource } from '../../agents/tools/traces/source.ts'

const context = { signal: new AbortController().signal }
const range = { start: 0, end: 600_000 }
const spansOf = (traceId: string, start: number, count: number): Span[] =>
  Array.from({ length: count }, (_, index) => ({ traceId, spanId: String(index), service: 'cart', name: 'get', start: start + index, end: start + index + 1 })) // prettier-ignore

/** A source with one trace per second, newest first, whose searches reach a second too far on both sides. */
function source(spans: number, asked: TimeRange[] = [], most = Infinity): TraceSearch {
  return {
    query: () => 'all',
    run({ start, end }, limit) {
      asked.push({ start, end })
      if (limit > most) throw new HttpError(0, 'the answer is larger than 20 bytes: ask for less', { tooLarge: true })
      const found = Array.from({ length: 600 }, (_, index) => (599 - index) * 1000)
        .filter((at) => at >= start - 1000 && at <= end + 1000)
        .slice(0, limit)
        .map((at) => ({ id: `t${at}`, start: at, read: () => Promise.resolve({ spans: spansOf(`t${at}`, at, spans) }) })) // prettier-ignore
      return Promise.resolve({ found })
    },
  }
}

describe('a sample of traces', () => {
  it('is everything within the limit', async () => {
    const { traces, warnings } = await sampleTraces([source(1)], range, 1000, context)
    expect(new Set(traces.map(([first]) => first?.traceId)).size).toBe(600)
    expect(traces).toHaveLength(600)
    expect(warnings).toEqual([])
  })

  it('has fewer traces if they are large, still across the range, and no huge one', async () => {
    const large = await sampleTraces([source(500)], range, 200, context)
    expect(large.traces.flat().length).toBeLessThanOrEqual(25_000)
    expect(large.traces.length).toBeGreaterThan(40)
    expect(new Set(large.traces.map(([first]) => Math.floor((first?.start ?? 0) / 60_000))).size).toBe(10)
    expect(large.warnings.join()).toContain('traces were kept')
    const huge = await sampleTraces([source(6000)], range, 5, context)
    expect(huge.traces).toEqual([])
    expect(huge.warnings.join()).toContain('5 traces of more than 5000 spans were left out')
  })

  it('splits the range less finely for many services, with a limit', async () => {
    const asked: TimeRange[] = []
    const many = Array.from({ length: 50 }, () => source(1, asked))
    const { traces } = await sampleTraces(many, range, 200, context)
    expect(asked).toHaveLength(150)
    expect(new Set(traces.map(([first]) => first?.traceId)).size).toBe(traces.length)
    expect(traces.length).toBeLessThanOrEqual(200)
  })

  it('gives up if even one trace is too large', async () => {
    const { traces } = await sampleTraces([source(1, [], 2)], range, 100, context)
    expect(traces.length).toBeGreaterThan(0)
    await expect(sampleTraces([source(1, [], 0)], range, 100, context)).rejects.toThrow('larger than 20 bytes')
  })

  it('counts a trace once if the baseline overlaps the range', async () => {
    const one: TraceSource = { tool: 'tempo', searches: () => Promise.resolve([source(1)]), link: () => null }
    const baseline = { start: 0, end: 60_000 }
    const { data } = await liveTraces({ source: one }).traces({ range: { start: 30_000, end: 90_000 }, baseline }, context) // prettier-ignore
    expect(data?.traces).toBe(90)
  })
})
