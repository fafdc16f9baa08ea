/** Did it help: the level after the action, between the disturbed and the normal one. */
import { median } from '../../analysis/metrics/robust.ts'
import type { ActionCompleted, Check, CheckResult } from '../../schemas/events.generated.ts'
import type { Evidence } from '../runtime/evidence.ts'
import type { MetricsAnswer } from '../tools/tools.ts'

export type Effect = 'helped' | 'no_change' | 'worse' | 'unknown'

/** Share of the way back to normal from which an action counts as having helped. */
const HELPED = 0.6
/** Share of the disturbance on top of it from which it counts as having made things worse. */
const WORSE = 0.5

export function checkResult(check: Check, evidence: Evidence | undefined): CheckResult {
  const base = { service: check.service, indicator: check.indicator, normal: check.normal, disturbed: check.disturbed }
  if (evidence === undefined || evidence.status !== 'ok')
    return { ...base, effect: 'unknown', after: null, evidence_id: evidence?.id ?? null, ...whyNot(evidence) }
  const values = (evidence.data as MetricsAnswer).series
    .filter((series) => series.indicator === check.indicator)
    .flatMap((series) => series.values.filter(Number.isFinite))
  const after = values.length === 0 ? null : median(values)
  const why = after === null ? { code: 'no_sample', error: 'no sample since the action' } : { code: null, error: null }
  return { ...base, effect: effectOf(check, after), after, evidence_id: evidence.id, ...why }
}

function whyNot(evidence: Evidence | undefined): Pick<CheckResult, 'code' | 'error'> {
  if (evidence === undefined) return { code: 'not_asked', error: 'was not asked' }
  if (evidence.status === 'failed') return { code: 'source_failed', error: evidence.error }
  return { code: 'no_data', error: 'the source has no data' }
}

function effectOf({ normal, disturbed }: Check, after: number | null): Effect {
  if (normal === null || disturbed === null || after === null || normal === disturbed) return 'unknown'
  const back = (disturbed - after) / (disturbed - normal)
  if (back >= HELPED) return 'helped'
  return back <= -WORSE ? 'worse' : 'no_change'
}

/** One word for all: worse if anything is, helped if something is and nothing is worse, unknown when nothing could be measured. */
export function overallEffect(checks: readonly CheckResult[]): ActionCompleted['effect'] {
  const effects = checks.map((check) => check.effect)
  if (effects.includes('worse')) return 'worse'
  if (effects.includes('helped')) return 'helped'
  return effects.includes('no_change') ? 'no_change' : 'unknown'
}
