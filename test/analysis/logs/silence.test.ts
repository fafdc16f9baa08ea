/** Detects a service that logged steadily and stopped; ignores services with few requests. */
import { describe, expect, it } from 'vitest'
import { randomFrom } from '../../../bench/rankings/measures.ts'
import { diagnose } from '../../../analysis/diagnose.ts'
import { silencesOf } from '../../../analysis/logs/silence.ts'
import type { LogLine } from '../../../analysis/observations.ts'
import { saidText } from '../../../analysis/text.ts'

const SECOND = 1_000
const ONSET = 1_800 * SECOND
const END = 2_100 * SECOND
const every = (seconds: number, service: string, from = 0, to = END): LogLine[] =>
  Array.from({ length: Math.floor((to - from) / (seconds * SECOND)) }, (_, n) => {
    const timestamp = from + n * seconds * SECOND
    return { timestamp, service, level: 'INFO', message: `did ${n}`, evidence: `logs of ${service}` }
  })
const silent = (lines: readonly LogLine[]) =>
  silencesOf(
    lines.filter(({ timestamp }) => timestamp < ONSET),
    lines.filter(({ timestamp }) => timestamp >= ONSET),
  )

/** Random requests with a few log lines each. */
function restless(service: string, perSecond: number, random: () => number): LogLine[] {
  const lines: LogLine[] = []
  for (let at = 0; at < END; at += (-Math.log(1 - random()) / perSecond) * SECOND)
    for (let n = 0; n < 5; n += 1) lines.push({ timestamp: at + n, service, message: 'step' })
  return lines
}

describe('a service that falls silent', () => {
  const cart = every(5, 'cart', 0, ONSET)
  const others = [...every(2, 'front'), ...every(3, 'mail')]

  it('is reported with the expected lines, and cites its lines', () => {
    const [one, ...more] = silent([...cart, ...others])
    expect(more).toEqual([])
    expect(one).toMatchObject({ kind: 'silent', service: 'cart', before: 360, during: 0, evidence: ['logs of cart'] })
    expect(one).toMatchObject({ timestamp: ONSET - 5 * SECOND, severity: 'warning' })
    expect(saidText(one!)).toEqual({
      en: 'cart: logs went silent, 0 times, expected 59.7 (360 in the baseline)',
      zh: 'cart：不再有任何日誌，0 次，預期 59.7 次（基準時段 360 次）',
    })
  })

  it('is blamed even without other symptoms', () => {
    const logs = [...cart, ...others]
    const asked = { window: { start: ONSET, end: END }, baseline: { start: 0, end: ONSET }, series: [], spans: [], edges: [], changes: [] } // prettier-ignore
    const verdict = diagnose({ ...asked, logs })
    expect(verdict.verdict).toBe('incident')
    expect(verdict.rootCauses[0]).toMatchObject({ service: 'cart', evidence: ['logs of cart'] })
    expect(diagnose({ ...asked, logs: [...every(5, 'cart'), ...others] }).verdict).toBe('nothing_wrong')
  })

  it('is found even if its last lines came after the onset, in any order', () => {
    const lines = [...every(5, 'cart', 0, ONSET + 60 * SECOND), ...others].reverse()
    expect(silent(lines)).toMatchObject([{ service: 'cart', during: 12 }])
  })

  it('is not reported if it was as quiet before', () => {
    const pauses = cart.filter(({ timestamp }) => timestamp < 900 * SECOND || timestamp > 1_100 * SECOND)
    expect(silent([...pauses, ...others])).toEqual([])
  })

  it('is not reported if all lines end at the same time, or if it is the only service', () => {
    expect(silent([...cart, ...every(2, 'front', 0, ONSET + 10 * SECOND)])).toEqual([])
    expect(silent(cart)).toEqual([])
  })

  it('is not reported in a quiet night, or because of a flood of other lines', () => {
    expect(silent([...cart, ...every(2, 'front', 0, ONSET), ...every(120, 'cron')])).toEqual([])
    const flood = Array.from({ length: 5_000 }, (_, n) => ({ timestamp: ONSET + n, service: 'front', message: 'no' }))
    expect(silent([...cart, ...every(2, 'front', 0, ONSET), ...flood])).toEqual([])
  })

  it('is hardly ever reported for random requests, however rare', () => {
    const random = randomFrom(7)
    const rates = [0.003, 0.01, 0.03, 0.1, 0.3, 1]
    const told = Array.from({ length: 50 }, () => silent(rates.flatMap((rate) => restless(`of ${rate}`, rate, random))))
    expect(told.flat().length / (50 * rates.length)).toBeLessThan(0.01)
  })
})
