import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../analysis/diagnose.ts'
import type { Observations, Series } from '../../../analysis/observations.ts'
import { randomFrom } from '../../../bench/rankings/measures.ts'

const STEP = 5000
const POINTS = 240
const ONSET = 160 * STEP
const SERVICES = ['web', 'cart', 'stock', 'price', 'mail']

/** Multiplies traffic and CPU of all services by `load`, and the latency of one service by `slower`. */
function loaded(load: number, slower: number): Observations {
  const random = randomFrom(7)
  const times = Float64Array.from({ length: POINTS }, (_, index) => index * STEP)
  const series = (service: string, indicator: string, level: number, factor: number): Series => ({
    service,
    indicator,
    times,
    values: times.map((time) => level * (time < ONSET ? 1 : factor) * (1 + 0.1 * (random() - 0.5))),
  })
  return {
    window: { start: 0, end: POINTS * STEP },
    series: SERVICES.flatMap((service) => [
      series(service, 'request_rate', 50, load),
      series(service, 'cpu', 20, load),
      series(service, 'latency_p95', 30, service === 'cart' ? slower : 1),
    ]),
    logs: [],
    spans: [],
    edges: [],
    changes: [],
  }
}

describe('a load that moves everything', () => {
  it('is not an incident while users are not affected', () => {
    expect(diagnose(loaded(2, 1)).verdict).toBe('nothing_wrong')
    expect(diagnose(loaded(4, 1)).verdict).toBe('nothing_wrong')
  })

  it('does not hide a service that becomes slow', () => {
    const { verdict, rootCauses } = diagnose(loaded(2, 6))
    expect(verdict).toBe('incident')
    expect(rootCauses[0]).toMatchObject({ service: 'cart', indicator: 'latency_p95' })
  })

  it('does not explain a rise in the load of a single service', () => {
    const all = loaded(1, 1)
    const series = all.series.map((one) =>
      one.service === 'mail' && one.indicator !== 'latency_p95'
        ? { ...one, values: one.values.map((value, index) => (index < 160 ? value : value * 4)) }
        : one,
    )
    expect(diagnose({ ...all, series }).rootCauses[0]).toMatchObject({ service: 'mail', indicator: 'cpu' })
  })
})
