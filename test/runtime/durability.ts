/** Guarantees of every run, on either bus: nothing finished is repeated, nothing is lost, one result. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { cancelling } from './bounds.ts'
import { type BusOptions, type CountingBench, countingBench, until } from './counting.ts'
import { PATIENT } from './owners.ts'
import { resultOf } from './result-of.ts'
import { takingIn } from './taking-in.ts'

const STEPS = ['publish 0', 'step 0', 'publish 1', 'step 1', 'publish 2']
/** If bus and runs share a database, publishing is one statement and has no inner phases. */
const phases = (step: string, atOnce: boolean) => {
  const publishes = step.startsWith('publish')
  return [
    'before',
    ...(publishes && !atOnce ? ['recorded'] : []),
    ...(publishes && atOnce ? [] : ['done']),
    'journaled',
  ]
}
/** Published but not yet marked as ended: two statements on either bus. */
const ending = (atOnce: boolean) =>
  ['before', ...(atOnce ? [] : ['recorded']), 'done', 'journaled'].map((phase) => `end:${phase}`)
const INTAKE = phases('publish', false).map((phase) => `intake:${phase}`)
/** All of them on PostgreSQL; Kafka differs only where an agent takes events in and publishes. */
const boundaries = (atOnce: boolean) => [
  ...(atOnce ? ['start:before'] : []),
  ...STEPS.filter((step) => atOnce || step.startsWith('publish')).flatMap((step) =>
    phases(step, atOnce).map((phase) => `${step}:${phase}`),
  ),
]

