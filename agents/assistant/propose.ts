/** From a verdict to exact actions, each bound to the target state it was proposed for. */
import type { Observations } from '../../analysis/observations.ts'
import { median } from '../../analysis/metrics/robust.ts'
import { imageTag } from '../../analysis/release.ts'
import type { RootCause, Text, Verdict } from '../../analysis/verdict.ts'
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

/** Below this confidence nothing is proposed: a person reads the diagnosis first. */
const MIN_CONFIDENCE = 0.3
const MAX_CHECKS = 3
const MAX_FRONTS = 2
/** an indicator is checked after the action only if it exceeded its normal level by this factor; smaller moves are noise */
const MOVED = 1.2
const CHECKED = ['latency_p95', 'error_ratio', 'latency_p99', 'latency_p50', 'error_rate']

/** `why`: what rules out a possible rollback; null: there was nothing to roll back. */
export type Proposed = { proposal: Proposal } | { proposal: null; why: Text | null }

const against = (en: string, zh: string): Proposed => ({
  proposal: null,
  why: { en: `No action is proposed: ${en}.`, zh: `未提出動作：${zh}。` },
})

/** A rollback, if the top root cause is a deployment and the previous release is known. */
export function proposeRollback(
  verdict: Verdict,
  observations: Observations,
  audit: readonly AuditLogItem[],
  target: Evidence | null,
  namespace: string | null,
  toolOf: (evidence: string) => string | undefined = () => undefined,
): Proposed {
  const cause = verdict.rootCauses[0]
  const change = audit.find((item) => item.id === cause?.changeId && item.event_type === 'DEPLOYMENT')
  if (verdict.verdict !== 'incident' || cause === undefined || change === undefined)
    return { proposal: null, why: null }
  const { service_name: service } = change
  if (verdict.confidence < MIN_CONFIDENCE) return against('confidence in the cause is too low', '根因的信心分數不足')
  const before = imageTag(change.changes?.before)
  if (before === null) return against(`the previous release of ${service} is unknown`, `不知道 ${service} 先前的版本`)
  if (target?.status === 'failed')
    return against(`the state of ${service} could not be read: ${target.summary}`, `無法讀取 ${service} 的狀態：${target.summary}`) // prettier-ignore
  const running = (target?.data as Resource[] | null | undefined)?.find((one) => one.service_name === service)
  if (target === null || running === undefined || running.image_tag === null)
    return against(`the running release of ${service} is unknown`, `不知道 ${service} 目前執行的版本`)
  const after = imageTag(change.changes?.after)
  if (after !== null && running.image_tag !== after)
    return against(`${service} now runs ${running.image_tag}, not ${after}`, `${service} 目前執行 ${running.image_tag}，而非 ${after}`) // prettier-ignore
  const action: Action = {
    type: 'rollback',
    service,
    namespace: running.namespace ?? namespace,
    parameters: { image_tag: before },
    target_state: { image_tag: running.image_tag },
  }
  return {
    proposal: rollback(action, running.image_tag, before, {
      cause,
      since: sinceOf(verdict, change),
      target,
      observations,
      toolOf,
    }),
  }
}

/** The onset is an estimate and may precede the release; the release's effect cannot. */
const sinceOf = ({ onset }: Verdict, { timestamp }: AuditLogItem): number | null =>
  onset === null ? null : Math.max(onset, timestamp)

interface Grounds {
  cause: RootCause
  /** ms since the epoch: start of the disturbance */
  since: number | null
  target: Evidence
  observations: Observations
  /** name of the tool that returned this evidence */
  toolOf: (evidence: string) => string | undefined
}

function rollback(
  action: Action,
  running: string,
  before: string,
  { cause, since, target, observations, toolOf }: Grounds,
): Proposal {
  return {
    action,
    actionHash: actionHash(action),
    title: {
      en: `Roll back ${action.service} from ${running} to ${before}`,
      'zh-TW': `將 ${action.service} 從 ${running} 退版至 ${before}`,
    },
    reason: { en: cause.explanation.en, 'zh-TW': cause.explanation.zh },
    risk: 'medium',
    evidence: [...new Set([...cause.evidence, target.id])],
    checks: checksFor(action, since, observations).map((check) => ({
      ...check,
      tool: toolOf(check.evidence_id ?? '') ?? check.tool,
    })),
  }
}

/** User-facing indicators of the service and its entry points; the same queries run again after the action. */
function checksFor(action: Action, since: number | null, observations: Observations): Check[] {
  if (since === null) return []
  const fronts = frontsOf(action.service, observations)
  return [
    ...checksOf(action.service, action, since, observations).slice(0, MAX_CHECKS),
    ...fronts.flatMap((front) => checksOf(front, action, since, observations).slice(0, 1)).slice(0, MAX_FRONTS),
  ]
}

/** Direct and indirect callers: the requested service first, then entry points (services that nothing calls). */
function frontsOf(service: string, { edges, asked }: Observations): string[] {
  const callers = new Set([service])
  for (const caller of callers) for (const { from, to } of edges) if (to === caller) callers.add(from)
  callers.delete(service)
  const isFront = (one: string) => one === asked || !edges.some(({ to }) => to === one)
  return [...callers].filter(isFront).sort((a, b) => Number(b === asked) - Number(a === asked))
}

/** The indicators of one service that moved, with both levels. */
function checksOf(service: string, action: Action, since: number, observations: Observations): Check[] {
  return observations.series
    .filter((series) => series.service === service && CHECKED.includes(series.indicator))
    .map((series) => {
      const points = [...series.times].map((time, index) => ({ time, value: series.values[index] ?? Number.NaN }))
      const normal = level(points.filter((point) => point.time < since).map((point) => point.value))
      const disturbed = level(points.filter((point) => point.time >= since).map((point) => point.value))
      return { series, normal, disturbed }
    })
    .filter(({ normal, disturbed }) => normal !== null && disturbed !== null && disturbed > MOVED * normal)
    .sort((a, b) => CHECKED.indexOf(a.series.indicator) - CHECKED.indexOf(b.series.indicator))
    .map(({ series, normal, disturbed }) => ({
      tool: 'prometheus',
      service,
      namespace: action.namespace,
      indicator: series.indicator,
      bad_direction: 'up',
      normal,
      disturbed,
      evidence_id: series.evidence ?? null,
      unit: series.unit ?? null,
    }))
}

function level(values: readonly number[]): number | null {
  const finite = values.filter(Number.isFinite)
  return finite.length === 0 ? null : median(finite)
}
