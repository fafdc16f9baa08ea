/** What the anomaly agent foretells. */
import { describe, expect, it, vi } from 'vitest'
import { NEVER, type Policy } from '../../agents/anomaly/policy.ts'
import { polling } from '../../agents/anomaly/source.ts'
import type { CallContext, ControlPlaneTool, MetricsQuery, MetricsTool } from '../../agents/tools/tools.ts'
import type { Forecast } from '../../analysis/filling/forecasts.ts'
import { severityOf } from '../../analysis/filling/severity.ts'
import { type Measure, noise, START, STEP } from '../analysis/watch/shop.ts'
import { place, type Place } from './system.ts'

const POLICY: Policy = { ...NEVER, services: ['*'], leastSeverity: 'critical', forecasts: true, perHour: 5, perDay: 5, coolDownMs: 0 } // prettier-ignore
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

  it('knows the last weeks of every service at its first start, however many there are', async () => {
    const system = await place()
    const services = Array.from({ length: 6 }, (_, at) => `service-${at}`)
    const HOUR = 3_600_000
    const now = START + 60 * 24 * HOUR
    // a disk that fills up in a week, after three
    const share = (time: number): number => 0.4 + (0.6 * (time - now + 21 * 24 * HOUR)) / (28 * 24 * HOUR)
    const metrics = {
      async goldenSignals({ service, range, stepS = 1 }: MetricsQuery, { signal }: CallContext) {
        if (signal.aborted) return { status: 'failed', error: 'aborted', data: null }
        const times = Array.from({ length: Math.floor((range.end - range.start) / stepS / 1000) + 1 }, (_, at) => range.start + at * stepS * 1000) // prettier-ignore
        const series = { service, instance: 'data', indicator: 'disk', unit: 'ratio', times, values: times.map(share) }
        return { status: 'ok', data: { series: [series] } }
      },
    } as unknown as MetricsTool
    const controlPlane = { resources: async () => ({ status: 'ok', data: services.map((service_name) => ({ service_name, namespace: 'shop', depends_on: null })) }) } as unknown as ControlPlaneTool // prettier-ignore
    // spread over a step of an hour, questions would be asked a minute apart
    system.start({ measures: [], source: polling({ metrics, spread: 0.025 }), controlPlane, clock: () => now })
    await vi.waitUntil(() => system.forecast().length >= services.length, { timeout: 60_000 })
    expect(system.forecast().map(({ service, phase, resource }) => `${phase} ${resource} ${service}`).sort()).toEqual(services.map((service) => `produced disk ${service}`)) // prettier-ignore
    const full = now + 7 * 24 * HOUR
    for (const { full_at } of system.forecast()) expect(Math.abs(full_at - full)).toBeLessThan(0.2 * 7 * 24 * HOUR)
  })

  it('closes a forecast with the severity that was announced, unless it got full', () => {
    const HOUR = 3_600_000
    const full = { at: 100 * HOUR, earliest: 90 * HOUR, latest: 110 * HOUR, level: 0.9 }
    const path = [{ time: 0, value: 0.5, lower: 0.5, upper: 0.5 }]
    const severity = (ending: Forecast['ending']) => severityOf({ at: 110 * HOUR, full, path, ending })
    expect([severity('slowed'), severity('freed'), severity('full')]).toEqual(['info', 'info', 'critical'])
    expect(severityOf({ at: 99.5 * HOUR, full, path, ending: null })).toBe('critical')
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
