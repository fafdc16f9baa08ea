/** Time that is known to have been an incident is compared with by nobody, whatever of it can be seen. */
import { expect, it } from 'vitest'
import { diagnose } from '../../analysis/diagnose.ts'
import type { Observations, TimeRange } from '../../analysis/observations.ts'
import { NOW, observationsOf } from '../../bench/outages/shop.ts'

const minutes = (from: number, until: number): TimeRange => ({ start: NOW - from * 60_000, end: NOW - until * 60_000 })
const EARLIER = minutes(22, 17)

/** Memory that fills, of which users feel nothing yet, twice. */
function twice(seed: number): Observations {
  const all = observationsOf({ seed, since: 300, asked: 'storefront', outages: [] })
  const isOn = (time: number): boolean => [EARLIER, minutes(5, 0)].some(({ start, end }) => time >= start && time < end)
  const filled = (value: number, time: number): number => (isOn(time) ? value * 4 : value)
  const series = all.series.map((one) =>
    one.service === 'orders' && one.indicator === 'memory'
      ? { ...one, values: one.values.map((value, index) => filled(value, one.times[index]!)) }
      : one,
  )
  return { ...all, series }
}

it('finds again what went the same way in time that is known to have been an incident', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const known = diagnose({ ...twice(seed), disturbed: [EARLIER] })
    expect([known.verdict, known.rootCauses[0]?.service]).toEqual(['incident', 'orders'])
  }
})

it('says that nothing tells what is normal where most of the time before is known to have been one', () => {
  const quiet = observationsOf({ seed: 1, since: 300, asked: 'storefront', outages: [] })
  const { verdict, missing, confidence } = diagnose({ ...quiet, disturbed: [minutes(34, 25), minutes(24, 12)] })
  expect({ verdict, confidence }).toEqual({ verdict: 'inconclusive', confidence: 0 })
  expect(missing.map(({ en }) => en).join()).toContain('most of the baseline was disturbed')
  const apart = diagnose({ ...quiet, disturbed: [minutes(90, 60), minutes(4, 0)] })
  expect(apart).toEqual(diagnose(quiet))
})
