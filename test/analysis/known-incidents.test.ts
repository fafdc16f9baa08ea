/** Known incidents are left out of the baseline. */
import { expect, it } from 'vitest'
import { diagnose } from '../../analysis/diagnose.ts'
import type { Observations, TimeRange } from '../../analysis/observations.ts'
import { NOW, observationsOf } from '../../bench/outages/shop.ts'

const minutes = (from: number, until: number): TimeRange => ({ start: NOW - from * 60_000, end: NOW - until * 60_000 })
const EARLIER = minutes(22, 17)

/** Memory fills up twice, without affecting users. */
function twice(seed: number, earlier = EARLIER): Observations {
  const all = observationsOf({ seed, since: 300, asked: 'storefront', outages: [] })
  const isOn = (time: number): boolean => [earlier, minutes(5, 0)].some(({ start, end }) => time >= start && time < end)
  const filled = (value: number, time: number): number => (isOn(time) ? value * 4 : value)
  const series = all.series.map((one) =>
    one.service === 'orders' && one.indicator === 'memory'
      ? { ...one, values: one.values.map((value, index) => filled(value, one.times[index]!)) }
      : one,
  )
  return { ...all, series }
}

it('detects a fault that also occurred in a known incident', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const known = diagnose({ ...twice(seed), disturbed: [EARLIER] })
    expect([known.verdict, known.rootCauses[0]?.service]).toEqual(['incident', 'orders'])
  }
})

const leftOutOf = (observations: Observations): string[] =>
  diagnose(observations).missing.map(({ en }) => en).filter((en) => en.startsWith('baseline leaves out')) // prettier-ignore

it('lists what is left out of the baseline, and why', () => {
  const quiet = observationsOf({ seed: 1, since: 300, asked: 'storefront', outages: [] })
  const incident = { ...minutes(22, 17), source: { en: 'incident INC-7', zh: '事故 INC-7' } }
  const alert = { ...minutes(18, 16), source: { en: 'alert Slow on orders', zh: 'orders 的告警 Slow' } }
  expect(leftOutOf({ ...quiet, disturbed: [incident, alert] })).toEqual([
    'baseline leaves out 09:38–09:44 UTC: incident INC-7, alert Slow on orders',
  ])
  expect(leftOutOf({ ...quiet, disturbed: [{ ...incident, ...minutes(90, 80) }] })).toEqual([])
  const outage = { service: 'orders', fault: 'errors', start: -1500, end: -1350 } as const
  const found = observationsOf({ seed: 1, since: 300, asked: 'storefront', outages: [outage] })
  expect(leftOutOf(found)).toEqual([expect.stringMatching(/09:3\d–09:3\d UTC: users were affected then too$/)])
})

it('leaves the minute of a platform action out of the baseline, but can still blame the action', () => {
  const action = { id: 'a', type: 'DEPLOYMENT', service: 'orders', summary: 'Deployed v1, before v2', timestamp: EARLIER.start } // prettier-ignore
  const seen = diagnose({ ...twice(1, minutes(22, 21)), changes: [action] })
  const own = diagnose({ ...twice(1, minutes(22, 21)), changes: [{ ...action, byPlatform: true }] })
  expect([seen.verdict, own.verdict]).toEqual(['nothing_wrong', 'incident'])
  expect(own.missing.map(({ en }) => en)).toContain('baseline leaves out 09:38–09:39 UTC: an approved action on orders (Deployed v1, before v2)') // prettier-ignore
  const outage = { service: 'orders', fault: 'errors', start: -200, end: 0 } as const
  const broken = observationsOf({ seed: 1, since: 300, asked: 'storefront', outages: [outage] })
  const blamed = diagnose({ ...broken, changes: [{ ...action, timestamp: NOW - 205_000, byPlatform: true }] })
  expect(blamed.rootCauses[0]).toMatchObject({ service: 'orders', changeId: 'a' })
})

it('reports that there is no normal level if known incidents cover most of the baseline', () => {
  const quiet = observationsOf({ seed: 1, since: 300, asked: 'storefront', outages: [] })
  const { verdict, missing, confidence } = diagnose({ ...quiet, disturbed: [minutes(34, 25), minutes(24, 12)] })
  expect({ verdict, confidence }).toEqual({ verdict: 'inconclusive', confidence: 0 })
  expect(missing.map(({ en }) => en).join()).toContain('most of the baseline was disturbed')
  const apart = diagnose({ ...quiet, disturbed: [minutes(90, 60), minutes(4, 0)] })
  expect(apart).toEqual(diagnose(quiet))
})
