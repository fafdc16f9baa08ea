import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CompactSign, createRemoteJWKSet, generateKeyPair } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { actionHash } from '../../schemas/action-hash.ts'
import { decisionType, KeysUnavailableError, signDecision, verifyDecision } from '../../schemas/decision.ts'
import type { DecisionClaim, KeySet } from '../../schemas/decision.ts'
import type { Action } from '../../schemas/events.generated.ts'
import { openSigningKeys } from '../../schemas/signing-keys.ts'
import type { SigningKeys } from '../../schemas/signing-keys.ts'

const action: Action = {
  type: 'rollback',
  service: 'cart',
  namespace: null,
  parameters: { to: 'v1', from: 'v2' },
  target_state: { image_tag: 'v2' },
}
const claim: DecisionClaim = {
  iss: 'http://gateway',
  aud: 'sre-executor',
  sub: 'alice',
  decider_iss: 'http://issuer',
  roles: ['team_manager'],
  jti: 'one',
  iat: 1_700_000_000,
  exp: 1_700_000_300,
  tenant: 'default',
  approval_id: '0198c0de-0000-7000-8000-000000000001',
  action_hash: actionHash(action),
  decision: 'approved',
  reason: 'looks right',
}

let dir: string
let keys: SigningKeys
let clock: number
const trusted = (): ReadonlyMap<string, KeySet> => new Map([['http://gateway', keys.keySet()]])
const codeOf = async (jws: string, sets = trusted()) => {
  const outcome = await verifyDecision(jws, sets)
  return outcome.ok ? 'ok' : outcome.code
}
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'keys-'))
  clock = 1_700_000_000_000
  keys = await openSigningKeys({ dir, now: () => clock })
})
afterEach(() => rmSync(dir, { recursive: true }))

describe('the hash of an action', () => {
  test('does not depend on the order of its fields', () => {
    const other = { ...action, parameters: { from: 'v2', to: 'v1' } }
    expect(actionHash(Object.fromEntries(Object.entries(other).reverse()) as unknown as Action)).toBe(
      actionHash(action),
    )
  })
  test('is the SHA-256 of the canonical JSON', () => {
    expect(actionHash(action)).toBe('ee40024f511b257c698369cf1d7e78c11b8ac97c83cbf83407d870ed26ff6699')
  })
  test.each([
    { ...action, service: 'cart2' },
    { ...action, namespace: 'shop' },
    { ...action, parameters: { to: 'v0', from: 'v2' } },
    { ...action, target_state: { image_tag: 'v3' } },
  ])('changes with every field: %o', (other) => {
    expect(actionHash(other)).not.toBe(actionHash(action))
  })
})

describe('a decision', () => {
  test('signed by a trusted key is read back unchanged', async () => {
    expect(await verifyDecision(await signDecision(await keys.signer(), claim), trusted())).toMatchObject({
      ok: true,
      claim,
    })
  })
  test('with an altered claim has a bad signature', async () => {
    const [head, , signature] = (await signDecision(await keys.signer(), claim)).split('.')
    expect(await codeOf(`${head}.${encoded({ ...claim, decision: 'rejected' })}.${signature}`)).toBe('bad_signature')
  })
  test('with its signature stripped has a bad signature', async () => {
    const [head, body] = (await signDecision(await keys.signer(), claim)).split('.')
    expect(await codeOf(`${head}.${body}.`)).toBe('bad_signature')
  })
  test('of an untrusted issuer is refused', async () => {
    const jws = await signDecision(await keys.signer(), { ...claim, iss: 'http://elsewhere' })
    expect(await codeOf(jws)).toBe('unknown_issuer')
  })
  test('in the name of one signer, signed with the key of another, is refused', async () => {
    const { privateKey } = await generateKeyPair('ES256')
    expect(await codeOf(await signDecision({ privateKey, kid: 'other', alg: 'ES256' }, claim))).toBe('unknown_key')
  })
  test('for another audience is refused', async () => {
    const { privateKey, kid } = await keys.signer()
    const jws = await new CompactSign(Buffer.from(JSON.stringify({ ...claim, aud: 'sre-assistant' })))
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: decisionType })
      .sign(privateKey)
    expect(await codeOf(jws)).toBe('wrong_audience')
  })
  test('is not confused with another kind of token signed with the same key', async () => {
    const { privateKey, kid } = await keys.signer()
    const jws = await new CompactSign(Buffer.from(JSON.stringify(claim)))
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'JWT' })
      .sign(privateKey)
    expect(await codeOf(jws)).toBe('wrong_type')
  })
  test('of a trusted signer with wrong claims is malformed', async () => {
    const { privateKey, kid } = await keys.signer()
    const sign = (payload: string) =>
      new CompactSign(Buffer.from(payload))
        .setProtectedHeader({ alg: 'EdDSA', kid, typ: decisionType })
        .sign(privateKey)
    const { iss, aud } = claim
    for (const payload of [
      '{',
      JSON.stringify({ aud }),
      JSON.stringify({ iss, aud }),
      JSON.stringify({ ...claim, exp: 'soon' }),
    ])
      expect(await codeOf(await sign(payload))).toBe('malformed')
  })
  test('without a key id is refused', async () => {
    const { privateKey } = await keys.signer()
    const jws = await new CompactSign(Buffer.from(JSON.stringify(claim)))
      .setProtectedHeader({ alg: 'EdDSA', typ: decisionType })
      .sign(privateKey)
    expect(await codeOf(jws)).toBe('unknown_key')
  })
  test('cannot be signed with wrong claims', async () => {
    await expect(signDecision(await keys.signer(), { ...claim, action_hash: 'short' })).rejects.toThrow()
  })
  test.each(['none', 'HS256'])('with alg %s is refused', async (alg) => {
    const jws = `${encoded({ alg, kid: 'x', typ: decisionType })}.${encoded(claim)}.`
    expect(await codeOf(jws)).toBe('bad_algorithm')
  })
  test.each(['', 'x', 'a.b.c', `${encoded({ alg: 'EdDSA' })}.e30.`])(
    'that is not a JWS of ours is refused: %j',
    async (jws) => {
      expect(await codeOf(jws)).not.toBe('ok')
    },
  )
  test("whose signer's keys cannot be fetched is neither valid nor invalid", async () => {
    const jws = await signDecision(await keys.signer(), claim)
    const gone = createRemoteJWKSet(new URL('http://127.0.0.1:9/jwks'))
    await expect(verifyDecision(jws, new Map([['http://gateway', gone]]))).rejects.toThrow(KeysUnavailableError)
  })
})

describe('the signing keys', () => {
  test('are files only their owner can read', () => {
    for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600)
  })
  test('publish a new key before it signs, and the old one for verification', async () => {
    const before = await signDecision(await keys.signer(), claim)
    const first = (await keys.signer()).kid
    clock += 3_600_000
    const second = await keys.rotate()
    expect(keys.jwks().keys.map((key) => key.kid)).toEqual([second, first])
    expect((await keys.signer()).kid).toBe(first)
    clock += 61_000
    expect((await keys.signer()).kid).toBe(second)
    expect(await codeOf(before)).toBe('ok')
    expect(await codeOf(await signDecision(await keys.signer(), claim))).toBe('ok')
  })
  test('never publish a private key', () => {
    for (const key of keys.jwks().keys) expect(key).not.toHaveProperty('d')
  })
})
