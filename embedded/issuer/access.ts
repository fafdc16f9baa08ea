/** Permissions: the clients with their audiences and scopes, and what each role grants. Mirrors the realm of a real deployment. */
import type { Person } from './state.ts'

export const audiences = {
  'sre-assistant': 'urn:sre-platform:sre-assistant',
  'control-plane': 'urn:sre-platform:control-plane',
}
export type Audience = keyof typeof audiences

export const platformScopes = [
  'sre-platform:read',
  'sre-platform:write',
  'sre-platform:diagnose',
  'sre-platform:approve',
] as const
type Scope = (typeof platformScopes)[number]

/** Confidential clients. `audience` is the service their tokens are for; the gateway's is `sre-assistant`. */
export const machines: Record<string, { audience: Audience; scopes: readonly Scope[] }> = {
  'control-plane': { audience: 'sre-assistant', scopes: ['sre-platform:read', 'sre-platform:diagnose'] },
  'sre-assistant': { audience: 'control-plane', scopes: ['sre-platform:read'] },
  'sre-postmortem': { audience: 'control-plane', scopes: ['sre-platform:read'] },
  'sre-executor': { audience: 'control-plane', scopes: ['sre-platform:read', 'sre-platform:write'] },
}

/** The public client for people: console and command line. */
export const consoleClient = 'console'

const granted: Record<Person['roles'][number], readonly Scope[]> = {
  team_member: ['sre-platform:read'],
  team_manager: ['sre-platform:read', 'sre-platform:diagnose', 'sre-platform:approve'],
  super_admin: platformScopes,
}

/** The scopes a person's roles grant; others requested are left out of the token. */
export const scopesOf = (person: Person): readonly Scope[] =>
  platformScopes.filter((scope) => person.roles.some((role) => granted[role].includes(scope)))

export const audienceNamed = (resource: string): Audience | undefined =>
  (Object.keys(audiences) as Audience[]).find((name) => audiences[name] === resource)
