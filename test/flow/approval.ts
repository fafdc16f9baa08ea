import { randomUUID } from 'node:crypto'
import { actionHash } from '../../schemas/action-hash.ts'
import type { ApprovalRequested } from '../../schemas/events.generated.ts'
import { BAD, GOOD, type Loop } from './loop.ts'

/** An approval nobody diagnosed: to roll back the bad release of `cart`, open for ten minutes. */
export function approvalFor(loop: Loop, session: string): ApprovalRequested {
  const action = {
    type: 'rollback',
    service: 'cart',
    namespace: 'shop',
    parameters: { image_tag: GOOD },
    target_state: { image_tag: BAD },
  }
  return {
    event_id: randomUUID(),
    session_id: session,
    sequence: 0,
    tenant: 'default',
    occurred_at: Date.now(),
    approval_id: randomUUID(),
    action,
    action_hash: actionHash(action),
    title: { en: 'Roll back cart' },
    reason: { en: 'a test asks' },
    risk: 'medium',
    requested_by: `${loop.setting.issuer.url}|control-plane`,
    approver_roles: ['team_manager'],
    expires_at: Date.now() + 600_000,
    evidence: [],
    checks: [],
  }
}
