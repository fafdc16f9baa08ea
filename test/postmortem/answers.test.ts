/** Answers of tools that are not what they should be. */
import { expect, it } from 'vitest'
import { writeReport } from '../../agents/postmortem/write-report.ts'
import { reportSchema } from '../../postmortem/report.ts'
import { BEGAN, evidence, facts, series } from './facts.ts'

it.each([
  ['golden-signals', { series: [{ ...series('frontend', 'request_rate', '1/s', () => 1), times: [BEGAN, 1e300], values: [1, 2] }] }], // prettier-ignore
  ['alerts', [{ id: 'a', service_name: 'frontend', name: 'x', summary: 'x', severity: 'P1', started_at: -1e16 }]],
  ['audit-logs', [{ id: 'c', timestamp: 1e17, event_type: 'x', author: null, service_name: 'cart', summary: 'x' }]],
  ['incidents', [{ id: 'i', title: 'x', service_name: 'cart', severity: 'P1', started_at: 1e16 }]],
  ['resources', [{ service_name: 1 }]],
])('%s at a time that no calendar has is not read, and the report is written', (operation, data) => {
  const report = writeReport(facts({}, [evidence(operation, data)]))
  expect(reportSchema.parse(report).missing.map(({ en }) => en)).toContain('tool answers that could not be read: 1')
})
