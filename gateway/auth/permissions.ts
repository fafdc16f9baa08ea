/** What a caller may do: the scopes of the token, and for people also a role that earns them. */
import type { Caller } from './caller.ts'

const rolesFor: Readonly<Record<string, readonly string[]>> = {
  'sre-platform:read': ['team_member', 'team_manager', 'super_admin'],
  'sre-platform:diagnose': ['team_manager', 'super_admin'],
  'sre-platform:approve': ['team_manager', 'super_admin'],
  'sre-platform:write': ['super_admin'],
}

/** Why a caller may not use a route that needs these scopes; null when it may. */
export function lacking(caller: Caller, scopes: readonly string[]): string | null {
  for (const scope of scopes) {
    if (!caller.scopes.includes(scope)) return `the token lacks the scope ${scope}`
    const roles = rolesFor[scope] ?? []
    if (caller.kind === 'person' && !caller.roles.some((role) => roles.includes(role)))
      return `${scope} needs one of the roles ${roles.join(', ')}`
  }
  return null
}

/** Why this person may not decide on an approval; null when they may. */
export function mayNotDecide(
  caller: Caller,
  approval: { requested_by: string; approver_roles: readonly string[] },
): string | null {
  if (caller.id === approval.requested_by) return 'who asked for the session may not decide on its actions'
  if (!caller.roles.some((role) => approval.approver_roles.includes(role)))
    return `this approval needs one of the roles ${approval.approver_roles.join(', ')}`
  return null
}
