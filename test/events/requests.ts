/** Requests as the control-plane and the assistant publish them; a test sets only the fields it cares about. */
import { randomUUID } from 'node:crypto'
import { actionHash } from '../../schemas/action-hash.ts'
import type { Action, ActionProposed, ApprovalRequested, DiagnosisRequested } from '../../schemas/events.generated.ts'

export const GOOD = 'cart:1.4.2'
export const BAD = 'cart:1.5.0'

/** Rolls back the bad release of `cart`. */
export const rollback: Action = {
  type: 'rollback',
  service: 'cart',
  namespace: 'shop',
  parameters: { image_tag: GOOD },
  target_state: { image_tag: BAD },
}

/** Roles that the flow tests' executor accepts decisions from, besides the default ones. Approvals with different roles are not joined. */
export const DISTINCT_ROLES = Array.from({ length: 1000 }, (_, index) => `decides-${index}`)
let given = 0
export const distinctRole = (): string => {
  const role = DISTINCT_ROLES[given++]
  if (role === undefined) throw new Error('more approvals than DISTINCT_ROLES in one test file')
  return role
}

/** Open for ten minutes; an action is hashed unless the test gives a hash. Its distinct role prevents joining other approvals. */
export const approvalRequested = (change: Partial<ApprovalRequested> = {}): ApprovalRequested => ({
  event_id: randomUUID(),
  session_id: randomUUID(),
  sequence: 0,
  tenant: 'default',
  occurred_at: Date.now(),
  approval_id: randomUUID(),
  action: rollback,
  action_hash: actionHash(change.action ?? rollback),
  title: { en: 'Roll back cart' },
  reason: { en: 'a test asks' },
  risk: 'medium',
  requested_by: 'https://issuer|control-plane',
  approver_roles: ['team_manager', distinctRole()],
  expires_at: Date.now() + 600_000,
  evidence: [],
  checks: [],
  undo: {},
  undoes: null,
  proposed_by: null,
  ...change,
})

/** A person proposes to restart `cart`. */
export const actionProposed = (change: Partial<ActionProposed> = {}): ActionProposed => ({
  event_id: randomUUID(),
  session_id: randomUUID(),
  sequence: 0,
  tenant: 'default',
  occurred_at: Date.now(),
  approval_id: randomUUID(),
  type: 'restart',
  service: 'cart',
  namespace: null,
  parameters: {},
  reason: 'it helped last time',
  proposed_by: { id: 'https://issuer|carol', role: 'team_manager', client: 'console', via: 'api' },
  requested_by: 'https://issuer|control-plane',
  diagnosis_run: 'assistant/e',
  since: null,
  context: {},
  ...change,
})

/** About an alert, with nothing else known. */
export const diagnosisRequested = (change: Partial<DiagnosisRequested> = {}): DiagnosisRequested => ({
  event_id: randomUUID(),
  session_id: randomUUID(),
  sequence: 0,
  tenant: 'default',
  occurred_at: Date.now(),
  kind: 'alert',
  service: null,
  namespace: null,
  severity: null,
  incident_ids: [],
  alert_ids: [],
  deployment_id: null,
  affected_services: [],
  window_start: null,
  window_end: null,
  question: null,
  max_execution_ms: null,
  requested_by: 'https://issuer|control-plane',
  context: {},
  ...change,
})
