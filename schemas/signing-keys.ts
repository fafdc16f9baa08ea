/** Keys for signing decisions, stored as files that replicas can share. Rotation adds a file; old keys remain for verification. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { calculateJwkThumbprint, createLocalJWKSet, exportJWK, generateKeyPair, importJWK } from 'jose'
import type { CryptoKey, JWK } from 'jose'
import { z } from 'zod'
import type { KeySet, Signer } from './decision.ts'

const keyFile = z.object({
  created_at: z.number(),
  jwk: z.looseObject({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    x: z.string(),
    d: z.string(),
    kid: z.string(),
  }),
})
type KeyFile = z.infer<typeof keyFile>

/** Verifiers fetch unknown keys at most every 30 s, so a new key is published for a minute before it signs. */
export const shownBeforeSigningMs = 60_000

export interface SigningKeys {
  /** the current signing key */
  signer(): Promise<Signer>
  /** the public keys, newest first, for a JWKS route */
  jwks(): { keys: JWK[] }
  /** the same keys for verification */
  keySet(): KeySet
  /** adds a key and returns its id; it signs after one minute */
  rotate(): Promise<string>
}

/** Opens the key folder and creates the first key if there is none. Files have mode 0600; a rotation by another replica takes effect at once. */
export async function openSigningKeys(options: { dir: string; now?: () => number }): Promise<SigningKeys> {
  const { dir, now = Date.now } = options
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  if (readKeys(dir).length === 0) await createKey(dir, now())
  const jwks = () => ({ keys: readKeys(dir).map(publicPart) })
  return {
    async signer() {
      const keys = readKeys(dir)
      const key = keys.find((candidate) => candidate.created_at <= now() - shownBeforeSigningMs) ?? keys.at(-1)
      if (key === undefined) throw new Error(`no signing key in ${dir}`)
      return { privateKey: (await importJWK(key.jwk as JWK, 'EdDSA')) as CryptoKey, kid: key.jwk.kid, alg: 'EdDSA' }
    },
    jwks,
    keySet: () => (header, token) => createLocalJWKSet(jwks())(header, token),
    rotate: () => createKey(dir, now()),
  }
}

function readKeys(dir: string): KeyFile[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith('.jwk.json'))
    .map((name) => keyFile.parse(JSON.parse(readFileSync(join(dir, name), 'utf8'))))
    .sort((a, b) => b.created_at - a.created_at)
}

async function createKey(dir: string, createdAt: number): Promise<string> {
  const { kid, text } = await makeKeyFile(createdAt)
  writeFileSync(join(dir, `${kid}.jwk.json`), text, { mode: 0o600, flag: 'wx' })
  return kid
}

/** A new key as its file holds it. It signs once a minute has passed since `createdAt`; an only key signs at once. */
export async function makeKeyFile(createdAt: number): Promise<{ kid: string; text: string }> {
  const { privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  const jwk = await exportJWK(privateKey)
  const kid = await calculateJwkThumbprint(jwk)
  return { kid, text: `${JSON.stringify({ created_at: createdAt, jwk: { ...jwk, kid } }, null, 2)}\n` }
}

const publicPart = ({ jwk: { kty, crv, x, kid } }: KeyFile): JWK => ({ kty, crv, x, kid, use: 'sig', alg: 'EdDSA' })
