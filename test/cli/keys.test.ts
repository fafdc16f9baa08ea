import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openSigningKeys } from '../../schemas/signing-keys.ts'
import { runSre } from './run-sre.ts'

describe('sre keys rotate', () => {
  it('adds a key that a running gateway publishes at once and signs with later', async () => {
    const DATA_DIR = mkdtempSync(join(tmpdir(), 'sre-keys-'))
    const dir = join(DATA_DIR, 'gateway-keys')
    const running = await openSigningKeys({ dir })
    const before = (await running.signer()).kid
    const { code, out } = await runSre(['keys', 'rotate', '--json'], { DATA_DIR })
    expect(code).toBe(0)
    const { kid } = JSON.parse(out)
    expect(JSON.parse(out)).toEqual({ kid, keys: 2 })
    expect(running.jwks().keys.map((key) => key.kid)).toEqual([kid, before])
    expect((await running.signer()).kid).toBe(before)
    const aMinuteLater = await openSigningKeys({ dir, now: () => Date.now() + 61_000 })
    expect((await aMinuteLater.signer()).kid).toBe(kid)
    const again = await runSre(['keys', 'rotate'], { DATA_DIR })
    expect(again).toMatchObject({ code: 0, err: 'The new key signs from a minute from now; 3 keys can verify.\n' })
  })

  it('creates no key in a folder without gateway keys', async () => {
    const DATA_DIR = mkdtempSync(join(tmpdir(), 'sre-keys-'))
    const { code, err } = await runSre(['keys', 'rotate'], { DATA_DIR })
    expect(code).toBe(1)
    expect(err).toContain('gateway-keys: set DATA_DIR')
  })
})