export function durability(
  name: string,
  setUp: () => Promise<{ databaseUrl: string; bus: BusOptions; tearDown(): Promise<void> }>,
  /** what does not depend on the bus */
  more?: (bench: () => CountingBench) => void,
) {
  const atOnce = name === 'PostgreSQL'
  describe(`durable runs over ${name}`, { timeout: 180_000 }, () => {
    let bench: CountingBench
    let tearDown: () => Promise<void>
    beforeAll(async () => {
      const parts = await setUp()
      tearDown = parts.tearDown
      bench = await countingBench(parts.databaseUrl, parts.bus)
    }, 180_000)
    afterEach(() => bench.killAll())
    afterAll(async () => {
      await bench?.close()
      await tearDown?.()
    }, 180_000)

    const sessionResult = (sessionId: string) => resultOf(bench, sessionId)

    // at intake one by one: the run goes on while its event is taken in again
    it.each(
      [...INTAKE.map((one) => [one]), boundaries(atOnce)].map((deaths) => [deaths.join(', then '), deaths] as const),
    )(
      'continues in another process when its owner is killed at %s',
      async (_at, deaths) => {
        const request = bench.request()
        // an event interrupted during intake may already have started a run, which must not reach a step
        const stepMs = INTAKE.includes(deaths[0]!) ? 1000 : 0
        await bench.publishTo(deaths, request, { steps: 2, stepMs })
        const heir = await bench.startAgent({ steps: 2 })
        expect(await bench.ended(request.event_id)).toBe('completed')
        await heir.stop()

        const { completed, progressed } = await sessionResult(request.session_id)
        expect(completed).toHaveLength(1)
        expect(completed[0]).toMatchObject({ status: 'completed', revision: 1 })
        expect(progressed.map((one) => one.sequence)).toEqual([0, 1])
        const effects = await bench.effects(`assistant/${request.event_id}`)
        for (const step of ['step 0', 'step 1']) {
          const done = effects.filter((effect) => effect.step === step)
          expect(done).toHaveLength(deaths.includes(`${step}:done`) ? 2 : 1)
          expect(new Set(done.map((effect) => effect.key)).size).toBe(1)
        }
      },
      600_000,
    )

    it('lets one of two owners conclude when a frozen one wakes after the takeover', async () => {
      const request = bench.request()
      const frozen = await bench.startAgent({ steps: 4, stepMs: 1500, takeover: PATIENT })
      await bench.publish(request)
      const runId = `assistant/${request.event_id}`
      await until(60_000, 'the first step is done', async () => (await bench.effects(runId)).length >= 1)
      frozen.child.kill('SIGSTOP')
      const heir = await bench.startAgent({ steps: 4, stepMs: 1500, takeover: PATIENT })
      await until(60_000, 'the other replica goes on', async () =>
        (await bench.effects(runId)).some((effect) => effect.pid === heir.child.pid),
      )
      frozen.child.kill('SIGCONT')
      expect(await bench.ended(request.event_id)).toBe('completed')
      const { completed, progressed } = await sessionResult(request.session_id)
      expect(completed).toHaveLength(1)
      expect(progressed).toHaveLength(4)
      // each takeover repeats one step at most; a busy machine may have more than one takeover
      const { rows } = await bench.pool.query<{ starts: number }>(`SELECT starts FROM runtime.runs WHERE run_id = $1`, [runId]) // prettier-ignore
      const repeats = (await bench.effects(runId)).length - 4
      expect(repeats).toBeLessThan(rows[0]!.starts)
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

    it('sends a run that always fails to dead letters, and still answers its session, with its active time', async () => {
      const agent = await bench.startAgent({ steps: 1, stepMs: 300, sleepMs: 6000, fail: true })
      const request = bench.request()
      await bench.publish(request)
      expect(await bench.ended(request.event_id)).toBe('handler_failed')
      const { completed } = await sessionResult(request.session_id)
      expect(completed).toMatchObject([{ status: 'failed', reason: 'handler_failed' }])
      expect(completed[0]?.execution_ms).toBeGreaterThanOrEqual(295)
      expect(completed[0]?.execution_ms).toBeLessThan(6000)
      const letters = await bench.letters(request.session_id)
      expect(letters).toHaveLength(1)
      expect(Object.values(letters[0]?.headers ?? {}).join('\n')).toContain('this handler always fails')
      await agent.stop()
    })

    it('publishes a failure once, though its owner is killed at every boundary of the end', async () => {
      const request = bench.request()
      await bench.publishTo(ending(atOnce), request, { steps: 1, fail: true })
      const heir = await bench.startAgent({ steps: 1, fail: true })
      expect(await bench.ended(request.event_id)).toBe('handler_failed')
      const { completed } = await sessionResult(request.session_id)
      expect(completed).toMatchObject([{ status: 'failed', reason: 'handler_failed' }])
      const letters = await bench.letters(request.session_id)
      expect(new Set(letters.map(({ value, headers }) => JSON.stringify([value, headers]))).size).toBe(1)
      expect(await bench.effects(`assistant/${request.event_id}`)).toHaveLength(1)
      await heir.stop()
    })

    it('sends a run with an undecodable event to dead letters', async () => {
      const request = bench.request()
      const victim = await bench.startAgent({ steps: 1, killAt: 'step 0:before' })
      await bench.publish(request)
      await victim.died
      await bench.pool.query(`UPDATE runtime.runs SET record = '\\x00' WHERE session_id = $1`, [request.session_id])
      const heir = await bench.startAgent({ steps: 1 })
      expect(await bench.ended(request.event_id)).toBe('undecodable')
      expect(await bench.letters(request.session_id)).toHaveLength(1)
      await heir.stop()
    })

    it('keeps a published result if the run then kills its owners', async () => {
      const request = bench.request()
      await bench.publish(request)
      for (let death = 0; death < 3; death++) {
        const victim = await bench.startAgent({ steps: 1, killAt: `publish 1:${atOnce ? 'journaled' : 'recorded'}` })
        await victim.died
      }
      const last = await bench.startAgent({ steps: 1 })
      expect(await bench.ended(request.event_id)).toBe('owner_killed')
      expect((await sessionResult(request.session_id)).completed).toMatchObject([{ status: 'completed' }])
      await last.stop()
    })

    cancelling(() => bench)
    takingIn(() => bench)
    more?.(() => bench)
  })
}
