/** What every run promises, on either bus: nothing finished is repeated, nothing is lost, one distinct result. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type BusOptions, type CountingBench, contract, countingBench, until } from './counting.ts'
import { takingIn } from './taking-in.ts'

const STEPS = ['publish 0', 'step 0', 'publish 1', 'step 1', 'publish 2']
const phases = (step: string) => ['before', ...(step.startsWith('publish') ? ['recorded'] : []), 'done', 'journaled']
const BOUNDARIES = STEPS.flatMap((step) => phases(step).map((phase) => `${step}:${phase}`))

export function durability(
  name: string,
  setUp: () => Promise<{ databaseUrl: string; bus: BusOptions; tearDown(): Promise<void> }>,
) {
  describe(`durable runs over ${name}`, { timeout: 60_000 }, () => {
    let bench: CountingBench
    let tearDown: () => Promise<void>
    beforeAll(async () => {
      const parts = await setUp()
      tearDown = parts.tearDown
      bench = await countingBench(parts.databaseUrl, parts.bus)
    }, 120_000)
    afterEach(() => bench.killAll())
    afterAll(async () => {
      await bench?.close()
      await tearDown?.()
    }, 60_000)

    /** The result of a session whose run has ended; what was published last may not have arrived here yet. */
    const sessionResult = async (sessionId: string) => {
      await until(
        10_000,
        'the session is answered',
        async () => bench.events('DiagnosisCompleted', sessionId).length > 0,
      )
      return {
        completed: distinct(bench.events('DiagnosisCompleted', sessionId)),
        progressed: distinct(bench.events('DiagnosisProgressed', sessionId)),
      }
    }

    it.each(BOUNDARIES)('goes on elsewhere when its owner is killed at %s', async (boundary) => {
      const request = bench.request()
      const victim = await bench.startAgent({ steps: 2, killAt: boundary })
      await bench.publish(request)
      await victim.died
      const heir = await bench.startAgent({ steps: 2 })
      expect(await bench.ended(request.event_id)).toBe('completed')
      await heir.stop()

      const { completed, progressed } = await sessionResult(request.session_id)
      expect(completed).toHaveLength(1)
      expect(completed[0]).toMatchObject({ status: 'completed', revision: 1 })
      expect(progressed.map((one) => one.sequence)).toEqual([0, 1])
      const effects = await bench.effects(`assistant/${request.event_id}`)
      const [killedStep = '', phase] = boundary.split(':')
      for (const step of ['step 0', 'step 1']) {
        const done = effects.filter((effect) => effect.step === step)
        expect(done).toHaveLength(step === killedStep && phase === 'done' ? 2 : 1)
        expect(new Set(done.map((effect) => effect.key)).size).toBe(1)
      }
    })

    it('lets one of two owners conclude when a frozen one wakes after the takeover', async () => {
      const request = bench.request()
      const frozen = await bench.startAgent({ steps: 4, stepMs: 1500 })
      await bench.publish(request)
      const runId = `assistant/${request.event_id}`
      await until(20_000, 'the first step is done', async () => (await bench.effects(runId)).length >= 1)
      frozen.child.kill('SIGSTOP')
      const heir = await bench.startAgent({ steps: 4, stepMs: 1500 })
      await until(20_000, 'the other replica goes on', async () =>
        (await bench.effects(runId)).some((effect) => effect.pid === heir.child.pid),
      )
      frozen.child.kill('SIGCONT')
      expect(await bench.ended(request.event_id)).toBe('completed')
      const { completed, progressed } = await sessionResult(request.session_id)
      expect(completed).toHaveLength(1)
      expect(progressed).toHaveLength(4)
      const effects = await bench.effects(runId)
      const twice = ['step 0', 'step 1', 'step 2', 'step 3'].filter(
        (step) => effects.filter((effect) => effect.step === step).length > 1,
      )
      expect(twice.length).toBeLessThanOrEqual(1)
      await frozen.stop()
      await heir.stop()
    })

    it('starts nothing for a redelivered event or a second request of a known session', async () => {
      const agent = await bench.startAgent({ steps: 1 })
      const request = bench.request()
      const again = { ...bench.request(request.session_id) }
      await bench.publish(request, request, again)
      await bench.ended(request.event_id)
      const last = bench.request()
      await bench.publish(last)
      await bench.ended(last.event_id)
      const { rows } = await bench.pool.query('SELECT run_id FROM runtime.runs WHERE session_id = $1', [
        request.session_id,
      ])
      expect(rows).toEqual([{ run_id: `assistant/${request.event_id}` }])
      await agent.stop()
    })

    it('dead-letters what always fails, and still answers the session', async () => {
      const agent = await bench.startAgent({ steps: 1, fail: true })
      const request = bench.request()
      await bench.publish(request)
      expect(await bench.ended(request.event_id)).toBe('handler_failed')
      const { completed } = await sessionResult(request.session_id)
      expect(completed).toMatchObject([{ status: 'failed', reason: 'handler_failed' }])
      const letters = []
      for await (const letter of bench.bus.browse(`${contract.topicOf('DiagnosisRequested').name}.assistant.dlq`)) {
        if (letter.key === request.session_id) letters.push(letter)
      }
      expect(letters).toHaveLength(1)
      expect(Object.values(letters[0]?.headers ?? {}).join('\n')).toContain('this handler always fails')
      await agent.stop()
    })

    it('gives up on a run that kills its owner three times', async () => {
      const request = bench.request()
      await bench.publish(request)
      for (let death = 0; death < 3; death++) {
        const victim = await bench.startAgent({ steps: 1, killAt: 'step 0:before' })
        await victim.died
      }
      const last = await bench.startAgent({ steps: 1 })
      expect(await bench.ended(request.event_id, 45_000)).toBe('owner_killed')
      expect((await sessionResult(request.session_id)).completed).toMatchObject([
        { status: 'failed', reason: 'owner_killed' },
      ])
      await last.stop()
    })

    it('stops a cancelled session at its next step and says so', async () => {
      const agent = await bench.startAgent({ steps: 20, stepMs: 300 })
      const request = bench.request()
      await bench.publish(request)
      const runId = `assistant/${request.event_id}`
      await until(20_000, 'the run is on its way', async () => (await bench.effects(runId)).length >= 1)
      await bench.cancel(request.session_id)
      expect(await bench.ended(request.event_id)).toBe('cancelled')
      expect((await bench.effects(runId)).length).toBeLessThan(20)
      expect((await sessionResult(request.session_id)).completed).toMatchObject([{ status: 'cancelled' }])
      await agent.stop()
    })

    it('holds a cancel that arrives before its request', async () => {
      const agent = await bench.startAgent({ steps: 2 })
      const request = bench.request()
      await bench.cancel(request.session_id)
      await until(10_000, 'the cancel is kept', async () => {
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

    it('counts active time only, and aborts the steps past it', async () => {
      const agent = await bench.startAgent({ steps: 4, stepMs: 400, limitMs: 600 })
      const request = bench.request()
      await bench.publish(request)
      expect(await bench.ended(request.event_id)).toBe('completed')
      const effects = await bench.effects(`assistant/${request.event_id}`)
      expect(effects.map((effect) => effect.aborted)).toEqual([false, true, true, true])
      await agent.stop()
    })

    it('ends a run that a newer version of its handler cannot continue, with the reason', async () => {
      const request = bench.request()
      const victim = await bench.startAgent({ steps: 2, killAt: 'step 1:before' })
      await bench.publish(request)
      await victim.died
      const newer = await bench.startAgent({ steps: 2, version: 2 })
      expect(await bench.ended(request.event_id)).toBe('incompatible_version')
      expect((await sessionResult(request.session_id)).completed).toMatchObject([
        { status: 'failed', reason: 'incompatible_version' },
      ])
      await newer.stop()
    })

    it('lets no tenant keep the others waiting', async () => {
      const limits = { concurrency: 4, tenantConcurrency: 1 }
      const agent = await bench.startAgent({ steps: 1, stepMs: 600, limits })
      const busy = Array.from({ length: 4 }, () => ({ ...bench.request(), tenant: 'busy' }))
      for (const request of busy) await bench.publish(request)
      const other = { ...bench.request(), tenant: 'other' }
      await bench.publish(other)
      for (const request of [...busy, other]) expect(await bench.ended(request.event_id)).toBe('completed')
      const { rows } = await bench.pool.query<{ tenant: string }>(
        `SELECT tenant FROM runtime.runs WHERE session_id = ANY($1) ORDER BY ended_at`,
        [[...busy, other].map((one) => one.session_id)],
      )
      expect(rows.slice(-2).map(({ tenant }) => tenant)).toEqual(['busy', 'busy'])
      await agent.stop()
    })

    it('begins no more runs of a tenant a minute than it may', async () => {
      const agent = await bench.startAgent({ steps: 1, limits: { tenantPerMinute: 2 } })
      // the engine reads the limits of its queue once a second
      await new Promise((resolve) => setTimeout(resolve, 1500))
      const eager = Array.from({ length: 3 }, () => ({ ...bench.request(), tenant: 'eager' }))
      for (const request of eager) await bench.publish(request)
      const other = { ...bench.request(), tenant: 'patient' }
      await bench.publish(other)
      expect(await bench.ended(other.event_id)).toBe('completed')
      const ended = async () => {
        const { rowCount } = await bench.pool.query(
          `SELECT FROM runtime.runs WHERE tenant = 'eager' AND status = 'ended'`,
        )
        return rowCount ?? 0
      }
      await until(10_000, 'two have ended', async () => (await ended()) >= 2)
      const waiting = bench.pool.query(`SELECT FROM runtime.runs WHERE tenant = 'eager' AND status = 'queued'`)
      expect([await ended(), (await waiting).rowCount]).toEqual([2, 1])
      await agent.stop()
    })

    takingIn(() => bench)
  })
}

/** One of each event_id: what a reader that drops repeats sees. Repeats must be identical. */
function distinct<T extends { event_id: string; sequence: number }>(values: readonly T[]): T[] {
  const byId = new Map<string, T>()
  for (const value of values) {
    const known = byId.get(value.event_id)
    if (known !== undefined) expect(value).toEqual(known)
    byId.set(value.event_id, value)
  }
  return [...byId.values()].sort((a, b) => a.sequence - b.sequence)
}
