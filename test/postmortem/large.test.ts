/** A report of very many events fits into a record. */
import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { fitted } from '../../agents/postmortem/fitted.ts'
import { writeReport } from '../../agents/postmortem/write-report.ts'
import { reportSchema } from '../../postmortem/report.ts'
import { approved, BEGAN, diagnosed, evidence, facts, MINUTE, session } from './facts.ts'

it('fits in a record with ten thousand answers and nine hundred sessions', () => {
  const indicators = ['request_rate', 'error_rate', 'error_ratio', 'latency_p95']
  const answers = Array.from({ length: 10_000 }, (_, place) =>
    evidence('golden-signals', {
      series: indicators.map((indicator) => ({
        ...{ service: 'frontend', indicator, unit: '1/s' },
        ...{ times: [BEGAN + place * 10, BEGAN + place * 10 + 5], values: [1, 2] },
      })),
    }),
  )
  const one = session()
  const sessions = Array.from({ length: 900 }, (_, place) => ({
    request: { ...one.request, event_id: randomUUID(), session_id: randomUUID(), occurred_at: BEGAN + place },
    result: place % 2 === 0 ? null : diagnosed({ verdict: 'inconclusive', onset: null, root_causes: [] }),
    approvals: [approved({ occurred_at: BEGAN + 30 * MINUTE }, { effect: 'no_change' })],
    feedback: [],
  }))
  const report = writeReport(facts({ sessions: [one, ...sessions] }, answers))
  expect(report.impact.services.every(({ sources }) => sources.length > 0 && sources.length <= 50)).toBe(true)
  const kept = reportSchema.parse(fitted(report))
  expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThan(800_000)
  for (const { reason } of kept.action_items) {
    const found = reason.split('/').slice(1).reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], kept) // prettier-ignore
    expect(found, reason).toMatchObject({ text: { en: expect.any(String) } })
  }
})
