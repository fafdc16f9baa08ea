/** Events that recur at the same hour, in data that reaches back days: a nightly job, and an outage at that hour. */
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../analysis/diagnose.ts'
import type { Observations, Series } from '../../analysis/observations.ts'
import { randomFrom } from '../../bench/rankings/measures.ts'

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]
const NIGHT = Date.UTC(2026, 2, 4, 2)
const SEEDS = [1, 2, 3, 4, 5]
const window = { start: NIGHT - 5 * MINUTE, end: NIGHT + 25 * MINUTE }
const baseline = { start: window.start - 30 * MINUTE, end: window.start }

interface Given {
  /** days before this one, on which the job ran too */
  nights: number
  isOut?: boolean
  /** failures come each night as well */
  failing?: boolean
}

/** Each night a job reads all orders for forty minutes: the store is busy, and everything takes longer. */
function shop(seed: number, { nights, isOut = false, failing = false }: Given): Observations {
  const random = randomFrom(seed)
  const noise = (width: number): number => 1 + width * (random() + random() - 1)
  const start = NIGHT - nights * DAY - 3 * HOUR
  const times = Float64Array.from({ length: (window.end - start) / MINUTE }, (_, index) => start + index * MINUTE)
  const starts = Array.from({ length: nights + 1 }, (_, ago) => NIGHT - ago * DAY + 2 * MINUTE * (random() - 0.5))
  const isBusy = (time: number): boolean => starts.some((from) => time >= from && time < from + 40 * MINUTE)
  const isDown = (service: string, time: number): boolean => isOut && service === 'orders' && time >= NIGHT + 8 * MINUTE
  const series = ['web', 'orders', 'store'].flatMap((service): Series[] => {
    const of = (indicator: string, unit: string, value: (time: number) => number): Series => ({ service, indicator, unit, times, values: times.map(value) }) // prettier-ignore
    return [
      of('latency_p95', 'ms', (time) => (isDown(service, time) ? 900 : isBusy(time) ? 60 : 20) * noise(0.15)),
      of('cpu', 'cores', (time) => (service === 'store' && isBusy(time) ? 2.5 : 0.4) * noise(0.1)),
      of('error_ratio', 'ratio', (time) => (isDown(service, time) ? 0.4 : failing && isBusy(time) && service === 'web' ? 0.03 : 0.001) * noise(0.3)), // prettier-ignore
      of('request_rate', '1/s', () => 30 * noise(0.2)),
    ]
  })
  const edges = [{ from: 'web', to: 'orders' }, { from: 'orders', to: 'store' }] // prettier-ignore
  return { window, baseline, asked: 'web', series, edges, ...{ logs: [], spans: [], changes: [] } }
}

describe('a nightly job', () => {
  it('that ran at this hour on other days is no incident, and the result says why', () => {
    for (const seed of SEEDS) {
      const { verdict, missing } = diagnose(shop(seed, { nights: 3 }))
      expect(verdict, `seed ${seed}`).toBe('nothing_wrong')
      expect(missing[0]?.en).toMatch(/not from this hour on other days \(2026-03-03, 2026-03-02, 2026-03-01\)/)
      expect(missing[0]?.zh).toContain('每天都會出現')
    }
  })

  it('stays an incident if fewer than two other days have data for this hour', () => {
    for (const nights of [0, 1]) expect(diagnose(shop(1, { nights })).verdict).toBe('incident')
  })

  it('hides no outage of the same hour', () => {
    for (const seed of SEEDS) {
      const { verdict, rootCauses } = diagnose(shop(seed, { nights: 3, isOut: true }))
      expect([verdict, rootCauses[0]?.service], `seed ${seed}`).toEqual(['incident', 'orders'])
    }
  })

  it('is inconclusive if requests fail every night', () => {
    const { verdict, missing } = diagnose(shop(1, { nights: 3, failing: true }))
    expect(verdict).toBe('inconclusive')
    expect(missing[0]?.en).toContain('it happens every day')
  })

  it('is compared with no day on which this hour is known to have been an incident', () => {
    const disturbed = [1, 2].map((ago) => ({ start: NIGHT - ago * DAY, end: NIGHT - ago * DAY + 30 * MINUTE }))
    expect(diagnose({ ...shop(1, { nights: 3 }), disturbed }).verdict).toBe('incident')
  })

  it('is no all-clear while an alert fires', () => {
    const firing = [{ service: 'web', summary: 'HighLatency', labels: {}, since: NIGHT }]
    expect(diagnose({ ...shop(1, { nights: 3 }), firing }).verdict).not.toBe('nothing_wrong')
  })
})
