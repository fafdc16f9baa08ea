/** Events as agents would publish them, so that some requests find data: a session with its evidence and two approvals, an anomaly and a forecast. */
import { v7 as uuid } from 'uuid'
import type { Bus } from '../../../bus/bus.ts'
import { actionHash } from '../../../schemas/action-hash.ts'
import type { Known } from './requests.ts'

export async function tellSome(bus: Bus): Promise<Known> {
  const [session, evidence, anomaly, forecast, ...approvals] = [uuid(), uuid(), uuid(), uuid(), uuid(), uuid()]
  const head = () => ({
    event_id: uuid(),
    session_id: session,
    sequence: 0,
    tenant: 'default',
    occurred_at: Date.now(),
  })
  const action = { type: 'rollback', service: 'cart', namespace: null, parameters: { to: 'v1' }, target_state: {} }
  await bus.publish([
    await bus.encode('DiagnosisRequested', {
      ...head(),
      ...{
        kind: 'alert',
        service: 'cart',
        namespace: null,
        severity: 'P1',
        incident_ids: [],
        alert_ids: ['a'],
        deployment_id: null,
      },
      ...{ affected_services: ['cart'], window_start: null, window_end: null, question: null, max_execution_ms: null },
      ...{ requested_by: 'http://issuer|control-plane', context: {} },
    }),
    await bus.encode('EvidenceRecorded', {
      ...head(),
      ...{
        evidence_id: evidence,
        run_id: 'assistant/1',
        tool: 'prometheus',
        operation: 'golden-signals',
        status: 'ok',
        query: 'up',
      },
      ...{ range_start: 0, range_end: 1, link: null, summary: '1 series', error: null, warnings: [], data: '{}' },
      ...{ downsampled: false, redactions: 0, duration_ms: 1 },
    }),
    await bus.encode('AnomalyDetected', {
      ...{ ...head(), session_id: null, anomaly_id: anomaly, phase: 'opened', service: 'cart', namespace: null },
      ...{ services: ['cart'], severity: 'critical', score: 4, since: Date.now(), ending: null, joined_to: null },
      ...{ series: [], step_ms: 10_000 },
    }),
    await bus.encode('ForecastProduced', {
      ...{ ...head(), session_id: null, forecast_id: forecast, phase: 'produced', service: 'cart', namespace: null },
      ...{ resource: 'disk', indicator: 'disk', unit: 'ratio', instance: null, severity: 'info', value: 0.5, limit: 1 },
      ...{ since: Date.now(), full_at: Date.now() + 86_400_000, earliest: Date.now(), latest: null, level: 0.9 },
      ...{ path: [], recent: [], step_ms: 10_000, ending: null },
    }),
    ...(await Promise.all(
      approvals.map((approval_id) =>
        bus.encode('ApprovalRequested', {
          ...head(),
          ...{
            approval_id,
            action,
            action_hash: actionHash(action),
            title: { en: 'Roll back' },
            reason: { en: 'v2 fails' },
          },
          ...{ risk: 'medium', requested_by: 'http://issuer|control-plane', approver_roles: ['team_manager'] },
          ...{
            expires_at: Date.now() + 86_400_000,
            evidence: [evidence],
            checks: [],
            undo: {},
            undoes: null,
            proposed_by: null,
          },
        }),
      ),
    )),
  ])
  return {
    session_id: [session],
    evidence_id: [evidence],
    approval_id: approvals,
    anomaly_id: [anomaly],
    forecast_id: [forecast],
  }
}
