/**
 * Adds a person to the realm, or changes their roles and password: add-person.ts NAME ROLE[,ROLE…] [TENANT]. Without PERSON_PASSWORD it
 * prints a temporary password, which the person must replace at the first sign-in.
 */
import { randomBytes } from 'node:crypto'

const realm = '/admin/realms/sre-platform'

export interface Administrator {
  url: string
  username: string
  password: string
}

export interface Person {
  name: string
  roles: readonly string[]
  tenant?: string
  /** left out: a random one, to be changed at the first sign-in */
  password?: string
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** One call of Keycloak's REST API. An answer that is not a success is thrown as an error. */
export async function manage(by: Administrator, method: Method, path: string, body?: unknown): Promise<unknown> {
  const credentials = { client_id: 'admin-cli', grant_type: 'password', username: by.username, password: by.password }
  const token = (await asked(`${by.url}/realms/master/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams(credentials),
  })) as { access_token: string }
  return asked(`${by.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token.access_token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

async function asked(url: string, init: RequestInit): Promise<unknown> {
  const response = await fetch(url, init)
  const text = await response.text()
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`)
  return text === '' ? null : JSON.parse(text)
}

/** Returns the generated password; null if one was given. */
export async function addPerson(by: Administrator, person: Person): Promise<string | null> {
  const known = (await manage(by, 'GET', `${realm}/roles`)) as { id: string; name: string }[]
  const roles = known.filter(({ name }) => person.roles.includes(name))
  const unknown = person.roles.filter((role) => !known.some(({ name }) => name === role))
  if (unknown.length > 0) throw new Error(`there is no role ${unknown.join(', ')}`)
  const find = `${realm}/users?exact=true&username=${encodeURIComponent(person.name)}`
  const search = async () => ((await manage(by, 'GET', find)) as { id: string }[])[0]
  const attributes = person.tenant === undefined ? {} : { tenant: [person.tenant] }
  if ((await search()) === undefined)
    await manage(by, 'POST', `${realm}/users`, { username: person.name, enabled: true, attributes })
  const user = `${realm}/users/${(await search())?.id}`
  const made = person.password === undefined ? randomBytes(12).toString('hex') : null
  const credential = { type: 'password', value: person.password ?? made, temporary: made !== null }
  await manage(by, 'PUT', `${user}/reset-password`, credential)
  const had = (await manage(by, 'GET', `${user}/role-mappings/realm`)) as { name: string }[]
  const taken = had.filter(({ name }) => !name.startsWith('default-roles-') && !person.roles.includes(name))
  await manage(by, 'DELETE', `${user}/role-mappings/realm`, taken)
  await manage(by, 'POST', `${user}/role-mappings/realm`, roles)
  return made
}

if (import.meta.main) {
  const { KEYCLOAK_URL: url = '', KEYCLOAK_ADMIN: username = 'admin', KEYCLOAK_ADMIN_PASSWORD: password = '', PERSON_PASSWORD: given } = process.env // prettier-ignore
  const [name, roles, tenant] = process.argv.slice(2)
  if (name === undefined || roles === undefined) throw new Error('usage: add-person.ts NAME ROLE[,ROLE…] [TENANT]')
  const made = await addPerson(
    { url, username, password },
    { name, roles: roles.split(','), ...(tenant ? { tenant } : {}), ...(given ? { password: given } : {}) },
  )
  console.log(made === null ? `added ${name}` : `added ${name}; password for the first sign-in: ${made}`)
}
