/** One check after the action: repeats the query that showed the disturbance. */
import { median } from '../../analysis/metrics/robust.ts'
import type { Check, CheckResult } from '../../schemas/events.generated.ts'
import type { Evidence } from '../runtime/evidence.ts'
import type { MetricsAnswer } from '../tools/tools.ts'
import { effectOn } from './effect.ts'

export function checkResult(check: Check, evidence: Evidence | undefined): CheckResult {
  const { service, indicator, normal, disturbed, unit } = check
  const base = { service, indicator, normal, disturbed, unit }
  if (evidence === undefined || evidence.status !== 'ok')
    return { ...base, effect: 'unknown', after: null, evidence_id: evidence?.id ?? null, ...whyNot(evidence) }
  const values = (evidence.data as MetricsAnswer).series
    .filter((series) => series.indicator === check.indicator)
    .flatMap((series) => series.values.filter(Number.isFinite))
  const after = values.length === 0 ? null : median(values)
  const why = after === null ? { code: 'no_sample', error: 'no sample since the action' } : { code: null, error: null }
  return { ...base, effect: effectOn({ ...base, after }), after, evidence_id: evidence.id, ...why }
}

function whyNot(evidence: Evidence | undefined): Pick<CheckResult, 'code' | 'error'> {
  if (evidence === undefined) return { code: 'not_asked', error: 'was not queried' }
  if (evidence.status === 'failed') return { code: 'source_failed', error: evidence.error }
  return { code: 'no_data', error: 'the source has no data' }
}
