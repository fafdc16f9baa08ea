import { describe, expect, it } from 'vitest'
import { Watcher, type WatcherState } from '../../../analysis/watch/watcher.ts'
import type { Anomaly } from '../../../analysis/watch/watched.ts'
import fc from '../../properties/seeded.ts'
import { at, CALLS, during, errorsOf, latencyOf, samplesAt, STEP, trafficOf, watch } from './shop.ts'

const STEPS = 260
const SERVICES = ['front', 'cart', 'store', 'mail']

/** Faults of any service, at any time, of any size. */
const faults = fc.array(
  fc.record({
    service: fc.constantFrom(...SERVICES),
    from: fc.integer({ min: 60, max: STEPS }),
    steps: fc.integer({ min: 1, max: 60 }),
    size: fc.constantFrom(30, 200, 5_000),
  }),
  { maxLength: 4 },
)

const measuresOf = (drawn: readonly { service: string; from: number; steps: number; size: number }[]) =>
  SERVICES.flatMap((service) => {
    const own = drawn.filter((one) => one.service === service)
    const more = (step: number) => own.reduce((sum, { from, steps, size }) => sum + during(from, from + steps, size)(step), 0) // prettier-ignore
    return [latencyOf(service, more), errorsOf(service, (step) => (more(step) > 1_000 ? 0.3 : 0)), trafficOf(service)]
  })

const OPTIONS = { stepMs: STEP, latenessMs: 0 }

describe('whatever goes wrong', () => {
  it('a restart at any step changes nothing, and announces nothing twice', () => {
    fc.assert(
      fc.property(faults, fc.integer({ min: 1, max: STEPS - 1 }), (drawn, cut) => {
        const measures = measuresOf(drawn)
        const first = watch(measures, cut)
        const stored = JSON.parse(JSON.stringify(first.watcher.snapshot())) as WatcherState
        const resumed = Watcher.restored(stored, OPTIONS)
        resumed.connect(CALLS)
        const after: Anomaly[] = []
        for (let step = cut; step < STEPS; step += 1) {
          for (const sample of samplesAt(step, measures)) resumed.add(sample)
          after.push(...resumed.advance(at(step)))
        }
        expect([...first.announced, ...after]).toEqual(watch(measures, STEPS).announced)
      }),
      { numRuns: 15 },
    )
  })

  it('the order in which samples arrive does not matter, as long as they are not late', () => {
    fc.assert(
      fc.property(faults, fc.integer({ min: 1, max: 6 }), (drawn, held) => {
        const measures = measuresOf(drawn)
        const watcher = new Watcher({ stepMs: STEP, latenessMs: held * STEP })
        watcher.connect(CALLS)
        const announced: Anomaly[] = []
        for (let step = 0; step < STEPS + held; step += held) {
          const steps = Array.from({ length: held }, (_, index) => step + index).filter((one) => one < STEPS)
          for (const one of steps.reverse())
            for (const sample of samplesAt(one, measures).reverse()) watcher.add(sample)
          announced.push(...watcher.advance(at(step + held - 1)))
        }
        announced.push(...watcher.advance(at(STEPS + held)))
        expect(announced).toEqual(watch(measures, STEPS).announced)
        expect(watcher.counts().late).toBe(0)
      }),
      { numRuns: 15 },
    )
  })

  it('each anomaly is opened once, and closed at most once, after that', () => {
    fc.assert(
      fc.property(faults, (drawn) => {
        const { announced, watcher } = watch(measuresOf(drawn), STEPS)
        for (const [id, phases] of Map.groupBy(announced, (one) => one.id)) {
          const names = phases.map(({ phase }) => phase)
          expect(names.indexOf('opened'), id).toBe(0)
          expect(names.lastIndexOf('opened'), id).toBe(0)
          expect(names.slice(0, -1), id).not.toContain('closed')
          expect(
            watcher.open().some((one) => one.id === id),
            id,
          ).toBe(names.at(-1) !== 'closed')
        }
      }),
      { numRuns: 30 },
    )
  })

  it('refuses a state of other steps', () => {
    const { watcher } = watch([latencyOf('cart')], 5)
    expect(() => Watcher.restored(watcher.snapshot(), { stepMs: 5_000, latenessMs: 0 })).toThrow(
      '10000 ms, not 5000 ms',
    )
  })
})
