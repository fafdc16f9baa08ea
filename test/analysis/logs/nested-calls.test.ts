/** The call graph inferred from log lines: a caller logs before and after its callee. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../analysis/diagnose.ts'
import { nestedCalls } from '../../../analysis/logs/nested-calls.ts'
import type { LogLine } from '../../../analysis/observations.ts'
import { graphOf, reachedFrom } from '../../../analysis/ranking/graph.ts'
import { callEdges, placeSpans } from '../../../analysis/traces/tree.ts'
import { readRecording } from '../../../recording/read.ts'

type Said = readonly [service: string, ms: number]

/** One request per second, each with the same lines. */
const requests = (said: readonly Said[], count = 40): LogLine[] =>
  Array.from({ length: count }, (_, n) =>
    said.map(([service, ms]): LogLine => ({ timestamp: n * 1_000 + ms, service, message: 'step', traceId: `t${n}` })),
  ).flat()
const told = (logs: readonly LogLine[]): string[] =>
  nestedCalls(logs)
    .map(({ from, to }) => `${from} > ${to}`)
    .sort()

/** front calls cart, which calls store, then mail. */
const shop: readonly Said[] = [['front', 0], ['cart', 2], ['store', 5], ['cart', 9], ['front', 12], ['mail', 15], ['front', 20]] // prettier-ignore
const calls = ['cart > store', 'front > cart', 'front > mail']

describe('calls inferred from log lines', () => {
  it('belong to the innermost enclosing service, in any line order', () => {
    expect(told(requests(shop))).toEqual(calls)
    expect(told(requests(shop).reverse())).toEqual(calls)
  })

  it('are distinguished by span ids if lines have them', () => {
    const twice = requests([['front', 0], ['cart', 2], ['cart', 3], ['mail', 6], ['cart', 9], ['cart', 10], ['front', 12]]) // prettier-ignore
    const spans: LogLine[] = twice.map((line, n) => ({ ...line, spanId: `${n % 7 === 0 || n % 7 === 6 ? 0 : n}` }))
    expect(told(twice)).toContain('cart > mail')
    expect(told(spans)).toEqual(['front > cart', 'front > mail'])
  })

  it('are not inferred from sequential services, few requests, or lines without trace ids', () => {
    expect(told(requests([['front', 0], ['cart', 2], ['cart', 4], ['mail', 6], ['mail', 8]]))).toEqual([]) // prettier-ignore
    expect(told(requests(shop, 9))).toEqual([])
    expect(told(requests(shop).map(({ traceId: _traceId, ...line }) => line))).toEqual([])
  })

  it('are not inferred from occasional nesting', () => {
    const beside = requests([['stock', 6], ['stock', 8]], 16) // prettier-ignore
    const apart = requests([['stock', 30], ['stock', 40]], 40).slice(32) // prettier-ignore
    expect(told([...requests(shop), ...beside])).toContain('cart > stock')
    expect(told([...requests(shop), ...beside, ...apart])).toEqual(calls)
  })

  it('are the same with clock skew below the duration of a call', () => {
    const skewed = requests(shop).map((line) => ({ ...line, timestamp: line.timestamp + { front: 0, cart: 1.5, store: -1, mail: -2 }[line.service]! })) // prettier-ignore
    expect(told(skewed)).toEqual(calls)
  })

  it('are not inferred from batch jobs', () => {
    const batch = Array.from({ length: 12 }, (_, n) => Array.from({ length: 300 }, (_, of): LogLine[] => [-of, of].map((at) => ({ timestamp: n * 10_000 + at, service: of % 2 === 0 ? 'job' : 'row', message: 'x', traceId: `${n}`, spanId: `${of}` })))) // prettier-ignore
    expect(told(batch.flat(2))).toEqual([])
  })
})

describe('the graph', () => {
  const given = [{ from: 'front', to: 'cart' }]

  it('are used only without a given graph and without spans', () => {
    expect(graphOf(given, [], requests(shop))).toEqual(given)
    expect(graphOf([], [], requests(shop))).toHaveLength(3)
  })

  it('do not show which services are unreachable', () => {
    expect(reachedFrom('front', given)).toEqual(new Set(['front', 'cart']))
    expect(reachedFrom('front', graphOf([], [], requests(shop)))).toBeNull()
  })

  it('attribute the symptoms of a caller to its callee', () => {
    const failing = (service: string): LogLine[] =>
      Array.from({ length: 10 }, (_, n) => ({ timestamp: 30_100 + n * 1_000, service, level: 'ERROR', message: `${service} failed` })) // prettier-ignore
    const asked = (logs: readonly LogLine[]) =>
      diagnose({ window: { start: 30_000, end: 41_000 }, baseline: { start: 0, end: 30_000 }, series: [], logs: [...logs, ...failing('cart'), ...failing('store')], spans: [], edges: [], changes: [] }).rootCauses // prettier-ignore
    const score = (logs: readonly LogLine[]) => asked(logs).find(({ service }) => service === 'cart')?.score
    expect(asked(requests(shop))[0]).toMatchObject({ service: 'store' })
    expect(score(requests(shop))).toBeLessThan(0.5)
    expect(score(requests(shop).map(({ traceId: _traceId, ...line }) => line))).toBeGreaterThan(0.9)
  })

  it('of a recorded incident are a subset of the calls in its spans', async () => {
    const { observations } = await readRecording(join(import.meta.dirname, '../../scenarios/train-ticket-07'))
    const known = new Set(callEdges(placeSpans(observations.spans)).map(({ from, to }) => `${from} > ${to}`))
    const found = told(observations.logs)
    expect(found.length).toBeGreaterThan(15)
    expect(found.filter((call) => !known.has(call))).toEqual([])
  })
})
