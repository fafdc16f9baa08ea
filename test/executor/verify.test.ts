import { describe, expect, it } from 'vitest'
import { checkResult } from '../../agents/executor/verify.ts'
import type { Evidence } from '../../agents/runtime/evidence.ts'
import type { Check } from '../../schemas/events.generated.ts'

const check: Check = {
  tool: 'prometheus',
  service: 'cart',
  namespace: null,
  indicator: 'latency_p95',
  bad_direction: 'up',
  normal: 20,
  disturbed: 220,
  evidence_id: 'before',
  unit: 'ms',
}
const call = { id: 'after', tool: 'prometheus', operation: 'golden-signals', query: 'q', range: null, link: null, warnings: [], incomplete: false, durationMs: 1, redactions: 0, summary: 's' } // prettier-ignore
const answer = (...values: number[]): Evidence => ({
  ...call,
  status: 'ok',
  data: {
    profile: 'recording',
    comparison: [],
    series: [{ service: 'cart', indicator: 'latency_p95', times: values.map((_, i) => i), values }],
  },
})

describe('verifying an action', () => {
  it.each([
    [[19, 21, 25], 'helped'],
    [[200, 210, 230], 'no_change'],
    [[400, 380, 390], 'worse'],
    [[0, 0, 0], 'helped'],
  ])('judges levels %j as %s', (values, effect) => {
    expect(checkResult(check, answer(...values))).toMatchObject({ effect, normal: 20, disturbed: 220, error: null })
  })

  it('reports unknown with the reason for what was not measured', () => {
    expect(checkResult(check, { ...call, status: 'failed', error: 'connection refused', data: null })).toMatchObject({
      effect: 'unknown',
      after: null,
      code: 'source_failed',
      error: 'connection refused',
    })
    expect(checkResult(check, { ...call, status: 'no_data', data: null })).toMatchObject({
      effect: 'unknown',
      code: 'no_data',
      error: 'the source has no data',
    })
    expect(checkResult(check, answer())).toMatchObject({ effect: 'unknown', code: 'no_sample' })
  })
})
