import { describe, expect, it } from 'vitest'
import { compareTemplates } from '../../../analysis/logs/changes.ts'
import { exceptionIn } from '../../../analysis/logs/exceptions.ts'
import { severityOf } from '../../../analysis/logs/severity.ts'
import { joinStacks } from '../../../analysis/logs/stacks/joined.ts'
import type { LogLine } from '../../../analysis/observations.ts'

const noon = Date.parse('2026-03-01T12:00:00Z')
const lines = (message: (n: number) => string, count: number, from: number, more: Partial<LogLine> = {}): LogLine[] =>
  Array.from({ length: count }, (_, n) => ({
    timestamp: from + (n * 60_000) / count,
    service: 'cart',
    message: message(n),
    ...more,
  }))
const minute = (at: number) => ({ start: noon + at * 60_000, end: noon + (at + 1) * 60_000 })
const ranges = { baseline: minute(0), window: minute(1) }
const compare = (before: LogLine[], during: LogLine[]) => compareTemplates(before, during, ranges)

describe('comparing log templates', () => {
  it('finds nothing if the templates are equally frequent', () => {
    const before = lines((n) => `request ${n} served`, 50, noon)
    expect(
      compare(
        before,
        lines((n) => `request ${n} served`, 57, noon + 60_000),
      ),
    ).toEqual([])
    expect(
      compare(
        [],
        lines(() => 'hello', 5, noon + 60_000),
      ),
    ).toEqual([])
  })

  it('finds templates that appeared, vanished and grew, the worst first', () => {
    const before = [
      ...lines((n) => `cache hit ${n}`, 40, noon),
      ...lines((n) => `retry ${n} of call`, 2, noon, { level: 'WARN' }),
      ...lines((n) => `request ${n} served`, 60, noon),
    ]
    const during = [
      ...lines((n) => `retry ${n} of call`, 40, noon + 60_000, { level: 'WARN' }),
      ...lines((n) => `request ${n} served`, 60, noon + 60_000),
      ...lines((n) => `connection ${n} refused`, 30, noon + 70_000, { level: 'ERROR', evidence: 'e1' }),
    ]
    const changes = compare(before, during)
    expect(changes.map(({ kind, severity, template }) => `${kind} ${severity} ${template}`)).toEqual([
      'appeared critical connection <*> refused',
      'grew warning retry <*> of call',
      'vanished info cache hit <*>',
    ])
    expect(changes.find(({ kind }) => kind === 'appeared')).toMatchObject({
      before: 0,
      during: 30,
      timestamp: noon + 70_000,
      evidence: ['e1'],
    })
  })

  it('cites baseline lines of a vanished template', () => {
    const before = lines((n) => `cache hit ${n}`, 40, noon, { evidence: 'e0' })
    const during = lines((n) => `request ${n} served`, 60, noon + 60_000, { evidence: 'e1' })
    const vanished = compare(before, during).find(({ kind }) => kind === 'vanished')
    expect(vanished).toMatchObject({ before: 40, during: 0, evidence: ['e0'] })
  })

  it('scales expected counts by the length of the ranges', () => {
    const before = lines((n) => `tick ${n}`, 10, noon)
    const during = lines((n) => `tick ${n}`, 100, noon + 60_000)
    expect(
      compareTemplates(before, during, { baseline: minute(0), window: { start: noon, end: noon + 600_000 } }),
    ).toEqual([])
    expect(compare(before, during)).toMatchObject([{ kind: 'grew', expected: 10 }])
  })

  it('finds a number that moved and a value that became dominant', () => {
    const moved = compare(
      lines((n) => `query took ${10 + (n % 3)} ms`, 30, noon),
      lines((n) => `query took ${900 + (n % 3)} ms`, 30, noon + 60_000),
    )
    expect(moved).toMatchObject([{ kind: 'parameters', parameter: { before: 11, during: 901 } }])
    const taken = compare(
      lines((n) => `routed to pod=${n}a of shop`, 30, noon),
      lines(() => 'routed to pod=7z of shop', 30, noon + 60_000),
    )
    expect(taken).toMatchObject([{ parameter: { before: null, during: '7z' } }])
  })

  it('ignores running numbers', () => {
    const ids = (from: number) => (n: number) => `order ${from + n} stored`
    expect(compare(lines(ids(1_000), 30, noon), lines(ids(9_000), 30, noon + 60_000))).toEqual([])
  })

  it('reports an exception with the first frame that is the service’s own, its stack in one line or in many', () => {
    const stack = [
      'request failed: java.lang.IllegalStateException: no stock',
      '\tat org.springframework.web.Servlet.run(Servlet.java:10)',
      '\tat shop.cart.Basket.add(Basket.java:42)',
      '\tat shop.cart.Main.main(Main.java:1)',
    ]
    const expected = {
      type: 'java.lang.IllegalStateException',
      message: 'no stock',
      frame: 'shop.cart.Basket.add(Basket.java:42)',
    }
    const before = lines((n) => `request ${n} served`, 5, noon)
    const one = lines(() => stack.join('\n'), 1, noon + 60_000)
    expect(compare(before, one)).toMatchObject([{ kind: 'appeared', exception: expected }])
    const many = stack.map((message, n) => ({ timestamp: noon + 60_000 + n, service: 'cart', message }))
    expect(joinStacks(many)).toHaveLength(1)
    expect(compare(before, many)).toMatchObject([{ kind: 'appeared', exception: expected }])
  })

  it('finds the root cause, and frames of other languages', () => {
    expect(
      exceptionIn('a.b.Outer: x\nCaused by: java.net.ConnectException: refused\n\tat shop.Db.open(Db.java:3)'),
    ).toEqual({
      type: 'java.net.ConnectException',
      message: 'refused',
      frame: 'shop.Db.open(Db.java:3)',
    })
    expect(
      exceptionIn('TypeError: x is undefined\n    at node:internal/a:1:2\n    at add (file:///app/cart.ts:9:3)'),
    ).toMatchObject({
      frame: 'add (file:///app/cart.ts:9:3)',
    })
    expect(exceptionIn('all is well')).toBeNull()
  })

  it('takes the severity from the level, and from critical words at any level', () => {
    expect(severityOf('ERROR', 'x')).toBe('critical')
    expect(severityOf('INFO', 'container OOMKilled')).toBe('critical')
    expect(severityOf('INFO', 'connection refused')).toBe('warning')
    expect(severityOf(undefined, 'request served')).toBe('info')
    for (const panic of [
      'panic: no quote',
      'http: panic serving 10.0.0.9:51234: no quote',
      "thread 'main' panicked at src/a.rs:1:2:",
    ])
      expect(severityOf('INFO', panic)).toBe('critical')
  })
})
