/** What the anomaly agent foretells. */
import { describe, expect, it, vi } from 'vitest'
import type { Policy } from '../../agents/anomaly/policy.ts'
import { type Measure, noise, START, STEP } from '../analysis/watch/shop.ts'
import { place, type Place } from './system.ts'

const POLICY: Policy = { services: ['*'], leastSeverity: 'critical', forecasts: true, perHour: 5, perDay: 5, coolDownMs: 0, quietHours: [] } // prettier-ignore
/** In steps: 20 minutes of calm, and then a leak of 20, after which the process is restarted. */
const [LEAKS, FULL] = [120, 240]
const [RESTARTED, OVER] = [200, 280]

const memoryOf = (share: (step: number) => number): Measure => ({
  ...{ service: 'cart', indicator: 'memory_ratio', unit: 'ratio', instance: 'cart-0' },
  value: (step) => share(step) + 0.005 * noise(step),
})
const leaking = (step: number): number => 0.3 + (0.7 * Math.max(0, step - LEAKS)) / (FULL - LEAKS)
const LEAK = memoryOf((step) => leaking(step < RESTARTED ? step : 0))

const phases = (system: Place): string[] => system.forecast().map(({ sequence, phase, ending }) => `${sequence} ${phase} ${ending ?? ''}`.trim()) // prettier-ignore
const closed = (system: Place) => vi.waitUntil(() => system.forecast().some(({ phase }) => phase === 'closed'), { timeout: 60_000 }) // prettier-ignore

describe('the anomaly agent', { timeout: 120_000 }, () => {
  it('foretells when a leak is full, asks for one diagnosis, and closes the forecast after a restart of the process', async () => {
    const system = await place()
    system.start({ measures: [LEAK], policy: POLICY })
    await closed(system)
    expect(phases(system)).toEqual(['0 produced', '1 closed freed'])
    const [told, over] = system.forecast()
    expect(told).toMatchObject({
      ...{ tenant: 'default', service: 'cart', namespace: 'shop', resource: 'memory', indicator: 'memory_ratio' },
      ...{ unit: 'ratio', instance: 'cart-0', severity: 'critical', limit: 1, ending: null, level: 0.9 },
    })
    const full = START + FULL * STEP
    const half = START + ((LEAKS + FULL) / 2) * STEP
    expect(told!.occurred_at).toBeLessThan(half)
    expect(Math.abs(told!.full_at - full)).toBeLessThan(0.2 * (full - told!.occurred_at))
    expect(told!.earliest).toBeLessThanOrEqual(told!.full_at)
    expect(told!.path.at(-1)!.time).toBe(told!.full_at)
    expect(over).toMatchObject({ forecast_id: told!.forecast_id, full_at: told!.full_at })
    expect(system.asked()).toMatchObject([
      {
        ...{ session_id: told!.forecast_id, kind: 'alert', service: 'cart', severity: 'P1' },
        context: { trigger: 'forecast', forecast_id: told!.forecast_id, reason: expect.stringContaining('cart memory_ratio reaches its limit at') }, // prettier-ignore
      },
    ])
  })

  it('asks for nothing unless the policy says that forecasts do', async () => {
    const system = await place()
    system.start({ measures: [LEAK], policy: { ...POLICY, forecasts: false } })
    await closed(system)
    expect(system.asked()).toEqual([])
  })

  it('says nothing twice after a restart in the middle of a forecast', async () => {
    const system = await place()
    const first = system.start({ measures: [LEAK], policy: POLICY })
    await vi.waitUntil(() => system.forecast().length > 0, { timeout: 60_000 })
    await first.stop()
    const second = system.start({ measures: [LEAK], policy: POLICY })
    await closed(system)
    expect(phases(system)).toEqual(['0 produced', '1 closed freed'])
    expect(system.asked()).toHaveLength(1)
    await vi.waitUntil(() => second.forecasts().length === 0)
  })

  it('does not foretell again what is full', async () => {
    const system = await place()
    system.start({ measures: [memoryOf((step) => Math.min(1, leaking(step)))] })
    await closed(system)
    await system.until(FULL + 100)
    expect(phases(system)).toEqual(['0 produced', '1 closed full'])
  })

  it('tells at its first start what fills up now, not what did', async () => {
    const system = await place()
    const early = { ...memoryOf((step) => leaking(step + 60 < RESTARTED - 30 ? step + 60 : 0)), service: 'mail' }
    system.start({ measures: [LEAK, early], clock: () => START + Math.max(155, system.step()) * STEP })
    await vi.waitUntil(() => system.forecast().length > 0, { timeout: 60_000 })
    expect(system.forecast().map(({ service, phase, sequence }) => `${sequence} ${phase} ${service}`)).toEqual(['0 produced cart']) // prettier-ignore
    await system.until(OVER)
  })
})
