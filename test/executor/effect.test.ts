import { describe, expect, it } from 'vitest'
import { type Effect, effectOn, isStable, overallEffect } from '../../agents/executor/effect.ts'

describe('the effect on one level', () => {
  it.each<[what: string, normal: number | null, disturbed: number | null, after: number | null, Effect]>([
    ['normal again', 20, 220, 21, 'helped'],
    ['four fifths of the way back', 20, 220, 60, 'helped'],
    ['far above normal, though most of it is gone', 20, 220, 90, 'partly'],
    ['below normal', 20, 220, 0, 'helped'],
    ['as it was', 20, 220, 210, 'no_change'],
    ['a little better', 20, 220, 180, 'no_change'],
    ['half as much on top', 20, 220, 330, 'worse'],
    ['within what a level wavers', 20, 26, 21.9, 'helped'],
    ['a difference no larger than that, before and after', 20, 21, 22, 'no_change'],
    ['far worse, though hardly disturbed before', 20, 21, 800, 'worse'],
    ['errors gone', 0, 0.5, 0, 'helped'],
    ['errors halved', 0, 0.5, 0.25, 'partly'],
    ['down is bad: back up', 100, 10, 95, 'helped'],
    ['no sample after it', 20, 220, null, 'unknown'],
    ['no level before it', null, 220, 20, 'unknown'],
    ['never disturbed', 20, 20, 20, 'unknown'],
  ])('%s', (_what, normal, disturbed, after, effect) => {
    expect(effectOn({ normal, disturbed, after })).toBe(effect)
  })
})

describe('the effect of an action', () => {
  const named: Readonly<Record<string, readonly [service: string, indicator: string]>> = {
    p50: ['cart', 'latency_p50'],
    p95: ['cart', 'latency_p95'],
    errors: ['cart', 'error_ratio'],
    front: ['frontend', 'latency_p95'],
    cpu: ['cart', 'cpu_seconds'],
  }
  const checks = (effects: Record<string, Effect>) =>
    Object.entries(effects).map(([name, effect]) => {
      const [service, indicator] = named[name]!
      return { service, indicator, effect }
    })

  it.each<[what: string, Record<string, Effect>, Effect]>([
    ['nothing was asked', {}, 'unknown'],
    ['nothing could be measured', { p95: 'unknown', errors: 'unknown' }, 'unknown'],
    ['all that users feel is normal', { p95: 'helped', errors: 'helped', front: 'helped' }, 'helped'],
    ['one of three is normal', { p95: 'helped', errors: 'no_change', front: 'no_change' }, 'partly'],
    ['latency is normal, errors stay', { p95: 'helped', errors: 'no_change' }, 'partly'],
    ['the service is normal, its front is not', { p95: 'helped', errors: 'helped', front: 'no_change' }, 'partly'],
    ['all is better, nothing normal', { p95: 'partly', errors: 'partly' }, 'partly'],
    ['something is worse', { p95: 'helped', errors: 'worse' }, 'worse'],
    ['nothing moved', { p95: 'no_change', errors: 'unknown' }, 'no_change'],
    ['errors went unmeasured', { p95: 'helped', errors: 'unknown' }, 'partly'],
    ['nothing is known of the front', { p95: 'helped', front: 'unknown' }, 'helped'],
    ['one quantile has no sample, another is normal', { p50: 'unknown', p95: 'helped' }, 'helped'],
    ['what users do not feel stays high', { p95: 'helped', cpu: 'no_change' }, 'helped'],
    ['what users do not feel went up', { p95: 'helped', cpu: 'worse' }, 'helped'],
    ['only what users do not feel was measured', { cpu: 'helped' }, 'partly'],
    ['only that was measured of more', { p95: 'unknown', cpu: 'helped' }, 'unknown'],
  ])('when %s: %j is %s', (_what, effects, effect) => {
    expect(overallEffect(checks(effects))).toBe(effect)
  })

  it.each<[Effect[], boolean]>([
    [[], false],
    [['helped'], false],
    [['helped', 'helped'], true],
    [['helped', 'partly', 'helped'], false],
    [['no_change', 'helped', 'helped'], true],
    [['partly', 'partly'], false],
    [['partly', 'partly', 'partly'], true],
    [['no_change', 'no_change', 'no_change'], true],
    [['unknown', 'unknown', 'unknown'], false],
  ])('is stable after looks that said %j: %s', (looks, stable) => {
    expect(isStable(looks)).toBe(stable)
  })
})
