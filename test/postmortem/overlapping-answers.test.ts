/** Several answers about the same service: each has a step of its own, and no time counts twice. */
import { describe, expect, it } from 'vitest'
import { writeReport } from '../../agents/postmortem/write-report.ts'
import { BEGAN, evidence, facts, MINUTE } from './facts.ts'

/** From and to in minutes after the onset. */
const rates = (stepS: number, from: number, to: number, rate = 20, late = 0, indicator = 'request_rate') => {
  const times = Array.from({ length: ((to - from) * 60) / stepS + 1 }, (_, place) => BEGAN + from * MINUTE + place * stepS * 1000 + late) // prettier-ignore
  return evidence('golden-signals', { series: [{ service: 'frontend', indicator, unit: '1/s', times, values: times.map(() => rate) }] }) // prettier-ignore
}
/** of the six minutes until the action helped */
const requests = (...answers: ReturnType<typeof evidence>[]) => writeReport(facts({}, answers)).impact.services[0]?.requests // prettier-ignore

describe('requests', () => {
  it('are counted at the step of the diagnosis though the verification measured every second', () => {
    expect(requests(rates(60, -10, 6), rates(1, 6, 9))).toBeCloseTo(20 * 360)
  })

  it('count once where two diagnoses measured, whatever their steps and moments', () => {
    expect(requests(rates(60, -10, 6), rates(60, -8, 6, 20, 7000))).toBeCloseTo(20 * 360)
    expect(requests(rates(60, -10, 6), rates(10, 1, 3, 20, 3000))).toBeCloseTo(20 * 360)
    expect(requests(rates(10, -10, 6), rates(60, -20, 6, 20, 1000))).toBeCloseTo(20 * 360)
  })

  it('are read whole where many sessions asked about the same minutes', () => {
    const often = Array.from({ length: 300 }, () => rates(1, 0, 6))
    const { impact, missing } = writeReport(facts({}, often))
    expect(impact.services[0]?.requests).toBeCloseTo(20 * 360)
    expect(missing.filter(({ en }) => en.includes('samples'))).toEqual([])
  })

  it('do not bridge a gap with the step of another answer', () => {
    // of the gap, one step counts: that of the first sample after it
    expect(requests(rates(10, -10, 2), rates(10, 5, 6), rates(60, 7, 30))).toBeCloseTo(20 * (120 + 10 + 60))
  })
})

describe('gaps', () => {
  const gaps = (...answers: ReturnType<typeof evidence>[]) =>
    writeReport(facts({}, answers)).impact.unknown.filter(({ en }) => en.includes('were not measured from'))

  it('are not told where the step of another answer covers them', () => {
    // its first sample stands for a second, five seconds after one of the others
    expect(gaps(rates(15, -10, 6), rates(1, 1, 2, 20, 5000))).toEqual([])
    expect(gaps(rates(15, -10, 6, 20, 300), rates(15, -10, 6))).toEqual([])
    expect(gaps(rates(15, -10, 1), rates(15, 3, 6))).toHaveLength(1)
  })

  it('are told from the beginning, and of each signal', () => {
    expect(gaps(rates(15, 2, 6)).map(({ en }) => en)).toEqual(['frontend: requests were not measured from 2026-11-23 15:00:00 UTC to 2026-11-23 15:01:45 UTC, and are not counted']) // prettier-ignore
    const ratio = (from: number, to: number) => rates(15, from, to, 0.5, 0, 'error_ratio')
    const [failures, ...others] = writeReport(facts({}, [rates(15, -10, 6), ratio(-10, 1), ratio(3, 6)])).impact.unknown.filter(({ en }) => en.includes(' from ')) // prettier-ignore
    expect(failures?.en).toBe('frontend: failed requests were not measured from 2026-11-23 15:01:00 UTC to 2026-11-23 15:02:45 UTC, and are not counted') // prettier-ignore
    expect(others).toEqual([])
    expect(gaps(rates(15, -10, 1), rates(15, 1, 3, 0), rates(15, 3, 6), ratio(-10, 1), ratio(3, 6)), 'no requests, no failures').toEqual([]) // prettier-ignore
  })

  it('are told where one signal ends before the others, by more than two of its steps', () => {
    const of = (indicator: string, until: number) => rates(15, -10, until, 0.5, 0, indicator)
    expect(gaps(rates(15, -10, 6), of('error_ratio', 3)).map(({ en }) => en)).toEqual(['frontend: failed requests were not measured from 2026-11-23 15:03:00 UTC to 2026-11-23 15:06:00 UTC, and are not counted']) // prettier-ignore
    expect(gaps(rates(15, -10, 3), of('error_rate', 8)).map(({ en }) => en)).toEqual(['frontend: requests were not measured from 2026-11-23 15:03:00 UTC to 2026-11-23 15:06:00 UTC, and are not counted']) // prettier-ignore
    expect(gaps(rates(15, -10, 6), of('error_ratio', 5.5))).toEqual([])
    expect(gaps(rates(15, -10, 3), of('error_ratio', 3)), 'the end of all measurements is told once').toEqual([])
  })
})

describe('the summary', () => {
  const said = (until: number) => writeReport(facts({}, [rates(60, -10, until)])).summary[0]?.text.en
  it('says until when was measured, if the incident went on', () => {
    expect(said(3)).toMatch(/; measured only until 2026-11-23 15:03:00 UTC\.$/)
    expect(said(6)).toMatch(/frontend got 7,200 requests; failures and latency were not measured\.$/)
  })
})
