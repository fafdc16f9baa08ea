/** Every number of the impact, recomputed from the raw measurements of incidents of the lab and of a recorded one. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApprovalFacts } from '../../agents/postmortem/facts.ts'
import { randomFrom } from '../../bench/rankings/measures.ts'
import { recordReplay } from '../../lab/replay/record.ts'
import { replay } from '../../lab/replay/replay.ts'
import type { Outage } from '../../lab/replay/stage.ts'
import type { Report } from '../../postmortem/report.ts'
import { parseInstant } from '../../recording/instant.ts'
import { readIncident } from '../../recording/read.ts'
import { type Asked, openDiagnosing } from './diagnosing.ts'
import { approved } from './facts.ts'
import { middle, type Range, type Raw, rawOf, summed, worst } from './recomputed.ts'

const SCENARIOS = join(import.meta.dirname, '../scenarios')
const MINUTE = 60_000
const START = Date.parse('2026-11-02T08:00:00Z')
const at = (minute: number): number => START + minute * MINUTE
/** Rates of a minute, sampled three times in it. */
const [STEP_MS, WINDOW_MS] = [20_000, MINUTE]

let diagnosing: Awaited<ReturnType<typeof openDiagnosing>>
let dir: string
beforeAll(async () => {
  diagnosing = await openDiagnosing('postmortem_measured')
  dir = mkdtempSync(join(tmpdir(), 'measured-'))
}, 180_000)
afterAll(async () => {
  await diagnosing?.close()
  rmSync(dir, { recursive: true })
})

/** The lab's shop, in virtual time. */
async function recorded(name: string, seed: number, minutes: number, outages: readonly Outage[]): Promise<string> {
  const days = { start: START, end: at(minutes), random: randomFrom(seed), outages, scrapeEveryMs: STEP_MS, windowMs: WINDOW_MS } // prettier-ignore
  await recordReplay(join(dir, name), await replay(days), { start: START, end: at(minutes) }, WINDOW_MS)
  return join(dir, name)
}

/** Approved and done at these minutes. */
function action(decided: number, finished: number, effect: string): ApprovalFacts {
  const { requested, closed, acted } = approved({ occurred_at: at(decided) }, { started_at: at(decided), finished_at: at(finished), effect }) // prettier-ignore
  return { requested: { ...requested, occurred_at: at(decided) - MINUTE }, counted: [], closed, acted }
}

/** The five minutes before the question, of which half an hour before is the baseline. */
const session = (id: string, service: string, minute: number, more: Partial<Asked> = {}): Asked => ({ id, service, window: { start: at(minute - 5), end: at(minute) }, ...more }) // prettier-ignore
const answersOf = (asked: readonly Asked[]): Range[] =>
  asked.flatMap(({ window, verified }) => [{ start: window.start - 30 * MINUTE, end: window.end }, ...(verified === undefined ? [] : [verified])]) // prettier-ignore

const within = (raw: Raw, ranges: readonly Range[]) =>
  [...raw].filter(([time]) => ranges.some(({ start, end }) => time >= start && time <= end))

