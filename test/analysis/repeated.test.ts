/** A CPU fault without user impact, and the same one before the window. */
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../analysis/diagnose.ts'
import type { Observations, Series, TimeRange } from '../../analysis/observations.ts'
import { randomFrom } from '../../bench/rankings/measures.ts'

const STEP = 5000
const START = Date.UTC(2026, 2, 1, 12)
const minutes = (from: number, to: number): TimeRange => ({ start: START + from * 60_000, end: START + to * 60_000 })
const [baseline, window] = [minutes(0, 6), minutes(6, 10)]

function seriesOf(service: string, busy: readonly TimeRange[]): Series {
  const random = randomFrom(service.length)
  const times = Float64Array.from({ length: 120 }, (_, index) => START + index * STEP)
  const isBusy = (time: number): boolean => busy.some(({ start, end }) => time >= start && time < end)
  return { service, indicator: 'cpu', times, values: times.map((time) => (isBusy(time) ? 90 : 10) + random()) }
}

const asked = (busy: readonly TimeRange[]): Observations => ({
  ...{ window, baseline, logs: [], spans: [], edges: [], changes: [] },
  series: [seriesOf('carts', busy), seriesOf('orders', []), seriesOf('payment', [])],
})

describe('a deviation that occurred once before', () => {
  it('clears nobody', () => {
    const verdict = diagnose(asked([minutes(2, 4), window]))
    expect(verdict.verdict).not.toBe('nothing_wrong')
    expect(verdict.rootCauses[0]?.service).toBe('carts')
  })

  it('is reported with the time of the earlier one', () => {
    const { verdict, missing } = diagnose(asked([minutes(2, 4), window]))
    expect(verdict).toBe('inconclusive')
    expect(missing.map(({ en }) => en).join()).toMatch(/the same was seen earlier \(12:0[12]–12:04 UTC\)/)
  })

  it('is not reported if only the earlier one exists', () => {
    expect(diagnose(asked([minutes(2, 4)])).verdict).toBe('nothing_wrong')
  })

  it('is not reported if it occurs on a schedule', () => {
    const often = [0.5, 2, 3.5, 5].map((from) => minutes(from, from + 0.9))
    expect(diagnose(asked([...often, minutes(6.5, 7.4), minutes(8, 8.9)])).verdict).toBe('nothing_wrong')
  })
})
