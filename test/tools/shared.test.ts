/** Concurrent sessions send each query to the source once; nobody gets another tenant's answer, a stale one, or another session's cancellation. */
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { answer } from '../../agents/tools/answer.ts'
import { sharedLogs, sharedMetrics } from '../../agents/tools/shared.ts'
import type { CallContext, MetricsAnswer, MetricsQuery } from '../../agents/tools/tools.ts'

const NEVER = new AbortController().signal
const range = { start: 0, end: 60_000 }
const cart: MetricsQuery = { service: 'cart', namespace: 'shop', range }
const DATA: MetricsAnswer = { profile: 'p', series: [], comparison: [] }
const context = (tenant = 'default', signal = NEVER): CallContext => ({ tenant, signal })

/** A source whose answers wait until they are released. */
function source(outcome: () => MetricsAnswer | Promise<MetricsAnswer> = () => DATA, incomplete = false) {
  const asked: { query: MetricsQuery; context: CallContext }[] = []
  let released = Promise.withResolvers<void>()
  return {
    asked,
    release() {
      released.resolve()
      released = Promise.withResolvers()
    },
    tool: {
      goldenSignals(query: MetricsQuery, own: CallContext) {
        asked.push({ query, context: own })
        const until = released.promise
        const about = { tool: 'prometheus', operation: 'golden-signals', query: 'q', range: query.range }
        return answer<MetricsAnswer>(about, async () => {
          await until
          return { data: await outcome(), summary: 's', incomplete }
        })
      },
    },
  }
}

