/** Events as agents publish them; a test sets only the fields it cares about. */
import { v7 as uuid } from 'uuid'
import { actionHash } from '../../schemas/action-hash.ts'
import type { ResourceCapacity, Action, EventName, Events } from '../../schemas/events.generated.ts'
import type { ViewEvent } from '../../gateway/views/fold.ts'
import { approvalRequested as anApproval, diagnosisRequested } from '../events/requests.ts'

let clock = 1_760_000_000_000
const head = (session_id: string) => ({
  event_id: uuid(),
  session_id,
  sequence: 0,
  tenant: 'default',
  occurred_at: (clock += 1000),
})

const event = <E extends EventName>(name: E, value: Events[E]) => ({ event: name, value }) as ViewEvent & { event: E }

export const rollback: Action = {
  type: 'rollback',
  service: 'cart',
  namespace: null,
  parameters: { to: 'v1' },
  target_state: { image_tag: 'v2' },
}

export const requested = (session: string, over: Partial<Events['DiagnosisRequested']> = {}) =>
  event('DiagnosisRequested', {
    ...diagnosisRequested({
      service: 'cart',
      severity: 'P1',
      alert_ids: ['a-1'],
      requested_by: 'http://issuer|control-plane',
    }),
    ...head(session),
    ...over,
  })

export const progressed = (session: string, progress: number, over: Partial<Events['DiagnosisProgressed']> = {}) =>
  event('DiagnosisProgressed', {
    ...head(session),
    agent: 'assistant',
    run_id: 'assistant/1',
    step: 'gather',
    progress,
    message: { en: `${progress} percent`, 'zh-TW': `百分之 ${progress}` },
    findings: [],
    ...over,
  })

export const evidence = (session: string, over: Partial<Events['EvidenceRecorded']> = {}) =>
  event('EvidenceRecorded', {
    ...head(session),
    evidence_id: uuid(),
    run_id: 'assistant/1',
    tool: 'prometheus',
    operation: 'golden-signals',
    status: 'ok',
    query: 'up',
    range_start: 1_760_000_000_000,
    range_end: 1_760_000_600_000,
    link: null,
    summary: '1 series',
    error: null,
    warnings: [],
    data: '{"series":[1,2]}',
    downsampled: true,
    redactions: 0,
    duration_ms: 12,
    ...over,
  })

export const completed = (session: string, over: Partial<Events['DiagnosisCompleted']> = {}) =>
  event('DiagnosisCompleted', {
    ...head(session),
    revision: 1,
    run_id: 'assistant/1',
    handler_version: '1',
    status: 'completed',
    reason: null,
    verdict: 'incident',
    onset: 1_760_000_000_000,
    phase: null,
    summary: { en: 'a bad version of cart', 'zh-TW': 'cart 的版本有問題' },
    confidence: 0.9,
    findings: [
      {
        source: 'metrics',
        severity: 'critical',
        service: 'cart',
        message: { en: 'errors rose', 'zh-TW': '錯誤增加' },
        timestamp: null,
        evidence: ['e-1'],
      },
    ],
    root_causes: [
      {
        rank: 1,
        service: 'cart',
        indicator: 'errors',
        change_id: 'c-1',
        score: 0.8,
        explanation: { en: 'deployed just before' },
        evidence: ['e-1'],
        ...{ since: null, until: null, phase: null, separate: false },
      },
    ],
    missing: [],
    ruled_out: [{ change_id: null, service: 'web', reason: { en: 'it follows cart' } }],
    suspected_changes: {
      suspects: [{ change_id: 'c-1', service: 'cart', probability: 0.8, text: { en: 'deployment of cart', 'zh-TW': '部署 cart' }, evidence: ['e-1'] }], // prettier-ignore
      none: 0.2,
    },
    recommended_actions: [],
    tools_used: ['prometheus'],
    capacity: null,
    requested_at: 1_760_000_000_000,
    execution_ms: 1500,
    usage: null,
    ...over,
  })

export const recommended = (approval_id: string) => [
  { title: { en: 'Roll back cart' }, type: 'rollback', risk: 'medium', approval_id },
]

export const approvalRequested = (
  session: string,
  approval_id: string,
  over: Partial<Events['ApprovalRequested']> = {},
) =>
  event('ApprovalRequested', {
    ...anApproval({ approval_id, action: rollback, requested_by: 'http://issuer|control-plane' }),
    ...head(session),
    title: { en: 'Roll back cart', 'zh-TW': '回復 cart' },
    reason: { en: 'v2 fails' },
    approver_roles: ['team_manager', 'super_admin'],
    expires_at: Date.now() + 3_600_000,
    evidence: ['e-1'],
    ...over,
  })

export const declined = (session: string, over: Partial<Events['ActionDeclined']> = {}) =>
  event('ActionDeclined', {
    ...head(session),
    ...{ approval_id: uuid(), code: 'target_unknown', field: null, reason: { en: 'the state of cart is unknown' } },
    ...over,
  })

