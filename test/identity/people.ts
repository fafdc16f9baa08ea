import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Person } from '../../embedded/issuer/state.ts'

/** Writes the people an issuer over `dataDir` will know, before it starts. */
export function keepPeople(dataDir: string, people: readonly Omit<Person, 'password'>[]): void {
  const known = people.map((one) => ({ ...one, password: randomUUID() }))
  writeFileSync(join(dataDir, 'people.json'), JSON.stringify(known), { mode: 0o600 })
}

const person = (username: string, tenant: string): Omit<Person, 'password'> => ({
  ...{ username, tenant, name: username, roles: ['super_admin'] },
})

/** Two teams with all permissions, and one person of a tenant that owns nothing. */
export const TWO_TEAMS = [
  person('ann', 'shop'),
  person('ada', 'shop'),
  person('ben', 'billing'),
  person('bea', 'billing'),
  person('nil', 'nobody'),
]
