/** A platform with little history before its first outage: the baseline is short and never includes the outage. */
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../analysis/diagnose.ts'
import type { Alert, Observations } from '../../analysis/observations.ts'
import { summaryOf } from '../../analysis/summary.ts'
import { NOW, observationsOf } from '../../bench/outages/shop.ts'

const MINUTE = 60_000
const from = (recorded: number, observations: Observations): Observations => ({
  ...observations,
  series: observations.series.map((one) => {
    const first = one.times.findIndex((time) => time >= recorded)
    return { ...one, times: one.times.subarray(first), values: one.values.subarray(first) }
  }),
})
const alert: Alert = { service: 'storefront', summary: 'HighLatency', since: NOW - 12 * MINUTE + 20_000, labels: {} }
const asked = (seed: number, end: number) =>
  observationsOf({
    seed,
    outages: [{ service: 'inventory', fault: 'slow', start: -12 * 60, end }],
    since: 30 * 60,
    asked: 'storefront',
  })
const seeds = Array.from({ length: 10 }, (_, seed) => seed + 1)

describe('an outage two minutes after the first sample, with a requested baseline before all data', () => {
  it.each([
    ['without an alert', {}],
    ['with a firing alert', { alert }],
  ])('%s is reported as going on, with the right onset and cause', (_name, told) => {
    for (const seed of seeds) {
      const verdict = diagnose({ ...from(NOW - 14 * MINUTE, asked(seed, 0)), ...told })
      expect(verdict, `seed ${seed}`).toMatchObject({ verdict: 'incident', phase: 'going_on' })
      expect(verdict.rootCauses[0]?.service, `seed ${seed}`).toBe('inventory')
      expect(Math.abs(verdict.onset! - (NOW - 12 * MINUTE)), `seed ${seed}`).toBeLessThan(MINUTE)
      expect(verdict.missing.map(({ en }) => en)).toContainEqual(expect.stringMatching(/^no data before 09:46:00 UTC/)) // prettier-ignore
    }
  })

  it('is not over while an alert is firing, even if metrics recovered', () => {
    for (const seed of seeds) {
      const recovered = asked(seed, -3 * 60)
      expect(diagnose(recovered).phase, `seed ${seed}`).toBe('over')
      expect(diagnose({ ...recovered, alert }).phase, `seed ${seed}`).toBe('recovering')
    }
  })
})

it('keeps a requested baseline that has data', () => {
  const verdict = diagnose(asked(1, 0))
  expect(verdict.missing.map(({ en }) => en).join()).not.toContain('no data before')
})

it('reports the incident that was over before the alert fired next to the one the alert is about', () => {
  const outages = [
    { service: 'inventory', fault: 'slow', start: -12 * 60, end: -8 * 60 },
    { service: 'orders', fault: 'errors', start: -150, end: 0 },
  ] as const
  const disturbed = [{ start: NOW - 13 * MINUTE, seen: NOW - 12 * MINUTE, end: NOW - 7 * MINUTE, service: 'inventory' }]
  const fires = { ...alert, since: NOW - 2 * MINUTE }
  const { baseline: _none, ...known } = from(NOW - 12.5 * MINUTE, observationsOf({ seed: 1, outages, since: 30 * 60, asked: 'storefront' })) // prettier-ignore
  const verdict = diagnose({ ...known, alert: fires, disturbed })
  expect(verdict.earlier).toEqual([{ service: 'inventory', since: NOW - 12 * MINUTE, until: NOW - 7 * MINUTE }])
  const told = summaryOf(verdict)
  expect(told.map(({ en }) => en)).toContain('Earlier incident on inventory, from 2026-03-02 09:48:00 UTC to 2026-03-02 09:53:00 UTC, now over.') // prettier-ignore
  expect(told.map(({ zh }) => zh).join('')).toContain('稍早 2026-03-02 09:48:00 UTC 至 2026-03-02 09:53:00 UTC inventory 也曾異常，已結束。') // prettier-ignore
  const open = summaryOf({ ...verdict, verdict: 'inconclusive' })
  expect(open.map(({ en }) => en).join(' ')).toContain('Earlier incident on inventory')
})