export const approvalClosed = (
  session: string,
  approval_id: string,
  outcome = 'approved',
  joined_approval: string | null = null,
) =>
  event('ApprovalClosed', {
    ...head(session),
    approval_id,
    action_hash: actionHash(rollback),
    outcome,
    code: 'decided',
    reason: 'looks right',
    decided_by: 'http://issuer|alice',
    decision_jti: 'one',
    joined_approval,
    approved_by: [],
  })

export const approvalCounted = (session: string, approval_id: string, approved_by: string, decision_jti = uuid()) =>
  event('ApprovalCounted', {
    ...head(session),
    approval_id,
    action_hash: actionHash(rollback),
    approved_by,
    decision_jti,
    reason: 'looks right',
  })

export const actionCompleted = (session: string, approval_id: string) =>
  event('ActionCompleted', {
    ...head(session),
    approval_id,
    action: rollback,
    action_hash: actionHash(rollback),
    outcome: 'succeeded',
    effect: 'helped',
    execution_id: 'x-1',
    output: 'rolled back',
    error: null,
    checks: [
      {
        service: 'cart',
        indicator: 'latency_p95',
        effect: 'unknown',
        normal: 26.84,
        disturbed: 838,
        after: null,
        evidence_id: null,
        error: 'the source has no data',
        code: 'no_data',
        unit: 'ms',
      },
    ],
    started_at: 1_760_000_000_000,
    finished_at: 1_760_000_001_000,
    code: null,
  })

export const anomalous = (over: Partial<Events['AnomalyDetected']['series'][number]> = {}) => ({
  ...{ service: 'cart', indicator: 'latency_p95', unit: 'ms', direction: 'above' },
  ...{ value: 900, expected: 100, lower: 80, upper: 120, since: 1_760_000_000_000, surprise: 4.5, felt: true },
  recent: [100, null, 104, 900],
  ...over,
})

/** One phase of an anomaly: the first is `opened`, unless it says otherwise. */
export const detected = (anomaly_id: string, sequence = 0, over: Partial<Events['AnomalyDetected']> = {}) =>
  event('AnomalyDetected', {
    ...head(''),
    ...{ session_id: null, sequence, anomaly_id, phase: sequence === 0 ? 'opened' : 'updated' },
    ...{ service: 'cart', namespace: 'shop', services: ['cart', 'front'], severity: 'critical', score: 4.5 },
    ...{ since: 1_760_000_000_000, ending: null, joined_to: null, series: [anomalous()], step_ms: 10_000 },
    ...over,
  })

/** One phase of a forecast: the first is `produced`, unless it says otherwise. */
export const foretold = (forecast_id: string, sequence = 0, over: Partial<Events['ForecastProduced']> = {}) =>
  event('ForecastProduced', {
    ...head(''),
    ...{ session_id: null, sequence, forecast_id, phase: sequence === 0 ? 'produced' : 'revised' },
    ...{ service: 'cart', namespace: 'shop', resource: 'memory', indicator: 'memory_ratio', unit: 'ratio' },
    ...{ instance: 'cart-0', severity: 'critical', value: 0.6, limit: 1, since: 1_760_000_000_000 },
    ...{ full_at: 1_760_002_400_000, earliest: 1_760_002_200_000, latest: null, level: 0.9 },
    path: [{ time: 1_760_001_200_000, value: 0.6, lower: 0.58, upper: 0.62 }],
    ...{ recent: [0.3, null, 0.5, 0.6], step_ms: 60_000, ending: null },
    ...over,
  })

/** Everything one closed loop publishes, in order. */
export function closedLoop(session: string, approval: string): ViewEvent[] {
  return [
    requested(session),
    progressed(session, 10),
    evidence(session),
    progressed(session, 60, { step: 'analyse' }),
    evidence(session, { tool: 'loki', status: 'no_data', data: null }),
    progressed(session, 90, { step: 'propose' }),
    completed(session, { recommended_actions: recommended(approval) }),
    approvalRequested(session, approval),
    approvalClosed(session, approval),
    actionCompleted(session, approval),
  ]
}

export const capacityOf = (resource: string): ResourceCapacity => ({
  resource,
  instance: null,
  indicator: 'memory_ratio',
  unit: 'ratio',
  average: 0.5,
  peak: 0.6,
  percentile_95: 0.58,
  history_days: 30,
  trend: 'increasing',
  growth_rate: 12,
  days_to_capacity: 20,
  earliest_days: 15,
  latest_days: null,
  alerts: [{ threshold: 0.8, days: 10, severity: 'info' }],
  recommendations: [
    {
      type: 'scale_up',
      priority: 'medium',
      current_allocation: 1,
      recommended_allocation: 1.5,
      reasoning: { en: 'it grows' },
    },
  ],
  chart: [
    { time: 1_760_000_000_000, historical: 0.6, predicted: null, lower: null, upper: null },
    { time: 1_760_086_400_000, historical: null, predicted: 0.61, lower: 0.6, upper: 0.62 },
  ],
  evidence: ['e-1'],
})
