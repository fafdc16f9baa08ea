import { afterAll, beforeAll, expect, test } from 'vitest'
import { prepareSurface, unlimited } from '../../bench/fuzz/http/surface.ts'
import { httpTarget } from '../../bench/fuzz/http/target.ts'
import { fuzz } from '../../bench/fuzz/runner.ts'
import { startPlatform } from '../gateway/platform.ts'
import type { Platform } from '../gateway/platform.ts'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform({ limits: unlimited })
})
afterAll(() => platform.close())

test('the gateway responds as documented to any request', { timeout: 180_000 }, async () => {
  const url = await platform.app.listen({ host: '127.0.0.1', port: 0 })
  const { bus, options, tokenOf } = platform
  const surface = await prepareSurface({ url, bus, contract: options.contract, signIn: tokenOf })
  const target = httpTarget(surface)
  const { failure, tried, outcomes } = await fuzz(target, { seed: 10, runs: 75 })
  await target.close?.()
  await surface.close()
  expect(failure).toBeNull()
  expect(tried).toBe(75)
  // requests must reach the handlers instead of being refused early
  for (const status of [200, 202, 400, 404, 405, 422]) expect(outcomes[status]).toBeGreaterThan(5)
})
