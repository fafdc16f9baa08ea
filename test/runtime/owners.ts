/** Owners of runs, their takeover, retries and versions: all in the database, whatever the bus. */
import { expect, it } from 'vitest'
import { TAKEOVER } from '../../agents/runtime/takeover.ts'
import { type CountingBench, until } from './counting.ts'
import { resultOf } from './result-of.ts'

/** Two live owners: a slow one must not be taken for dead. */
export const PATIENT = { heartbeatMs: 300, goneMs: 5000 }

export function owners(bench: () => CountingBench) {
  it('lets the new owner continue when one that was frozen before it began wakes', async () => {
    const request = bench().request()
    const frozen = await bench().startAgent({ steps: 4, killAt: 'start:before', freeze: true, takeover: PATIENT })
    await bench().publish(request)
    const runId = `assistant/${request.event_id}`
    const heir = await bench().startAgent({ steps: 4, stepMs: 700, takeover: PATIENT })
    await until(60_000, 'the other replica goes on', async () => (await bench().effects(runId)).length >= 1)
    frozen.child.kill('SIGCONT')
    expect(await bench().ended(request.event_id)).toBe('completed')
    expect((await resultOf(bench(), request.session_id)).completed).toMatchObject([{ status: 'completed' }])
    expect(new Set((await bench().effects(runId)).map(({ pid }) => pid))).toEqual(new Set([heir.child.pid]))
    await frozen.stop()
    await heir.stop()
  })

  it('takes over from an owner that never sent a heartbeat', async () => {
    const request = bench().request()
    const victim = await bench().startAgent({ steps: 1, killAt: 'start:before' })
    await bench().publish(request)
    await victim.died
    await bench().pool.query('DELETE FROM runtime.owners')
    const heir = await bench().startAgent({ steps: 1 })
    expect(await bench().ended(request.event_id)).toBe('completed')
    await heir.stop()
  })

  it('takes over within fifteen seconds with the default times', async () => {
    // one missed heartbeat, detected at the next check, or at the one after at the latest
    expect(TAKEOVER.goneMs + 2 * TAKEOVER.heartbeatMs).toBeLessThan(12_000)
    const busy = Array.from({ length: 4 }, () => bench().request())
    // long enough that all are queued before the first step ends
    const work = { steps: 2, stepMs: 500, takeover: TAKEOVER }
    const victim = await bench().startAgent({ ...work, killAt: 'step 0:done' })
    await bench().publish(...busy)
    await victim.died
    const heir = await bench().startAgent(work)
    for (const request of busy) expect(await bench().ended(request.event_id)).toBe('completed')
    await heir.stop()
  })

  it('retries a step that fails temporarily, and gives up on one that keeps failing', async () => {
    const agent = await bench().startAgent({ steps: 1, failures: 2 })
    const [passing, failing] = [bench().request(), bench().request()]
    await bench().publish(passing)
    expect(await bench().ended(passing.event_id)).toBe('completed')
    expect(await bench().effects(`assistant/${passing.event_id}`)).toHaveLength(3)
    await agent.stop()

    const other = await bench().startAgent({ steps: 1, failures: 99 })
    await bench().publish(failing)
    expect(await bench().ended(failing.event_id)).toBe('handler_failed')
    expect((await resultOf(bench(), failing.session_id)).completed).toMatchObject([{ status: 'failed' }])
    expect(await bench().effects(`assistant/${failing.event_id}`)).toHaveLength(5)
    expect(await bench().letters(failing.session_id)).toHaveLength(1)
    await other.stop()
  })

  it('gives up on a run that kills its owner three times', async () => {
    const request = bench().request()
    await bench().publish(request)
    for (let death = 0; death < 3; death++) {
      const victim = await bench().startAgent({ steps: 2, stepMs: 200, killAt: 'step 1:before' })
      await victim.died
    }
    const last = await bench().startAgent({ steps: 2 })
    expect(await bench().ended(request.event_id)).toBe('owner_killed')
    const { completed } = await resultOf(bench(), request.session_id)
    expect(completed).toMatchObject([{ status: 'failed', reason: 'owner_killed' }])
    expect(completed[0]?.execution_ms).toBeGreaterThanOrEqual(195)
    await last.stop()
  })

  it('ends a run that a newer handler version cannot continue, with the reason', async () => {
    const request = bench().request()
    const victim = await bench().startAgent({ steps: 2, killAt: 'step 1:before' })
    await bench().publish(request)
    await victim.died
    const newer = await bench().startAgent({ steps: 2, version: 2 })
    expect(await bench().ended(request.event_id)).toBe('incompatible_version')
    expect((await resultOf(bench(), request.session_id)).completed).toMatchObject([
      { status: 'failed', reason: 'incompatible_version' },
    ])
    await newer.stop()
  })
}
