/** What a caller may do: the token's scopes, and for people also a role. */
import type { ApprovalRequested } from '../../schemas/events.generated.ts'
import { deciding, tokens } from '../present/texts.ts'
import type { Texts } from '../present/texts.ts'
import type { Caller } from './caller.ts'

const rolesFor: Readonly<Record<string, readonly string[]>> = {
  'sre-platform:read': ['team_member', 'team_manager', 'super_admin'],
  'sre-platform:diagnose': ['team_manager', 'super_admin'],
  'sre-platform:approve': ['team_manager', 'super_admin'],
  'sre-platform:write': ['super_admin'],
}

/** Why the caller may not use a route with these scopes; null: allowed. */
export function lacking(caller: Caller, scopes: readonly string[]): Texts | null {
  for (const scope of scopes) {
    const roles = rolesFor[scope] ?? []
    // check the role first: the issuer drops scopes that the roles do not allow, and a person can ask for a role
    if (caller.kind === 'person' && !caller.roles.some((role) => roles.includes(role)))
      return tokens.needsRole(caller, scope, roles)
    if (!caller.scopes.includes(scope)) return tokens.lacksScope(scope)
  }
  return null
}

/** Why this person may not decide on an approval; null: allowed. */
export function mayNotDecide(
  caller: Caller,
  approval: Pick<ApprovalRequested, 'requested_by' | 'approver_roles' | 'proposed_by'>,
): Texts | null {
  if (caller.id === approval.requested_by) return deciding.ownRequest
  if (caller.id === approval.proposed_by?.id) return deciding.ownProposal
  if (!caller.roles.some((role) => approval.approver_roles.includes(role)))
    return deciding.needsRole(caller, approval.approver_roles)
  return null
}
