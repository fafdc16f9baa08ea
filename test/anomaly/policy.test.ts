import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { followPolicy, openPolicy } from '../../agents/anomaly/follow-policy.ts'
import { isWithin, NEVER, type Policy, withheld } from '../../agents/anomaly/policy.ts'
import { parsePolicy } from '../../agents/anomaly/read-policy.ts'
import { folder } from '../recording/recording-dir.ts'

const NOW = Date.parse('2026-03-02T12:00:00Z')
const MINUTE = 60_000
const policy: Policy = { ...NEVER, services: ['cart', 'pay*'], leastSeverity: 'warning', forecasts: false, perHour: 3, perDay: 5, coolDownMs: 30 * MINUTE } // prettier-ignore
const of = (service: string, severity: 'critical' | 'warning' | 'info' = 'critical', services = [service]) => ({ service, services, severity }) // prettier-ignore
const ago = (minutes: number, service = 'other') => ({ service, at: NOW - minutes * MINUTE })

describe('a policy', () => {
  it('asks for the services and severities it names', () => {
    expect(withheld(policy, of('cart', 'warning'), [], NOW)).toBeNull()
    expect(withheld(policy, of('payment'), [], NOW)).toBeNull()
    expect(withheld(policy, of('mail'), [], NOW)).toBe('service')
    expect(withheld(policy, of('cart', 'info'), [], NOW)).toBe('severity')
    expect(withheld(NEVER, of('cart'), [], NOW)).toBe('service')
  })

  it('leaves a service alone for a while after a request, also if it is only one of those affected', () => {
    expect(withheld(policy, of('cart'), [ago(29, 'cart')], NOW)).toBe('cool_down')
    expect(withheld(policy, of('payment', 'critical', ['payment', 'cart']), [ago(29, 'cart')], NOW)).toBe('cool_down')
    expect(withheld(policy, of('cart'), [ago(30, 'cart')], NOW)).toBeNull()
  })

  it('asks no more often than it says, however many services go off at once', () => {
    const asked: { service: string; at: number }[] = []
    const all: Policy = { ...policy, services: ['*'] }
    for (let service = 0; service < 500; service += 1)
      if (withheld(all, of(`service-${service}`), asked, NOW) === null) asked.push(ago(0, `service-${service}`))
    expect(asked).toHaveLength(3)
    const [first, ...later] = [ago(59), ago(50), ago(40)]
    expect(withheld(policy, of('cart'), [first!, ...later], NOW)).toBe('per_hour')
    expect(withheld(policy, of('cart'), [ago(60), ...later], NOW)).toBeNull()
    expect(
      withheld(
        policy,
        of('cart'),
        [70, 80, 90, 100, 1439].map((minutes) => ago(minutes)),
        NOW,
      ),
    ).toBe('per_day')
  })

  it('asks in quiet hours for what is severe enough, by the clock of the time zone', () => {
    const night = { from: 22 * 60, to: 7 * 60, zone: 'Asia/Taipei', leastSeverity: null }
    const at = (utc: string) => isWithin(night, Date.parse(`2026-03-02T${utc}:00Z`))
    expect([at('13:59'), at('14:00'), at('22:59'), at('23:00')]).toEqual([false, true, true, false])
    const quiet = (leastSeverity: 'critical' | null): Policy => ({
      ...policy,
      quietHours: [{ ...night, leastSeverity }],
    })
    const then = Date.parse('2026-03-02T15:00:00Z')
    expect(withheld(quiet(null), of('cart'), [], then)).toBe('quiet_hours')
    expect(withheld(quiet('critical'), of('cart', 'warning'), [], then)).toBe('quiet_hours')
    expect(withheld(quiet('critical'), of('cart'), [], then)).toBeNull()
    expect(withheld(quiet(null), of('cart'), [], NOW)).toBeNull()
  })
})

describe('policy.yaml', () => {
  it('is read with its defaults', () => {
    expect(parsePolicy('{}')).toEqual(NEVER)
    expect(parsePolicy('diagnose: {}')).toEqual({ ...NEVER, services: ['*'], leastSeverity: 'critical', forecasts: false, perHour: 6, perDay: 40, coolDownMs: 30 * MINUTE }) // prettier-ignore
    const text = 'diagnose:\n  services: [cart]\n  quiet_hours:\n    - { from: "22:00", to: "07:30", zone: Asia/Taipei, least_severity: critical }\n' // prettier-ignore
    expect(parsePolicy('deployments: { delay_minutes: 2 }').deployments).toEqual({
      ms: 2 * MINUTE,
      leastSeverity: 'critical',
    })
    expect(parsePolicy(text).quietHours).toEqual([{ from: 1320, to: 450, zone: 'Asia/Taipei', leastSeverity: 'critical' }]) // prettier-ignore
  })

  it('has no quiet hours of no length', () => {
    const text = 'diagnose: { quiet_hours: [{ from: "00:00", to: "00:00" }] }'
    expect(() => parsePolicy(text)).toThrow('from and to must differ')
  })

  it('names every mistake at once', () => {
    const text = `
      diagnose:
        least_severity: high
        per_hour: -1
        cooldown: 5
        quiet_hours: [{ from: "25:00", to: "07:00", zone: Mars/Base }]
      maintenance:
        once: [{ from: "tomorrow", to: 2026-12-05T22:00, services: [cart] }]
        weekly: [{ from: "02:00", to: "04:00", days: [caturday] }]
      deployments: { least_severity: warning }
    `
    const told = () => parsePolicy(text)
    for (const named of [
      'least_severity',
      'per_hour',
      'cooldown',
      'must be a time of day',
      'Mars|time zone',
      'must be a time, such as',
      'days',
      'delay_minutes',
      'services',
    ])
      expect(told).toThrow(new RegExp(named))
  })

  it('is read again when it changes; one with mistakes, or none, changes nothing and is told once', async () => {
    const path = join(await folder({ 'policy.yaml': 'diagnose: { per_hour: 1 }' }), 'policy.yaml')
    const log = { info: vi.fn(), warn: vi.fn() }
    const policy = followPolicy(openPolicy(path), log)
    const perHour = () => [policy().perHour, policy().perHour]
    expect(perHour()).toEqual([1, 1])
    writeFileSync(path, 'diagnose: { per_hour: 2, per_day: -1, cooldown: 1 }')
    expect(perHour()).toEqual([1, 1])
    expect(log.warn.mock.calls).toEqual([[{ path, error: expect.stringMatching(/per_day[^]*cooldown|cooldown[^]*per_day/) }, expect.any(String)]]) // prettier-ignore
    writeFileSync(path, 'diagnose: { per_hour: 3 }')
    expect(perHour()).toEqual([3, 3])
    rmSync(path)
    expect(perHour()).toEqual([3, 3])
    expect([log.info, log.warn].map(({ mock }) => mock.calls.length)).toEqual([1, 2])
  })
})
