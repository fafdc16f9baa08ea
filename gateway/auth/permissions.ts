/** What a caller may do: the scopes of the token, and for people also a role that earns them. */
import { deciding, tokens } from '../present/texts.ts'
import type { Texts } from '../present/texts.ts'
import type { Caller } from './caller.ts'

const rolesFor: Readonly<Record<string, readonly string[]>> = {
  'sre-platform:read': ['team_member', 'team_manager', 'super_admin'],
  'sre-platform:diagnose': ['team_manager', 'super_admin'],
  'sre-platform:approve': ['team_manager', 'super_admin'],
  'sre-platform:write': ['super_admin'],
}

/** Why a caller may not use a route that needs these scopes; null when it may. */
export function lacking(caller: Caller, scopes: readonly string[]): Texts | null {
  for (const scope of scopes) {
    const roles = rolesFor[scope] ?? []
    // an issuer leaves out of a token what the roles do not earn: the role is what a person can ask for
    if (caller.kind === 'person' && !caller.roles.some((role) => roles.includes(role)))
      return tokens.needsRole(caller, scope, roles)
    if (!caller.scopes.includes(scope)) return tokens.lacksScope(scope)
  }
  return null
}

/** Why this person may not decide on an approval; null when they may. */
export function mayNotDecide(
  caller: Caller,
  approval: { requested_by: string; approver_roles: readonly string[] },
): Texts | null {
  if (caller.id === approval.requested_by) return deciding.ownRequest
  if (!caller.roles.some((role) => approval.approver_roles.includes(role)))
    return deciding.needsRole(caller, approval.approver_roles)
  return null
}
