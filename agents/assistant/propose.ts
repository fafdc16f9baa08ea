/** From a verdict to what could be done: exact actions, bound to the state they were proposed for. */
import type { Observations } from '../../analysis/observations.ts'
import { median } from '../../analysis/metrics/robust.ts'
import type { Verdict } from '../../analysis/verdict.ts'
import { actionHash } from '../../schemas/action-hash.ts'
import type { Action, Check } from '../../schemas/events.generated.ts'
import type { Evidence } from '../runtime/evidence.ts'
import type { AuditLogItem, Resource } from '../tools/tools.ts'

export interface Proposal {
  action: Action
  actionHash: string
  title: Record<string, string>
  reason: Record<string, string>
  risk: 'low' | 'medium' | 'high' | 'critical'
  evidence: string[]
  checks: Check[]
}

/** A diagnosis less sure than this proposes nothing to run: a person reads it first. */
const MIN_CONFIDENCE = 0.3
const MAX_CHECKS = 3
const CHECKED = ['latency_p95', 'error_ratio', 'latency_p99', 'latency_p50', 'error_rate']

/** A rollback, where the first cause is a deployment and the release before it is known; null otherwise. */
export function proposeRollback(
  verdict: Verdict,
  observations: Observations,
  audit: readonly AuditLogItem[],
  target: Evidence | null,
  namespace: string | null,
): Proposal | null {
  const cause = verdict.rootCauses[0]
  if (verdict.verdict !== 'incident' || cause === undefined || verdict.confidence < MIN_CONFIDENCE) return null
  const change = audit.find((item) => item.id === cause.changeId && item.event_type === 'DEPLOYMENT')
  const before = imageTag(change?.changes?.before)
  const after = imageTag(change?.changes?.after)
  const running = (target?.data as Resource[] | null | undefined)?.find(
    (one) => one.service_name === change?.service_name,
  )
  if (change === undefined || before === null || target === null || running === undefined || running.image_tag === null)
    return null
  if (after !== null && running.image_tag !== after) return null
  const action: Action = {
    type: 'rollback',
    service: change.service_name,
    namespace: running.namespace ?? namespace,
    parameters: { image_tag: before },
    target_state: { image_tag: running.image_tag },
  }
  return {
    action,
    actionHash: actionHash(action),
    title: {
      en: `Roll back ${action.service} from ${running.image_tag} to ${before}`,
      'zh-TW': `將 ${action.service} 從 ${running.image_tag} 回復到 ${before}`,
    },
    reason: { en: cause.explanation.en, 'zh-TW': cause.explanation.zh },
    risk: 'medium',
    evidence: [...new Set([...cause.evidence, target.id])],
    // the onset is an estimate and may lie before the release; what the release disturbed cannot
    checks: checksFor(action, verdict.onset === null ? null : Math.max(verdict.onset, change.timestamp), observations),
  }
}

/** The indicators of the service that moved most, with both levels: the same question will be asked after the action. */
function checksFor(action: Action, since: number | null, observations: Observations): Check[] {
  if (since === null) return []
  return observations.series
    .filter((series) => series.service === action.service && CHECKED.includes(series.indicator))
    .map((series) => {
      const points = [...series.times].map((time, index) => ({ time, value: series.values[index] ?? Number.NaN }))
      const normal = level(points.filter((point) => point.time < since).map((point) => point.value))
      const disturbed = level(points.filter((point) => point.time >= since).map((point) => point.value))
      return { series, normal, disturbed }
    })
    .filter(({ normal, disturbed }) => normal !== null && disturbed !== null && disturbed > normal)
    .sort((a, b) => CHECKED.indexOf(a.series.indicator) - CHECKED.indexOf(b.series.indicator))
    .slice(0, MAX_CHECKS)
    .map(({ series, normal, disturbed }) => ({
      tool: 'prometheus',
      service: action.service,
      namespace: action.namespace,
      indicator: series.indicator,
      bad_direction: 'up',
      normal,
      disturbed,
      evidence_id: series.evidence ?? null,
    }))
}

function level(values: readonly number[]): number | null {
  const finite = values.filter(Number.isFinite)
  return finite.length === 0 ? null : median(finite)
}

function imageTag(state: unknown): string | null {
  if (typeof state === 'string' && state !== '') return state
  const tag = (state as { image_tag?: unknown } | null | undefined)?.image_tag
  return typeof tag === 'string' && tag !== '' ? tag : null
}
