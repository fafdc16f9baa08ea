/** Every number of the impact, recomputed from the raw measurements of recorded incidents without any of the agent's code. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { createAnswers } from '../../agents/postmortem/answers.ts'
import { type SessionEvent, sessionsOf } from '../../agents/postmortem/facts.ts'
import { writeReport } from '../../agents/postmortem/write-report.ts'
import { recordedControlPlane } from '../../agents/tools/recording/control-plane.ts'
import { recordedLogs } from '../../agents/tools/recording/logs.ts'
import { recordedMetrics } from '../../agents/tools/recording/metrics.ts'
import { recordedTraces } from '../../agents/tools/recording/traces.ts'
import { finishedRecording } from '../../agents/tools/recording/source.ts'
import type { Outgoing } from '../../agents/runtime/agent.ts'
import { readIncident } from '../../recording/read.ts'
import { parseInstant } from '../../recording/instant.ts'
import { openInvestigations, requestAt } from '../assistant/investigating.ts'

const SCENARIOS = join(import.meta.dirname, '../scenarios')

/** Samples of one service and indicator: its own, or its only instance's. */
function rawOf(scenario: string, service: string, indicator: string): Map<number, number> {
  const rows = gunzipSync(readFileSync(join(SCENARIOS, scenario, 'metrics.csv.gz')))
    .toString()
    .trim()
    .split('\n')
    .slice(1)
  const found = new Map<number, number>()
  for (const row of rows) {
    const [at = '', of, , name, , value] = row.split(',')
    if (of === service && name === indicator) found.set(Date.parse(at), Number(value))
  }
  return found
}

const sorted = (values: number[]) => values.sort((one, other) => one - other)
function middle(values: number[]): number {
  const all = sorted([...values])
  return all.length % 2 === 1 ? all[(all.length - 1) / 2]! : (all[all.length / 2 - 1]! + all[all.length / 2]!) / 2
}

/** Millisecond by millisecond: the sample that comes next speaks for each, unless it is more than two steps away. */
function summed(raw: Map<number, number>, from: number): number {
  const times = sorted([...raw.keys()])
  const step = middle(times.slice(1).map((time, place) => time - times[place]!))
  let sum = 0
  let next = 0
  for (let at = from; at < times.at(-1)!; at += 1) {
    while (times[next]! <= at) next += 1
    if (times[next]! - at <= 2 * step) sum += raw.get(times[next]!)! / 1000
  }
  return sum
}

describe('the numbers of a report', () => {
  let investigations: Awaited<ReturnType<typeof openInvestigations>>
  beforeAll(async () => {
    investigations = await openInvestigations('postmortem_measured')
  }, 180_000)
  afterAll(() => investigations?.close())

  async function reportOf(scenario: string, service: string) {
    const dir = join(SCENARIOS, scenario)
    const source = finishedRecording(dir)
    const incident = await readIncident(dir)
    const window = incident.window!
    const request = requestAt(parseInstant(window.end), { event_id: `e-${scenario}`, session_id: `s-${scenario}`, service, window_start: parseInstant(window.start) }) // prettier-ignore
    const tools = { metrics: recordedMetrics(source), logs: recordedLogs(source), traces: recordedTraces(source), controlPlane: recordedControlPlane(source) } // prettier-ignore
    const { told, recorded } = await investigations.ask(request, tools, { id: `assistant/e-${scenario}` })
    const answers = createAnswers()
    for (const one of recorded) answers.add({ ...stamped(one), downsampled: one.downsampled })
    const events = [{ event: 'DiagnosisRequested', value: request }, ...told.map(({ event, value }: Outgoing) => ({ event, value: stamped(value) }))] as SessionEvent[] // prettier-ignore
    return writeReport({
      ...{
        postmortemId: 'p',
        writtenAt: request.occurred_at,
        incidentIds: [],
        answers,
        incidents: [],
        objectives: [],
        missing: [],
      },
      sessions: sessionsOf(events),
    })
  }
  let count = 0
  const stamped = <T>(value: T) => ({
    ...value,
    event_id: `x-${(count += 1)}`,
    sequence: 0,
    tenant: 'default',
    occurred_at: Date.now(),
  })

  it('are those of the raw measurements', async () => {
    const scenario = 'shop-01'
    const { head, impact, missing, charts } = await reportOf(scenario, 'frontend')
    const began = head.times.began.at!
    expect(began).not.toBeNull()
    expect(missing.map(({ en }) => en).join()).not.toContain('downsampled')
    expect(impact.entry).toBe('frontend')
    expect(impact.services.length).toBeGreaterThan(1)
    for (const one of impact.services) {
      const raw = (indicator: string) => rawOf(scenario, one.service, indicator)
      const during = (indicator: string) => [...raw(indicator)].filter(([at]) => at > began)
      const worst = (indicator: string) =>
        during(indicator).reduce((most, sample) => (sample[1] > most[1] ? sample : most))
      const before = (indicator: string) =>
        middle([...raw(indicator)].filter(([at]) => at <= began).map(([, value]) => value))
      expect(one.requests, one.service).toBeCloseTo(summed(raw('request_rate'), began), 1)
      expect(one.failed_requests, one.service).toBeCloseTo(summed(raw('error_rate'), began), 1)
      expect(one.error_ratio.total).toBeCloseTo(
        summed(raw('error_rate'), began) / summed(raw('request_rate'), began),
        3,
      )
      const [at, value] = worst('error_ratio')
      expect(one.error_ratio.peak).toEqual({ at, value })
      expect(one.error_ratio.before).toBeCloseTo(before('error_ratio'))
      const [slowAt, slowest] = worst('latency_p95')
      expect(one.latency).toMatchObject({ indicator: 'latency_p95', unit: 'ms', worst: { at: slowAt, value: slowest } })
      expect(one.latency?.before).toBeCloseTo(before('latency_p95'))
    }
    expect(charts.length).toBeGreaterThan(3)
  })

  it('are unknown where no diagnosis found an onset, and say so', async () => {
    const { head, impact, summary } = await reportOf('shop-02', 'frontend')
    expect(head.times.began.at).toBeNull()
    expect(impact).toMatchObject({ duration_ms: null, services: [], budgets: [] })
    expect(summary[0]?.text.en).toBe('Its start and its impact are unknown.')
  })
})