/** `periods`: when the incidents went on; the last ends with the answers if it is not over. */
function expectMeasured(
  report: Report,
  recording: string,
  answers: readonly Range[],
  periods: readonly Range[],
  over: boolean,
): void {
  // prettier-ignore
  const { impact, missing, charts } = report
  expect(missing.map(({ en }) => en).join()).not.toContain('downsampled')
  expect(impact.services.length).toBeGreaterThan(1)
  for (const one of impact.services) {
    const about = one.service
    const raw = rawOf(recording, about)
    const read = (indicator: string) => within(raw(indicator), answers)
    const during = (indicator: string) =>
      read(indicator).filter(([time]) => periods.some(({ start, end }) => time > start && time <= end))
    const before = (indicator: string) => middle(read(indicator).filter(([time]) => time <= periods[0]!.start).map(([, value]) => value)) // prettier-ignore
    const [requests, failed] = ['request_rate', 'error_rate'].map((name) => summed(raw(name), answers, periods))
    expect(one.requests, about).toBeCloseTo(requests!, 1)
    expect(one.failed_requests, about).toBeCloseTo(failed!, 1)
    expect(one.error_ratio.total, about).toBeCloseTo(failed! / requests!, 3)
    const [peakAt, peak] = worst(during('error_ratio'))
    expect(one.error_ratio.peak, about).toEqual({ at: peakAt, value: peak })
    expect(one.error_ratio.before, about).toBeCloseTo(before('error_ratio'))
    const [slowAt, slowest] = worst(during('latency_p95'))
    expect(one.latency, about).toMatchObject({ indicator: 'latency_p95', unit: 'ms', worst: { at: slowAt, value: slowest } }) // prettier-ignore
    expect(one.latency?.before, about).toBeCloseTo(before('latency_p95'))
    const clear = read('latency_p95').filter(([time]) => time >= periods.at(-1)!.end + WINDOW_MS)
    if (over && clear.length > 0) expect(one.latency?.after, about).toBeCloseTo(middle(clear.map(([, value]) => value)))
    else expect(one.latency?.after, about).toBeNull()
    const ends = ['request_rate', 'error_rate', 'error_ratio', 'latency_p95'].flatMap((name) => during(name).map(([time]) => time)) // prettier-ignore
    expect(one.measured, about).toEqual({ from: Math.min(...ends), to: Math.max(...ends) })
    for (const { indicator, points } of charts.filter(({ service }) => service === about))
      for (const [time, value] of points) expect(raw(indicator).get(time), `${about} ${indicator}`).toBe(value)
  }
}

