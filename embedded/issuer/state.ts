/** The issuer's persistent state, generated once into files only the owner can read; nothing in it is a fixed default. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import { z } from 'zod'

const issuerState = z.object({
  /** kept, because the issuer's URL is part of a person's identity: `<issuer>|<subject>` */
  port: z.int(),
  clients: z.record(z.string(), z.string()),
  cookie_keys: z.array(z.string()),
  jwks: z.object({ keys: z.array(z.looseObject({ kty: z.literal('RSA'), kid: z.string() })) }),
})
export type IssuerState = z.infer<typeof issuerState>

const person = z.object({
  username: z.string().regex(/^[a-z][a-z0-9._-]*$/),
  password: z.string().min(12),
  name: z.string(),
  roles: z.array(z.enum(['super_admin', 'team_manager', 'team_member'])),
  tenant: z.string().default('default'),
})
export type Person = z.infer<typeof person>

const generated = (): string => randomBytes(24).toString('base64url')

/** Reads `<dataDir>/issuer.json`; null before the first start. */
export function readState(dataDir: string): IssuerState | null {
  const file = join(dataDir, 'issuer.json')
  return existsSync(file) ? issuerState.parse(JSON.parse(readFileSync(file, 'utf8'))) : null
}

/** Generates the state of a first start; `port` is where the issuer listens. */
export async function createState(
  dataDir: string,
  port: number,
  confidential: readonly string[],
): Promise<IssuerState> {
  const { privateKey } = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true })
  const jwk = await exportJWK(privateKey)
  const key = { ...jwk, kty: 'RSA' as const, kid: await calculateJwkThumbprint(jwk), use: 'sig', alg: 'RS256' }
  const state = {
    port,
    clients: Object.fromEntries(confidential.map((id) => [id, generated()])),
    cookie_keys: [generated()],
    jwks: { keys: [key] },
  }
  writePrivate(join(dataDir, 'issuer.json'), state)
  return state
}

/** Gives a secret to every client that the state of an earlier version does not have. */
export function withClients(dataDir: string, state: IssuerState, confidential: readonly string[]): IssuerState {
  const added = confidential.filter((id) => state.clients[id] === undefined)
  if (added.length === 0) return state
  const clients = { ...state.clients, ...Object.fromEntries(added.map((id) => [id, generated()])) }
  const file = join(dataDir, 'issuer.json')
  writePrivate(`${file}.new`, { ...state, clients })
  renameSync(`${file}.new`, file)
  return { ...state, clients }
}

/** Reads `<dataDir>/people.json`; the first start creates four people with generated passwords. Edit the file to add more. */
export function openPeople(dataDir: string): readonly Person[] {
  const file = join(dataDir, 'people.json')
  if (!existsSync(file)) writePrivate(file, firstPeople())
  return z.array(person).parse(JSON.parse(readFileSync(file, 'utf8')))
}

const firstPeople = (): Person[] => [
  { username: 'alice', name: 'Alice', roles: ['team_manager'], password: generated(), tenant: 'default' },
  { username: 'bob', name: 'Bob', roles: ['team_member'], password: generated(), tenant: 'default' },
  { username: 'carol', name: 'Carol', roles: ['team_manager'], password: generated(), tenant: 'default' },
  { username: 'root', name: 'Root', roles: ['super_admin'], password: generated(), tenant: 'default' },
]

function writePrivate(file: string, value: unknown): void {
  mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 })
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
}
