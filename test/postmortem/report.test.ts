/** What a report says of an incident, of what is unknown, and of what did not go as planned. */
import { describe, expect, it } from 'vitest'
import { sessionsOf } from '../../agents/postmortem/facts.ts'
import { writeReport } from '../../agents/postmortem/write-report.ts'
import { reportSchema } from '../../postmortem/report.ts'
import { diagnosisRequested } from '../events/requests.ts'
import { approved, BEGAN, diagnosed, evidence, facts, MINUTE, series, session, TIMES } from './facts.ts'

const inside = (time: number) => time > BEGAN && time <= BEGAN + 6 * MINUTE
const graph = evidence('resources', [
  { service_name: 'frontend', depends_on: ['checkout'] },
  { service_name: 'checkout', depends_on: ['cart'] },
  { service_name: 'cart', depends_on: [] },
])
const measured = evidence('golden-signals', {
  series: [
    series('frontend', 'request_rate', '1/s', () => 20),
    series('frontend', 'error_ratio', 'ratio', (time) => (inside(time) ? 0.25 : 0)),
    series('frontend', 'latency_p95', 'ms', (time) => (inside(time) ? 900 : 50)),
  ],
})
const change = { id: 'change-1', timestamp: BEGAN - MINUTE, event_type: 'DEPLOYMENT', author: 'https://issuer|root', service_name: 'cart', summary: 'Deployed cart:1.5.0' } // prettier-ignore
const changes = evidence('audit-logs', [change])
const codes = (list: readonly { code: string }[]) => list.map(({ code }) => code)

describe('a report', () => {
  const report = writeReport(facts({}, [graph, measured, changes, evidence('audit-logs', [change])]))

  it('has the published structure', () => {
    expect(reportSchema.parse(report)).toEqual(report)
  })

  it('gives each time with its source, and the intervals between them', () => {
    const { times, intervals, status, severity } = report.head
    expect(
      Object.fromEntries(
        Object.entries(times).map(([name, { at }]) => [name, at === null ? null : (at - BEGAN) / MINUTE]),
      ),
    ).toEqual({
      ...{ began: 0, detected: 2, acknowledged: 5, diagnosed: 3, decided: 5, acted: 5, mitigated: 6, resolved: 10 },
    })
    expect(times.acknowledged.precision).toBe('at_latest')
    expect(Object.values(times).every(({ sources }) => sources.length > 0)).toBe(true)
    expect(intervals.map(({ name, ms }) => [name, ms === null ? null : ms / MINUTE])).toEqual([['TTD', 2], ['TTA', 3], ['TTM', 6], ['TTR', 10]]) // prettier-ignore
    expect({ status, severity }).toEqual({ status: 'resolved', severity: 'P1' })
  })

  it('counts requests by integration, at the service closest to the users', () => {
    const [frontend] = report.impact.services
    expect(report.impact).toMatchObject({ entry: 'frontend', duration_ms: 6 * MINUTE })
    expect(frontend).toMatchObject({
      requests: 20 * 360,
      failed_requests: 20 * 360 * 0.25,
      error_ratio: { before: 0, total: 0.25, peak: { value: 0.25 } },
      latency: { indicator: 'latency_p95', before: 50, worst: { value: 900 }, after: 50 },
    })
    expect(report.summary[1]?.text.en).toBe('The most likely cause (90 %) is cart: cart was deployed just before.')
    expect(report.summary[0]?.text.en).toContain('frontend failed 1,800 of 7,200 requests (25 %, at worst 25 %)')
    expect(report.impact.unknown.map(({ en }) => en)).toContain('cart: no measurements during the incident')
  })

  it('leads from the trigger to the symptom along the calls', () => {
    expect(report.cause.first).toMatchObject({ service: 'cart', change_id: 'change-1', probability: 0.9 })
    expect(report.cause.chain.map(({ text }) => text.en)).toEqual([
      'trigger: change of cart: Deployed cart:1.5.0 (probability 80 %)',
      'latency_p95 of cart deviated first, from 2026-11-23 15:00:00 UTC',
      'checkout calls cart and was affected by it',
      'frontend calls checkout and was affected by it',
    ])
    expect(report.cause.ruled_out.map(({ text }) => text['zh-TW'])).toEqual(['change-0：太早'])
  })

  it('lists what happened in order, each thing once, with its sources', () => {
    const at = report.timeline.map((one) => one.at)
    expect(at).toEqual(at.toSorted((one, other) => one - other))
    expect(report.timeline.filter(({ kind }) => kind === 'change')).toMatchObject([{ at: BEGAN - MINUTE, count: 1 }])
    expect(report.timeline.every(({ sources }) => sources.length > 0)).toBe(true)
    expect(report.timeline.map(({ kind }) => kind)).toEqual([
      ...[
        'change',
        'incident',
        'onset',
        'request',
        'diagnosis',
        'approval',
        'decision',
        'action',
        'effect',
        'incident',
      ],
    ])
  })

  it('derives action items from its own statements, which they point to', () => {
    const { action_items: items } = report
    expect(items).toMatchObject([{ id: 'AI-1', type: 'prevent', reason: '/cause/first', owner: null, state: 'open' }])
    const late = writeReport(
      facts({ sessions: [session({ request: { ...session().request, occurred_at: BEGAN + 9 * MINUTE } })] }),
    )
    for (const { reason } of late.action_items) {
      const found = reason
        .split('/')
        .slice(1)
        .reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], late)
      expect(found, reason).toMatchObject({ text: { en: expect.any(String) } })
    }
    expect(late.action_items.map(({ type }) => type)).toContain('detect')
  })

  it('names nobody and blames nobody, whatever other systems wrote', () => {
    const told = {
      ...change,
      summary: 'root deployed cart carelessly, ask bob@example.com or @carol',
      author: 'https://issuer|root',
    }
    const { timeline, wording } = writeReport(facts({}, [evidence('audit-logs', [told])]))
    expect(timeline.find(({ kind }) => kind === 'change')?.text.en).toBe(
      'change of cart: a person deployed cart unguarded, ask a person or a person',
    )
    expect(wording).toEqual([
      { rule: 'person', words: null, count: 3 },
      { rule: 'blame', words: 'carelessly', count: 1 },
    ])
    expect(JSON.stringify(writeReport(facts()))).not.toMatch(/alice|forgot/)
  })
})

