import { readFileSync } from 'node:fs'
import { addPerson, manage } from '../../deploy/keycloak/add-person.ts'
import { askPrivate } from './client.ts'
import type { PrivateServer } from './client.ts'
import { administrator, type KeycloakOptions } from './local/keycloak.ts'

/** The realm that the project ships. */
export const realmFile = new URL('../../deploy/keycloak/realm.json', import.meta.url)

/** Client secrets, by the variable named in the realm's file. */
export const secrets = {
  CONTROL_PLANE_CLIENT_SECRET: 'secret of the control-plane',
  ASSISTANT_CLIENT_SECRET: 'secret of the assistant',
  EXECUTOR_CLIENT_SECRET: 'secret of the executor',
  POSTMORTEM_CLIENT_SECRET: 'secret of the postmortem agent',
}

export type Keycloak = PrivateServer<{ url: string }> & {
  /** issuer URL of the project's realm */
  issuer: string
  /** one call of the admin REST API, relative to `/admin/realms` */
  manage(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<unknown>
  /** adds a person whose password is the name repeated twice */
  addPerson(name: string, roles: readonly string[], tenant?: string): Promise<void>
}

/** A private Keycloak, with the project's realm unless another is given. It takes half a minute to start. */
export async function startPrivateKeycloak(realm = readFileSync(realmFile, 'utf8')): Promise<Keycloak> {
  const options: KeycloakOptions = { realm, secrets }
  const server = await askPrivate<{ url: string }>('keycloak', options)
  const by = {
    url: server.url,
    username: administrator.KC_BOOTSTRAP_ADMIN_USERNAME,
    password: administrator.KC_BOOTSTRAP_ADMIN_PASSWORD,
  }
  return Object.assign(server, {
    issuer: `${server.url}/realms/sre-platform`,
    manage: (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown) =>
      manage(by, method, `/admin/realms${path}`, body),
    addPerson: async (name: string, roles: readonly string[], tenant?: string) =>
      void (await addPerson(by, { name, roles, password: `${name}${name}`, ...(tenant ? { tenant } : {}) })),
  })
}
