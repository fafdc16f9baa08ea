import fc from '../../properties/seeded.ts'
import { describe, expect, it } from 'vitest'
import { pathText } from '../../../analysis/logs/path-text.ts'
import { comparePaths, type Told } from '../../../analysis/logs/paths.ts'

interface Shape {
  /** skip the last line of the cart, as an early return does */
  early?: boolean
  /** log an error instead */
  fails?: boolean
}

/** Requests from frontend to cart; each service logs within its span. */
function requests(count: number, from: number, { early = false, fails = false }: Shape = {}): Told {
  const told: { logs: Told['logs'][number][]; spans: Told['spans'][number][] } = { logs: [], spans: [] }
  for (let n = from; n < from + count; n += 1) {
    const traceId = `t${n}`
    const at = n * 1_000
    told.spans.push({ traceId, spanId: 'f', service: 'frontend', name: 'buy', start: at, end: at + 50 })
    told.spans.push({
      traceId,
      spanId: 'c',
      parentSpanId: 'f',
      service: 'cart',
      name: 'add',
      start: at + 5,
      end: at + 40,
    })
    told.logs.push({ timestamp: at + 1, service: 'frontend', message: `buying item ${n}`, traceId, spanId: 'f' })
    told.logs.push({ timestamp: at + 6, service: 'cart', message: `looking up item ${n}`, traceId, spanId: 'c' })
    const last = fails ? { level: 'ERROR', message: `no stock for item ${n}` } : { message: `item ${n} stored` }
    if (!early) told.logs.push({ timestamp: at + 9, service: 'cart', traceId, spanId: 'c', ...last })
  }
  return told
}

describe('comparing request paths', () => {
  it('finds nothing if only the number of requests differs', () => {
    expect(comparePaths(requests(20, 0), requests(200, 1_000))).toEqual([])
    expect(comparePaths(requests(0, 0), requests(20, 0))).toEqual([])
  })

  it('finds the service that skips a step it always did', () => {
    const changes = comparePaths(requests(20, 0), requests(20, 1_000, { early: true }))
    expect(new Set(changes.map(({ service }) => service))).toEqual(new Set(['cart']))
    expect(changes[0]).toMatchObject({
      kind: 'stopped',
      event: 'item <*> stored',
      before: 1,
      during: 0,
      traces: { before: 20, during: 20 },
      timestamp: 1_000_005,
      examples: ['t1000', 't1001', 't1002'],
    })
    expect(changes.map((change) => pathText(change).en)).toContain(
      'cart: 0 % of the requests that log "add" also log "item <*> stored", was 100 %',
    )
  })

  it('finds the new step, and ignores an error that is no longer logged', () => {
    const failing = comparePaths(requests(20, 0), requests(20, 1_000, { fails: true }))
    expect(failing.map(({ kind, event }) => `${kind} ${event}`)).toContain('started no stock for item <*>')
    const healed = comparePaths(requests(20, 0, { fails: true }), requests(20, 1_000))
    expect(healed.map(({ kind, event }) => `${kind} ${event}`)).not.toContain('stopped no stock for item <*>')
  })

  it('works without spans and span ids, on trace ids of lines', () => {
    const logs = ({ logs }: Told): Told => ({ logs: logs.map(({ spanId: _, ...line }) => line), spans: [] })
    const changes = comparePaths(logs(requests(20, 0)), logs(requests(20, 1_000, { early: true })))
    expect(changes[0]).toMatchObject({ service: 'cart', kind: 'stopped', event: 'item <*> stored' })
  })

  it('does not depend on the order of lines and spans', () => {
    const during = requests(12, 1_000, { early: true })
    const expected = comparePaths(requests(20, 0), during).map(({ service, given, event }) => ({
      service,
      given,
      event,
    }))
    const all = <T>(items: readonly T[]) => fc.shuffledSubarray([...items], { minLength: items.length })
    fc.assert(
      fc.property(all(during.logs), all(during.spans), (logs, spans) => {
        const found = comparePaths(requests(20, 0), { logs, spans })
        expect(found.map(({ service, given, event }) => ({ service, given, event }))).toEqual(expected)
      }),
      { numRuns: 20 },
    )
  })
})
