import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTokenSource } from '../../agents/runtime/token.ts'
import { type Issuer, startIssuer } from '../../embedded/issuer.ts'
import { audiences } from '../../embedded/issuer/access.ts'

describe('access tokens of the agents', () => {
  let issuer: Issuer
  beforeAll(async () => {
    issuer = await startIssuer({ dataDir: mkdtempSync(join(tmpdir(), 'sre-issuer-')) })
  })
  afterAll(() => issuer.close())

  const source = (options: { secret?: string; scope?: string; now?: () => number } = {}) =>
    createTokenSource({
      issuer: issuer.url,
      clientId: 'sre-assistant',
      clientSecret: options.secret ?? issuer.clients['sre-assistant'] ?? '',
      scope: options.scope ?? 'sre-platform:read',
      resource: audiences['control-plane'],
      ...(options.now === undefined ? {} : { now: options.now }),
    })

  it('are requested once for concurrent callers', async () => {
    const token = source()
    const [first, ...others] = await Promise.all([token(), token(), token()])
    expect(others).toEqual([first, first])
    expect(await token()).toBe(first)
    expect(decodeJwt(first).scope).toBe('sre-platform:read')
  })

  it('are renewed a minute before they expire', async () => {
    let now = Date.now()
    const token = source({ now: () => now })
    const first = await token()
    const { iat = 0, exp = 0 } = decodeJwt(first)
    now += (exp - iat - 61) * 1000
    expect(await token()).toBe(first)
    now += 2000
    expect(await token()).not.toBe(first)
  })

  it('are replaced once when one is rejected, by any caller', async () => {
    const token = source()
    const first = await token()
    const [another, same] = await Promise.all([token(first), token(first)])
    expect(another).not.toBe(first)
    expect(same).toBe(another)
    expect(await token(first)).toBe(another)
    expect(await token()).toBe(another)
  })

  it("are refused with the issuer's reason, and requested again the next time", async () => {
    const token = source({ secret: 'wrong' })
    const why = `${issuer.url} refused sre-assistant a token: invalid_client: client authentication failed`
    await expect(token()).rejects.toThrow(why)
    await expect(token()).rejects.toThrow(why)
  })

  it('never include write access for the assistant', async () => {
    await expect(source({ scope: 'sre-platform:read sre-platform:write' })()).rejects.toThrow('invalid_scope')
  })
})
