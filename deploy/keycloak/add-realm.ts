/** Adds the realm `sre-platform` to a running Keycloak, with the client secrets of the environment. Fails if the realm exists. */
import { readFileSync } from 'node:fs'
import { type Administrator, manage } from './add-person.ts'

/** The realm's file with its `${NAME}` placeholders replaced. Throws one error that names every variable that is missing. */
export function realmWith(environment: Readonly<Record<string, string | undefined>>): unknown {
  const text = readFileSync(new URL('realm.json', import.meta.url), 'utf8')
  const missing = new Set<string>()
  const filled = text.replace(/\$\{([A-Z_]+)\}/g, (_all, name: string) => {
    const value = environment[name]
    if (value === undefined || value === '') missing.add(name)
    return JSON.stringify(value ?? '').slice(1, -1)
  })
  if (missing.size > 0) throw new Error(`not set: ${[...missing].join(', ')}`)
  return JSON.parse(filled)
}

export const addRealm = (by: Administrator, environment: Readonly<Record<string, string | undefined>>) =>
  manage(by, 'POST', '/admin/realms', realmWith(environment))

if (import.meta.main) {
  const { KEYCLOAK_URL: url = '', KEYCLOAK_ADMIN: username = 'admin', KEYCLOAK_ADMIN_PASSWORD: password = '' } = process.env // prettier-ignore
  try {
    await addRealm({ url, username, password }, process.env)
    console.log(`added the realm sre-platform: OIDC_ISSUER=${url}/realms/sre-platform`)
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 1
  }
}
