import { describe, expect, it } from 'vitest'
import { maintenanceOf, openings } from '../../agents/anomaly/maintenance.ts'
import { parsePolicy } from '../../agents/anomaly/read-policy.ts'

const HOUR = 3_600_000
const policyOf = (windows: string) => parsePolicy(`maintenance: ${windows}`).maintenance
/** When the only window is open within 48 hours from this midnight, UTC. */
function openFrom(midnight: string, windows: string): string[] {
  const start = Date.parse(`${midnight}T00:00Z`)
  const [only] = policyOf(windows)
  const text = (time: number) => new Date(time).toISOString().slice(5, 16)
  return openings(only!.window, { start, end: start + 48 * HOUR }).map((one) => `${text(one.start)} ${text(one.end)}`)
}

describe('a window once', () => {
  const once = (from: string, to: string, zone = '') =>
    `{ once: [{ services: [cart], from: ${from}, to: ${to} ${zone} }] }`

  it('is a time with its offset, or one on the clocks of a zone', () => {
    expect(openFrom('2026-12-05', once('2026-12-05T22:00+08:00', '2026-12-05T18:00Z'))).toEqual(['12-05T14:00 12-05T18:00']) // prettier-ignore
    expect(openFrom('2026-12-05', once('2026-12-05T22:00', '2026-12-06T02:00', ', zone: Asia/Taipei'))).toEqual(['12-05T14:00 12-05T18:00']) // prettier-ignore
    expect(openFrom('2026-12-06', once('2026-12-05T22:00', '2026-12-06T00:00'))).toEqual([])
  })

  it('is refused where clocks show its time never or twice, and where it ends before it begins', () => {
    const berlin = (from: string, to: string) => () => policyOf(once(from, to, ', zone: Europe/Berlin'))
    expect(berlin('2026-03-29T02:30', '2026-03-29T04:00')).toThrow('does not exist there')
    expect(berlin('2026-10-25T01:00', '2026-10-25T02:30')).toThrow('happens twice there')
    expect(berlin('2026-10-25T02:30+02:00', '2026-10-25T02:30+01:00')).not.toThrow()
    expect(berlin('2026-12-05T02:00', '2026-12-05T02:00')).toThrow('must be later than from')
  })
})

describe('a window every week', () => {
  const weekly = (rest: string) => `{ weekly: [{ services: [cart], ${rest} }] }`

  it('begins on its days, and may cross midnight', () => {
    // a Saturday
    expect(openFrom('2026-12-05', weekly('days: [sat], from: "22:00", to: "02:00"'))).toEqual([
      '12-05T22:00 12-06T02:00',
    ])
    expect(openFrom('2026-12-05', weekly('days: [fri], from: "22:00", to: "02:00"'))).toEqual([
      '12-05T00:00 12-05T02:00',
    ])
    expect(openFrom('2026-12-05', weekly('days: [sun], from: "00:00", to: "24:00"'))).toEqual([
      '12-06T00:00 12-07T00:00',
    ])
    expect(openFrom('2026-12-05', weekly('from: "22:00", to: "23:00"'))).toHaveLength(2)
  })

  it('follows the clocks of its zone when they are put forward and back', () => {
    const berlin = (to: string) => weekly(`days: [sun], from: "01:00", to: "${to}", zone: Europe/Berlin`)
    expect(openFrom('2026-03-29', berlin('04:00'))).toEqual(['03-29T00:00 03-29T02:00'])
    expect(openFrom('2026-03-29', berlin('02:30'))).toEqual(['03-29T00:00 03-29T01:00'])
    expect(openFrom('2026-10-24', berlin('04:00'))).toEqual(['10-24T23:00 10-25T03:00'])
  })
})

it('is about the services that its patterns name, and its indicators', () => {
  const windows = policyOf(
    '{ weekly: [{ services: ["pay*"], indicators: [latency_p95], from: "00:00", to: "24:00" }] }',
  )
  const [start, end] = [0, 5 * 60_000]
  expect(maintenanceOf(windows, ['cart', 'payment', 'paypal'], { start, end })).toEqual(
    ['payment', 'paypal'].map((service) => ({ service, start, end: end + 60_000, reason: 'maintenance', indicators: ['latency_p95'] })), // prettier-ignore
  )
})