describe('a report of', () => {
  const written = (change: Parameters<typeof facts>[0], recorded = [graph, measured]) =>
    writeReport(facts(change, recorded))

  it('a session without an incident', () => {
    const { head } = written({ incidentIds: [], incidents: [] })
    expect(head).toMatchObject({ status: 'mitigated', title: { en: 'Incident of frontend' }, times: { resolved: { at: null, precision: 'unknown' } } }) // prettier-ignore
    expect(head.intervals.find(({ name }) => name === 'TTR')).toMatchObject({ ms: null, precision: 'unknown' })
  })

  it('an incident that nobody diagnosed', () => {
    const { head, cause, impact, missing, action_items: items } = written({ sessions: [] }, [])
    expect(head.times.began).toMatchObject({ at: BEGAN, sources: [{ kind: 'incident', id: 'INC-1' }] })
    expect(cause).toMatchObject({ first: null, open: [{ code: 'nobody_asked' }] })
    expect(impact.services).toEqual([])
    expect(missing.map(({ en }) => en)).toEqual(['it has no session: there is no diagnosis and no measurement'])
    expect(items).toMatchObject([{ type: 'learn', reason: '/cause/open/0' }])
  })

  it('an incident that is still open', () => {
    const open = { id: 'INC-1', title: 'cart', service_name: 'cart', severity: 'P1', status: 'new', started_at: BEGAN }
    const { head, impact, summary } = written({ incidents: [open], sessions: [session({ approvals: [] })] })
    expect(head.status).toBe('open')
    expect(impact.duration_ms).toBeNull()
    expect(impact.services[0]?.failed_requests).toBeCloseTo(20 * 360 * 0.25)
    expect(summary[2]?.text.en).toBe('No action ran; it is still open.')
  })

  it.each([
    ['no_change', 'action_no_change'],
    ['worse', 'action_worse'],
  ])('an action whose effect was %s', (effect, code) => {
    const { went_badly, went_well, cause, head, summary } = written({ incidents: [], sessions: [session({ approvals: [approved({}, { effect })] })] }) // prettier-ignore
    expect(codes(went_badly)).toContain(code)
    expect(codes(went_well)).not.toContain('helped_at_once')
    expect(codes(cause.open)).toContain('action_did_not_help')
    expect(head.times.mitigated.at).toBeNull()
    expect(summary[2]?.text.en).toMatch(/^The approved action did not end it/)
  })

  it('a cause whose change is not established, or that probably no change caused', () => {
    const [first] = diagnosed().root_causes
    const suspect = (change_id: string, probability: number) => ({ change_id, service: 'cart', probability, text: { en: `deployment of ${change_id}`, 'zh-TW': `部署 ${change_id}` }, evidence: ['e-1'] }) // prettier-ignore
    const openOf = (none: number, ...suspects: ReturnType<typeof suspect>[]) => {
      const result = diagnosed({ root_causes: [{ ...first!, change_id: null }], suspected_changes: { suspects, none } })
      const { cause } = written({ sessions: [session({ result })] })
      expect(codes(cause.chain)).not.toContain('trigger')
      return cause.open.map(({ text }) => text.en)
    }
    const alternatives = openOf(0.15, suspect('v2', 0.45), suspect('v1', 0.37), suspect('v0', 0.03))
    expect(alternatives.filter((one) => one.includes('deployment'))).toEqual([
      'a change that may have caused it: deployment of v2 (45 %)',
      'a change that may have caused it: deployment of v1 (37 %)',
    ])
    expect(openOf(0.9, suspect('v2', 0.1))).toContain('probably no known change caused it (90 %)')
  })

  it('an approval that waited, or that nobody decided', () => {
    const slow = written({ sessions: [session({ approvals: [approved({ occurred_at: BEGAN + 12 * MINUTE })] })] })
    expect(codes(slow.went_badly)).toContain('approval_waited')
    const expired = written({
      sessions: [session({ approvals: [approved({ outcome: 'expired', code: 'expired', decided_by: null }, null)] })],
    })
    expect(codes(expired.went_badly)).toEqual(['approval_expired'])
    expect(expired.head.times).toMatchObject({ acknowledged: { at: null }, decided: { at: null }, acted: { at: null } })
  })

  it('a source that was down, and an earlier incident of the same service', () => {
    const failed = evidence('logs', null, { tool: 'loki', status: 'failed', error: 'connection refused' })
    const earlier = evidence('incidents', [{ id: 'INC-0', title: 'x', service_name: 'cart', severity: 'P1', started_at: BEGAN - 86_400_000 }]) // prettier-ignore
    const { went_badly, action_items: items } = written({}, [failed, earlier])
    expect(went_badly).toMatchObject([
      { code: 'source_down', sources: [{ kind: 'evidence', id: failed.evidence_id }] },
      { code: 'similar_before', sources: [{ kind: 'incident', id: 'INC-0' }] },
    ])
    expect(items.map(({ type }) => type)).toEqual(['prevent', 'respond', 'learn'])
  })

  it('a recovery without an action', () => {
    const [first] = diagnosed().root_causes
    const result = diagnosed({ phase: 'over', root_causes: [{ ...first!, until: BEGAN + 4 * MINUTE, phase: 'over' }] })
    const { head, luck } = written({ sessions: [session({ result, approvals: [] })] })
    expect(head.times.mitigated).toMatchObject({
      at: BEGAN + 4 * MINUTE,
      sources: [{ kind: 'event', id: result.event_id }],
    })
    expect(codes(luck)).toEqual(['recovered_alone'])
  })

  it('several incidents: one timeline, and whether they have one cause', () => {
    const second = (cause: string) =>
      session({
        request: diagnosisRequested({
          session_id: 't',
          occurred_at: BEGAN + 4 * MINUTE,
          service: 'checkout',
          incident_ids: ['INC-2'],
        }),
        result: diagnosed({
          session_id: 't',
          confidence: 0.5,
          root_causes: [{ ...diagnosed().root_causes[0]!, service: cause }],
        }),
        approvals: [],
      })
    const both = (cause: string) =>
      written({ incidentIds: ['INC-1', 'INC-2'], sessions: [session(), second(cause)] }).cause.contributing
    expect(codes(both('cart'))).toEqual(['common_cause'])
    expect(both('payment')).toMatchObject([
      { code: 'different_causes', text: { en: 'no common cause: other diagnoses name payment' } },
    ])
  })

  it('times that contradict each other: no interval is made of them, and it says so', () => {
    const before = { id: 'INC-1', title: 'cart', service_name: 'cart', severity: 'P1', status: 'resolved', started_at: BEGAN, ended_at: BEGAN - 5 * MINUTE } // prettier-ignore
    const { head, cause } = written({ incidents: [before] })
    expect(head.intervals.find(({ name }) => name === 'TTR')?.ms).toBeNull()
    expect(cause.open[0]).toMatchObject({ code: 'contradictory_times' })
    const years = written({ incidents: [{ ...before, ended_at: BEGAN + 3 * 365 * 86_400_000 }] })
    expect(codes(years.cause.open)).toEqual(['endless'])
  })

  it('an objective: the budget that was burnt, at the usual rate', () => {
    const { impact } = written({ objectives: [{ service: '*', indicator: 'error_ratio', max: 0.001 }] })
    expect(impact.budgets).toMatchObject([{ service: 'frontend', objective: 0.001, period_days: 30 }])
    expect(impact.budgets[0]?.burnt).toBeCloseTo(1800 / (0.001 * 20 * 30 * 86_400))
  })

  it('instances: their requests added up, their errors weighted, their worst latency', () => {
    const of = (instance: string, rate: number, ratio: number, latency: number, late: number) =>
      [
        series('frontend', 'request_rate', '1/s', () => rate),
        series('frontend', 'error_ratio', 'ratio', (time) => (inside(time) ? ratio : 0)),
        series('frontend', 'latency_p95', 'ms', () => latency),
      ].map((one) => ({ ...one, instance, times: TIMES.map((time) => time + late) }))
    const two = evidence('golden-signals', { series: [...of('a', 10, 0.5, 100, 0), ...of('b', 30, 0.1, 300, 2000)] })
    const [impact] = written({}, [graph, two]).impact.services
    expect(impact?.requests).toBeCloseTo(40 * 360)
    expect(impact?.error_ratio.peak?.value).toBeCloseTo((10 * 0.5 + 30 * 0.1) / 40)
    expect(impact?.latency?.worst?.value).toBe(300)
  })

  it('gaps in what was measured: they are not filled', () => {
    const kept = TIMES.filter((time) => time <= BEGAN + MINUTE || time >= BEGAN + 5 * MINUTE)
    const holed = evidence('golden-signals', { series: [{ ...series('frontend', 'request_rate', '1/s', () => 20), times: kept, values: kept.map(() => 20) }] }) // prettier-ignore
    const [impact] = written({}, [graph, holed]).impact.services
    // a minute before the gap, two steps at its end, and the minute after it
    expect(impact?.requests).toBe(20 * (60 + 20 + 60))
    expect(impact?.failed_requests).toBeNull()
    expect(written({}, [graph, holed]).impact.unknown.map(({ en }) => en)).toContain('frontend: requests were not measured from 2026-11-23 15:01:00 UTC to 2026-11-23 15:04:40 UTC, and are not counted') // prettier-ignore
  })
})

describe('the sessions of a report', () => {
  it('do not depend on the order of events, and take the latest revision', () => {
    const request = diagnosisRequested({ session_id: 's' })
    const results = [1, 2].map((revision) => diagnosed({ session_id: 's', revision }))
    const { requested, closed, acted } = approved()
    const events = [
      { event: 'ActionCompleted', value: acted! },
      { event: 'DiagnosisCompleted', value: results[1]! },
      { event: 'ApprovalClosed', value: closed! },
      { event: 'DiagnosisCompleted', value: results[0]! },
      { event: 'ApprovalRequested', value: requested },
      { event: 'DiagnosisRequested', value: request },
      { event: 'DiagnosisRequested', value: request },
    ] as const
    const [one, ...others] = sessionsOf(events)
    expect(others).toEqual([])
    expect(one).toMatchObject({ request, result: { revision: 2 }, approvals: [{ closed, acted }] })
    expect(sessionsOf(events.toReversed())).toEqual([one])
  })
})
