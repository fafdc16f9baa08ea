/** Facts of a postmortem as the events would give them; a test sets only what it cares about. */
import { randomUUID } from 'node:crypto'
import { createAnswers } from '../../agents/postmortem/answers.ts'
import type { ApprovalFacts, Facts, SessionFacts } from '../../agents/postmortem/facts.ts'
import { actionHash } from '../../schemas/action-hash.ts'
import type {
  ActionCompleted,
  ApprovalClosed,
  DiagnosisCompleted,
  EvidenceRecorded,
} from '../../schemas/events.generated.ts'
import { approvalRequested, diagnosisRequested, rollback } from '../events/requests.ts'

export const BEGAN = Date.parse('2026-11-23T15:00:00Z')
export const MINUTE = 60_000

const head = (at: number) => ({ event_id: randomUUID(), sequence: 0, tenant: 'default', occurred_at: at })

export const evidence = (
  operation: string,
  data: unknown,
  change: Partial<EvidenceRecorded> = {},
): EvidenceRecorded => ({
  ...head(BEGAN),
  session_id: 's',
  evidence_id: randomUUID(),
  run_id: 'assistant/1',
  tool: 'prometheus',
  operation,
  status: 'ok',
  query: 'up',
  range_start: null,
  range_end: null,
  link: null,
  summary: '',
  error: null,
  warnings: [],
  data: data === null ? null : JSON.stringify(data),
  downsampled: false,
  redactions: 0,
  duration_ms: 1,
  ...change,
})

export const diagnosed = (change: Partial<DiagnosisCompleted> = {}): DiagnosisCompleted => ({
  ...head(BEGAN + 3 * MINUTE),
  session_id: 's',
  revision: 1,
  run_id: 'assistant/1',
  handler_version: '2',
  status: 'completed',
  reason: null,
  verdict: 'incident',
  onset: BEGAN,
  phase: 'going_on',
  summary: { en: 'a bad release of cart', 'zh-TW': 'cart 的版本有問題' },
  confidence: 0.9,
  findings: [],
  root_causes: [
    {
      rank: 1,
      service: 'cart',
      indicator: 'latency_p95',
      change_id: 'change-1',
      score: 1,
      explanation: { en: 'cart was deployed just before', 'zh-TW': 'cart 剛部署' },
      evidence: ['e-1'],
      since: BEGAN,
      until: null,
      phase: 'going_on',
      separate: false,
    },
  ],
  missing: [],
  ruled_out: [{ change_id: 'change-0', service: null, reason: { en: 'too early', 'zh-TW': '太早' } }],
  suspected_changes: {
    suspects: [{ change_id: 'change-1', service: 'cart', probability: 0.8, text: { en: 'deployment of cart 1.5.0', 'zh-TW': '部署 cart 1.5.0' }, evidence: ['e-1'] }], // prettier-ignore
    none: 0.2,
  },
  recommended_actions: [],
  tools_used: [],
  requested_at: BEGAN + 2 * MINUTE,
  capacity: null,
  execution_ms: 10,
  usage: null,
  ...change,
})

/** Approved two minutes after it was proposed, and it helped a minute later. */
export function approved(
  closing: Partial<ApprovalClosed> = {},
  acting: Partial<ActionCompleted> | null = {},
): ApprovalFacts {
  const requested = approvalRequested({ session_id: 's', occurred_at: BEGAN + 3 * MINUTE, title: { en: 'Roll back cart', 'zh-TW': '回復 cart' }, approver_roles: ['team_manager'] }) // prettier-ignore
  const { approval_id } = requested
  return {
    requested,
    counted: [],
    closed: {
      ...head(BEGAN + 5 * MINUTE),
      ...{ session_id: 's', approval_id, action_hash: actionHash(rollback), outcome: 'approved', code: 'decided' },
      ...{ reason: 'alice forgot the flag', decided_by: 'https://issuer|alice', decision_jti: 'j', joined_approval: null, approved_by: ['https://issuer|alice'] }, // prettier-ignore
      ...closing,
    },
    acted:
      acting === null
        ? null
        : {
            ...head(BEGAN + 7 * MINUTE),
            ...{ session_id: 's', approval_id, action: rollback, action_hash: actionHash(rollback), outcome: 'succeeded', effect: 'helped' }, // prettier-ignore
            ...{ execution_id: 'x', output: null, error: null, checks: [], code: null },
            started_at: BEGAN + 5 * MINUTE,
            finished_at: BEGAN + 6 * MINUTE,
            ...acting,
          },
  }
}

export const session = (change: Partial<SessionFacts> = {}): SessionFacts => ({
  request: diagnosisRequested({ session_id: 's', occurred_at: BEGAN + 2 * MINUTE, service: 'frontend', severity: 'P2', incident_ids: ['INC-1'] }), // prettier-ignore
  result: diagnosed(),
  approvals: [approved()],
  feedback: [],
  ...change,
})

export function facts(change: Partial<Facts> = {}, recorded: readonly EvidenceRecorded[] = []): Facts {
  const answers = createAnswers()
  for (const one of recorded) answers.add(one)
  return {
    postmortemId: 'p',
    writtenAt: BEGAN + 60 * MINUTE,
    incidentIds: ['INC-1'],
    sessions: [session()],
    answers,
    incidents: [{ id: 'INC-1', title: 'cart is slow', service_name: 'cart', severity: 'P1', status: 'resolved', started_at: BEGAN, ended_at: BEGAN + 10 * MINUTE }], // prettier-ignore
    objectives: [],
    missing: [],
    ...change,
  }
}

/** Every ten seconds, from ten minutes before to fifteen minutes after the onset. */
export const TIMES = Array.from({ length: 151 }, (_, place) => BEGAN - 10 * MINUTE + place * 10_000)

export const series = (service: string, indicator: string, unit: string, at: (time: number) => number) => ({
  ...{ service, indicator, unit },
  times: TIMES,
  values: TIMES.map(at),
})