describe('the numbers of a report are those of the raw measurements', { timeout: 240_000 }, () => {
  it('of a bad release that was rolled back', async () => {
    const release = { service: 'cart', fault: 'release', start: at(34), end: at(40) } as const
    const recording = await recorded('release', 1, 48, [release])
    const asked = [session('s', 'frontend', 37, { approvals: [action(40, 40.1, 'helped')], verified: { start: at(40.5), end: at(47) } })] // prettier-ignore
    const objectives = [{ service: 'frontend', indicator: 'error_ratio', max: 0.01 }]
    const report = await diagnosing.reportOf(recording, asked, { objectives })
    const { began, mitigated } = report.head.times
    expect(Math.abs(began.at! - at(34))).toBeLessThan(2 * MINUTE)
    expect(mitigated.at).toBe(at(40.1))
    expect(report.cause.first).toMatchObject({ service: 'cart', change_id: 'change-0' })
    expect(report.impact).toMatchObject({ entry: 'frontend', duration_ms: at(40.1) - began.at! })
    const [answers, periods] = [answersOf(asked), [{ start: began.at!, end: at(40.1) }]]
    expectMeasured(report, recording, answers, periods, true)
    expect(report.impact.services[0]?.latency?.after).not.toBeNull()
    expect(report.head.intervals.map(({ ms }) => ms)).toEqual([at(37) - began.at!, at(40) - at(37), at(40.1) - began.at!, null]) // prettier-ignore
    const raw = rawOf(recording, 'frontend')
    const usual = middle(within(raw('request_rate'), answers).flatMap(([time, value]) => (time <= began.at! ? [value] : []))) // prettier-ignore
    const burnt = summed(raw('error_rate'), answers, periods) / (0.01 * usual * 30 * 86_400)
    expect(report.impact.budgets).toMatchObject([{ service: 'frontend', objective: 0.01 }])
    expect(report.impact.budgets[0]?.burnt).toBeCloseTo(burnt, 6)
    const gap = /frontend: requests were not measured from 2026-11-02 08:37:00 UTC to 2026-11-02 08:40:/
    expect(report.impact.unknown.map(({ en }) => en).filter((one) => gap.test(one))).toHaveLength(1)
  })

  it('of an incident that goes on, because the action did not help', async () => {
    const recording = await recorded('failing', 2, 48, [{ service: 'catalog', fault: 'failing', start: at(33), end: null }]) // prettier-ignore
    const asked = [session('s', 'frontend', 37, { approvals: [action(38, 38.1, 'no_change')], verified: { start: at(38.5), end: at(47) } })] // prettier-ignore
    const report = await diagnosing.reportOf(recording, asked)
    const { began, mitigated } = report.head.times
    expect(Math.abs(began.at! - at(33))).toBeLessThan(2 * MINUTE)
    expect(mitigated.at).toBeNull()
    expect(report.head.status).toBe('open')
    expect(report.impact.duration_ms).toBeNull()
    expectMeasured(report, recording, answersOf(asked), [{ start: began.at!, end: at(47) }], false)
    expect(report.went_badly.map(({ code }) => code)).toContain('action_no_change')
  })

  it('of two incidents in one report, without the hour between them', async () => {
    const outages = [
      { service: 'catalog', fault: 'slow', start: at(33), end: at(39) },
      { service: 'payment', fault: 'failing', start: at(83), end: at(89) },
    ] as const
    const recording = await recorded('two', 3, 98, outages)
    const asked = [
      session('one', 'frontend', 36, { approvals: [action(39, 39, 'helped')], verified: { start: at(39.5), end: at(46) }, request: { incident_ids: ['INC-1'] } }), // prettier-ignore
      session('two', 'checkout', 86, { approvals: [action(89, 89, 'helped')], verified: { start: at(89.5), end: at(96) }, request: { incident_ids: ['INC-2'] } }), // prettier-ignore
    ]
    const report = await diagnosing.reportOf(recording, asked, { incidentIds: ['INC-1', 'INC-2'] })
    const [first, second] = report.impact.periods ?? []
    expect(Math.abs(first!.from - at(33))).toBeLessThan(2 * MINUTE)
    expect(Math.abs(second!.from - at(83))).toBeLessThan(2 * MINUTE)
    expect([first!.to, second!.to]).toEqual([at(39), at(89)])
    expect(report.impact.duration_ms).toBe(at(39) - first!.from + at(89) - second!.from)
    expect(report.summary[0]?.text.en).toContain(' in 2 periods, ')
    const periods = [first!, second!].map(({ from, to }) => ({ start: from, end: to! }))
    expectMeasured(report, recording, answersOf(asked), periods, true)
    expect(report.cause.contributing.map(({ code }) => code)).toContain('different_causes')
  })

  it('of a recorded incident, where of all numbers only latency was measured, under a name of its own', async () => {
    const recording = join(SCENARIOS, 'train-ticket-07')
    const incident = await readIncident(recording)
    const window = { start: parseInstant(incident.window.start), end: parseInstant(incident.window.end) }
    const asked = { id: 's', service: null, window, request: { kind: 'question' } }
    const report = await diagnosing.reportOf(recording, [{ ...asked, inFull: true }])
    const began = report.head.times.began.at!
    expect(report.impact.services.length).toBeGreaterThan(1)
    for (const { service, latency, ...others } of report.impact.services) {
      expect(others).toMatchObject({ requests: null, failed_requests: null, error_ratio: { before: null, peak: null, total: null } }) // prettier-ignore
      const raw = within(rawOf(recording, service)('PodServerLatencyP95'), answersOf([asked]))
      const [slowAt, slowest] = worst(raw.filter(([time]) => time > began))
      const before = middle(raw.filter(([time]) => time <= began).map(([, value]) => value))
      expect(latency, service).toEqual({ indicator: 'PodServerLatencyP95', unit: 's', before, worst: { at: slowAt, value: slowest }, after: null }) // prettier-ignore
      expect(report.impact.unknown.map(({ en }) => en)).toContain(`${service}: requests were not measured`)
    }
    const ofEvents = await diagnosing.reportOf(recording, [asked])
    expect(ofEvents.missing.map(({ en }) => en).join()).toContain('downsampled')
    for (const { service, latency } of ofEvents.impact.services)
      expect(rawOf(recording, service)(latency!.indicator).get(latency!.worst!.at)).toBe(latency!.worst!.value)
  })

  it('are unknown where no diagnosis found an onset, and say so', async () => {
    const recording = join(SCENARIOS, 'shop-02')
    const incident = await readIncident(recording)
    const window = { start: parseInstant(incident.window.start), end: parseInstant(incident.window.end) }
    const { head, impact, summary } = await diagnosing.reportOf(recording, [{ id: 's', service: 'frontend', window }])
    expect(head.times.began.at).toBeNull()
    expect(impact).toMatchObject({ duration_ms: null, services: [], budgets: [] })
    expect(summary[0]?.text.en).toBe('Its start and its impact are unknown.')
  })
})