describe('a shared source', () => {
  it('gets one query from concurrent callers with the same question, and all get the same answer', async () => {
    const { tool, asked, release } = source()
    const shared = sharedMetrics(tool)
    const answers = [1, 2, 3].map(() => shared.goldenSignals({ ...cart }, context()))
    release()
    const [first, ...others] = await Promise.all(answers)
    expect(first).toMatchObject({ status: 'ok', data: DATA })
    for (const one of [...others, await shared.goldenSignals(cart, context())]) expect(one).toBe(first)
    expect(asked).toHaveLength(1)
  })

  it.each([
    ['another tenant', context('other'), cart],
    ['another service', context(), { ...cart, service: 'checkout' }],
    ['another time', context(), { ...cart, range: { start: 1, end: 60_000 } }],
    ['another namespace', context(), { ...cart, namespace: 'prod' }],
    ['a stricter question', context(), { ...cart, strict: true }],
  ])('is asked again for %s', async (_about, otherContext, otherQuery) => {
    const { tool, asked, release } = source()
    const shared = sharedMetrics(tool)
    const answers = Promise.all([shared.goldenSignals(cart, context()), shared.goldenSignals(otherQuery, otherContext)])
    release()
    const [one, other] = await answers
    expect(other).not.toBe(one)
    expect(asked.map(({ query, context: { tenant } }) => ({ query, tenant }))).toEqual([
      { query: cart, tenant: 'default' },
      { query: otherQuery, tenant: otherContext.tenant },
    ])
  })

  it('is queried again once its answer is some seconds old, but later if the time range was long over', async () => {
    const { tool, asked, release } = source()
    const shared = sharedMetrics(tool, { sharedMs: 50, settledMs: 600_000 })
    const recent = { ...cart, range: { start: 0, end: Date.now() } }
    const first = [shared.goldenSignals(recent, context()), shared.goldenSignals(cart, context())]
    release()
    await Promise.all(first)
    await wait(60)
    void shared.goldenSignals(recent, context())
    expect(await shared.goldenSignals(cart, context())).toBe(await first[1])
    expect(asked).toHaveLength(3)
    release()
  })

  it('is not queried again for a request that was waiting when the answer was queried, only for a later one', async () => {
    const { tool, asked, release } = source()
    const shared = sharedMetrics(tool, { freshMs: 0 })
    const ongoing = { ...cart, range: { start: 0, end: Date.now() + 3_600_000 } }
    const ask = (requestedAt: number) => shared.goldenSignals(ongoing, { ...context(), requestedAt })
    const requestedAt = Date.now()
    const first = ask(requestedAt)
    const queriedBy = Date.now()
    release()
    await first
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(queriedBy))
    expect(await ask(requestedAt - 60_000)).toBe(await first)
    expect(asked).toHaveLength(1)
    // a requester whose clock is ahead gets an answer from now
    for (const later of [Date.now(), Date.now() + 60_000]) {
      const again = ask(later)
      release()
      expect(await again).not.toBe(await first)
    }
    release()
  })

  it('is queried again if the answers take too much memory', async () => {
    const [times, values] = [Array<number>(1000).fill(1), Array<number>(1000).fill(1)]
    const { tool, asked, release } = source(() => ({ ...DATA, series: [{ service: 's', indicator: 'cpu', times, values }] })) // prettier-ignore
    const shared = sharedMetrics(tool, { mostBytes: 40_000 })
    const ask = (service: string) => shared.goldenSignals({ ...cart, service }, context())
    for (const service of ['a', 'b', 'c']) {
      const answer = ask(service)
      release()
      await answer
    }
    await Promise.all([ask('b'), ask('c')])
    expect(asked).toHaveLength(3)
    void ask('a')
    expect(asked).toHaveLength(4)
    release()
  })

  it('is queried again soon if the time range was not over, and never about the future', async () => {
    const { tool, asked, release } = source()
    const shared = sharedMetrics(tool, { freshMs: 20 })
    const ongoing = { ...cart, range: { start: 0, end: Date.now() + 3_600_000 } }
    const first = shared.goldenSignals(ongoing, context())
    release()
    await first
    await wait(30)
    void shared.goldenSignals(ongoing, context())
    expect(asked).toHaveLength(2)
    for (const { query } of asked) expect(query.range.end).toBeLessThanOrEqual(Date.now())
    release()
  })

  it('does not keep an answer that was already older than that when it arrived', async () => {
    const { tool, asked, release } = source()
    const shared = sharedMetrics(tool, { settledMs: 20 })
    const both = [shared.goldenSignals(cart, context())]
    await wait(40)
    both.push(shared.goldenSignals(cart, context()))
    release()
    await Promise.all(both)
    expect(asked).toHaveLength(1)
    void shared.goldenSignals(cart, context())
    expect(asked).toHaveLength(2)
    release()
  })

  it.each([
    [
      'failed',
      source(() => Promise.reject(new Error('500 from Prometheus'))),
      { status: 'failed', error: '500 from Prometheus' },
    ],
    ['incomplete', source(() => DATA, true), { status: 'ok', incomplete: true }],
  ])('tells each of them that it %s, and is asked again', async (_about, { tool, asked, release }, told) => {
    const shared = sharedMetrics(tool)
    const answers = [1, 2].map(() => shared.goldenSignals(cart, context()))
    release()
    for (const one of await Promise.all(answers)) expect(one).toMatchObject(told)
    void shared.goldenSignals(cart, context())
    expect(asked).toHaveLength(2)
    release()
  })

  it('is still awaited by the other callers if one gives up', async () => {
    const { tool, asked, release } = source()
    const shared = sharedMetrics(tool)
    const cancelled = new AbortController()
    const first = shared.goldenSignals(cart, context('default', cancelled.signal))
    const other = shared.goldenSignals(cart, context())
    cancelled.abort(new Error('cancelled on request'))
    expect(await first).toMatchObject({ status: 'failed', error: 'cancelled on request', range, data: null })
    expect(asked[0]!.context.signal.aborted).toBe(false)
    release()
    expect(await other).toMatchObject({ status: 'ok' })
  })

  it('is stopped when all callers have given up, and queried again for the next one', async () => {
    const { tool, asked, release } = source()
    const shared = sharedMetrics(tool)
    const cancelled = [new AbortController(), new AbortController()]
    const answers = cancelled.map(({ signal }) => shared.goldenSignals(cart, context('default', signal)))
    for (const one of cancelled) one.abort(new Error('cancelled on request'))
    await Promise.all(answers)
    await vi.waitFor(() => expect(asked[0]!.context.signal.aborted).toBe(true))
    const next = shared.goldenSignals(cart, context())
    expect(asked).toHaveLength(2)
    release()
    expect(await next).toMatchObject({ status: 'ok' })
  })

  it('is not queried for a caller who has already given up', async () => {
    const { tool, release } = source()
    const shared = sharedMetrics(tool)
    const late = await shared.goldenSignals(cart, context('default', AbortSignal.abort(new Error('used up'))))
    expect(late).toMatchObject({ status: 'failed', error: 'used up' })
    release()
  })

  it('is shared for logs too', async () => {
    let asked = 0
    const about = { tool: 'loki', operation: 'logs', query: 'q', range }
    const data = { lines: [], levels: {}, templates: [], critical: [] }
    const shared = sharedLogs({
      logs: () => answer(about, () => Promise.resolve({ data, summary: `${++asked}` })),
    })
    await Promise.all([shared.logs({ service: 'cart', range }, context()), shared.logs({ service: 'cart', range }, context())]) // prettier-ignore
    expect(asked).toBe(1)
  })
})
