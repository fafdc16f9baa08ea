/** Idempotency keys of a caller that two tenants know. */
import { v7 as uuid } from 'uuid'
import { expect, test } from 'vitest'
import { publishOnce } from '../../gateway/idempotency/keys.ts'
import { startPlatform } from './platform.ts'
import { requested } from './records.ts'

test('a key that a caller used in one tenant starts its own request in another', async () => {
  const platform = await startPlatform()
  const published: string[] = []
  const ask = (tenant: string) =>
    publishOnce(
      platform.pool,
      { caller: { id: 'deploys', tenant }, key: 'release-7', request: { service: 'cart' } },
      {
        prepare: async () => requested(uuid(), { tenant }),
        publish: async ({ value }) => void published.push(value.tenant),
      },
    )
  const first = await ask('shop')
  expect(await ask('billing')).not.toEqual(first)
  expect(await ask('shop')).toEqual(first)
  expect(published).toEqual(['shop', 'billing'])
  await platform.close()
})
