import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openSigningKeys } from '../../schemas/signing-keys.ts'
import { runHere } from './run-sre.ts'

describe('sre keys rotate', () => {
  it('adds a key that a running gateway publishes at once and signs with later', async () => {
    const DATA_DIR = mkdtempSync(join(tmpdir(), 'sre-keys-'))
    const dir = join(DATA_DIR, 'gateway-keys')
    const running = await openSigningKeys({ dir })
    const before = (await running.signer()).kid
    const { code, out } = await runHere(['keys', 'rotate', '--json'], { DATA_DIR })
    expect(code).toBe(0)
    const { kid } = JSON.parse(out)
    expect(JSON.parse(out)).toEqual({ kid, keys: 2 })
    expect(running.jwks().keys.map((key) => key.kid)).toEqual([kid, before])
    expect((await running.signer()).kid).toBe(before)
    const aMinuteLater = await openSigningKeys({ dir, now: () => Date.now() + 61_000 })
    expect((await aMinuteLater.signer()).kid).toBe(kid)
    const again = await runHere(['keys', 'rotate'], { DATA_DIR })
    expect(again).toMatchObject({ code: 0, err: 'The new key signs from a minute from now; 3 keys can verify.\n' })
  })

  it('creates no key in a folder without gateway keys', async () => {
    const DATA_DIR = mkdtempSync(join(tmpdir(), 'sre-keys-'))
    const { code, err } = await runHere(['keys', 'rotate'], { DATA_DIR })
    expect(code).toBe(1)
    expect(err).toContain('gateway-keys: set DATA_DIR')
  })
})

describe('sre keys create', () => {
  it('prints a key that replicas sign with from a folder they only read, and a second one that waits', async () => {
    const dir = join(mkdtempSync(join(tmpdir(), 'sre-keys-')), 'gateway-keys')
    mkdirSync(dir)
    const create = async (name: string, ...options: string[]) => {
      const { code, out, err } = await runHere(['keys', 'create', ...options], {})
      expect(code).toBe(0)
      writeFileSync(join(dir, name), out, { mode: 0o400 })
      expect(err).toContain(JSON.parse(out).jwk.kid)
      return JSON.parse(out).jwk.kid as string
    }
    const first = await create('first.jwk.json')
    expect((await (await openSigningKeys({ dir })).signer()).kid).toBe(first)
    const second = await create('second.jwk.json', '--signs-in', '15m')
    const in14 = await openSigningKeys({ dir, now: () => Date.now() + 14 * 60_000 })
    expect((await in14.signer()).kid).toBe(first)
    expect(in14.jwks().keys.map(({ kid }) => kid)).toEqual([second, first])
    const in16 = await openSigningKeys({ dir, now: () => Date.now() + 16 * 60_000 })
    expect((await in16.signer()).kid).toBe(second)
  })
})
