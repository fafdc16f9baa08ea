/** Limits on a run: cancellation, active time, queue length, and fairness between tenants. */
import { beforeAll, expect, it } from 'vitest'
import { type CountingBench, until } from './counting.ts'
import { resultOf } from './result-of.ts'

export function cancelling(openBench: () => CountingBench) {
  let bench: CountingBench
  beforeAll(() => void (bench = openBench()))
  const sessionResult = (sessionId: string) => resultOf(bench, sessionId)

  it('stops a cancelled session at its next step and says so', async () => {
    const agent = await bench.startAgent({ steps: 200, stepMs: 300 })
    const request = bench.request()
    await bench.publish(request)
    const runId = `assistant/${request.event_id}`
    await until(60_000, 'the run is on its way', async () => (await bench.effects(runId)).length >= 1)
    await bench.cancel(request.session_id)
    expect(await bench.ended(request.event_id)).toBe('cancelled')
    expect((await bench.effects(runId)).length).toBeLessThan(200)
    expect((await sessionResult(request.session_id)).completed).toMatchObject([{ status: 'cancelled' }])
    await agent.stop()
  })

  it('holds a cancellation that arrives before its request', async () => {
    const agent = await bench.startAgent({ steps: 2 })
    const request = bench.request()
    await bench.cancel(request.session_id)
    await until(60_000, 'the cancel is kept', async () => {
      const { rowCount } = await bench.pool.query('SELECT FROM runtime.cancellations WHERE session_id = $1', [
        request.session_id,
      ])
      return rowCount === 1
    })
    await bench.publish(request)
    expect(await bench.ended(request.event_id)).toBe('cancelled')
    expect(await bench.effects(`assistant/${request.event_id}`)).toEqual([])
    await agent.stop()
  })
}

/** In the database, whatever the bus. */
export function limits(openBench: () => CountingBench) {
  let bench: CountingBench
  beforeAll(() => void (bench = openBench()))

  it('counts active time only, and aborts the steps past it', async () => {
    const agent = await bench.startAgent({ steps: 3, sleepMs: 4000, stepMs: 2000, limitMs: 3900 })
    const request = bench.request()
    await bench.publish(request)
    expect(await bench.ended(request.event_id)).toBe('completed')
    const effects = await bench.effects(`assistant/${request.event_id}`)
    expect(effects.map((effect) => effect.aborted)).toEqual([false, true, true])
    await agent.stop()
  })

  it('lets no tenant delay the others', async () => {
    const limits = { concurrency: 4, tenantConcurrency: 1 }
    const agent = await bench.startLimited({ steps: 1, stepMs: 600, limits })
    const busy = Array.from({ length: 4 }, () => ({ ...bench.request(), tenant: 'busy' }))
    for (const request of busy) await bench.publish(request)
    const other = { ...bench.request(), tenant: 'other' }
    await bench.publish(other)
    for (const request of [...busy, other])
      expect(await bench.ended(`${request.tenant}:${request.event_id}`)).toBe('completed')
    const { rows } = await bench.pool.query<{ tenant: string }>(
      `SELECT tenant FROM runtime.runs WHERE session_id = ANY($1) ORDER BY ended_at`,
      [[...busy, other].map((one) => one.session_id)],
    )
    expect(rows.slice(-2).map(({ tenant }) => tenant)).toEqual(['busy', 'busy'])
    await agent.stop()
  })

  it('starts no more runs of a tenant per minute than allowed', async () => {
    const agent = await bench.startLimited({ steps: 1, limits: { tenantPerMinute: 2 } })
    const eager = Array.from({ length: 3 }, () => ({ ...bench.request(), tenant: 'eager' }))
    for (const request of eager) await bench.publish(request)
    const other = { ...bench.request(), tenant: 'patient' }
    await bench.publish(other)
    expect(await bench.ended(`${other.tenant}:${other.event_id}`)).toBe('completed')
    const ended = async () => {
      const { rowCount } = await bench.pool.query(
        `SELECT FROM runtime.runs WHERE tenant = 'eager' AND status = 'ended'`,
      )
      return rowCount ?? 0
    }
    const waiting = async () => {
      const { rowCount } = await bench.pool.query(
        `SELECT FROM runtime.runs WHERE tenant = 'eager' AND status = 'queued'`,
      )
      return rowCount ?? 0
    }
    await until(60_000, 'two have ended and one waits', async () => (await ended()) >= 2 && (await waiting()) >= 1)
    expect([await ended(), await waiting()]).toEqual([2, 1])
    await agent.stop()
  })
}
