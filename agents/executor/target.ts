/** Compares the current target of an action with the state the action was proposed for. */
import type { Action, ApprovalRequested } from '../../schemas/events.generated.ts'
import type { Tenants } from '../../tenants/tenants.ts'
import type { Run } from '../runtime/agent.ts'
import { askOne } from '../runtime/ask.ts'
import type { Evidence, EvidenceOwner, EvidenceStore } from '../runtime/evidence.ts'
import { ownedControlPlane } from '../tools/owned/control-plane.ts'
import type { ControlPlaneTool, Resource } from '../tools/tools.ts'

export interface TargetOptions {
  /** which tenant owns which services */
  tenants: Tenants
  controlPlane: ControlPlaneTool
  evidence: EvidenceStore
}

export function askTarget(
  { action, tenant, session_id }: ApprovalRequested,
  run: Run,
  { tenants, controlPlane, evidence }: TargetOptions,
  step: string,
): Promise<Evidence> {
  return askOne(run, ownerOf(run, session_id), evidence, step, (context) =>
    ownedControlPlane(controlPlane, tenants.of(tenant)).resources({ service: action.service }, context),
  )
}

export const ownerOf = (run: Run, sessionId: string): EvidenceOwner => ({
  runId: run.id,
  sessionId,
  tenant: run.tenant,
  agent: 'executor',
})

/** `moved`: how the target differs from the proposed state; null: it does not. `unread`: why it could not be read. */
export type Comparison = { moved: string | null } | { unread: string }

export function compare({ service, target_state }: Action, target: Evidence): Comparison {
  if (target.status === 'failed') return { unread: `the target could not be read: ${target.summary}` }
  const running = (target.data as Resource[] | null)?.find((one) => one.service_name === service)
  if (running === undefined) return { unread: 'the control-plane does not know the target' }
  const state: Record<string, unknown> = { ...running }
  const moved = Object.entries(target_state).filter(([name, value]) => String(state[name]) !== value)
  const words = moved.map(([name, value]) => `${name} is ${String(state[name])}, not ${value}`).join('; ')
  return { moved: words === '' ? null : words }
}
