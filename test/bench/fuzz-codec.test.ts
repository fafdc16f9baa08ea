import { expect, it } from 'vitest'
import { fuzz } from '../../bench/fuzz/runner.ts'
import { open } from '../../bench/fuzz/targets/codec.ts'

it('decodes, or says why not, whatever the bytes and whoever wrote the schema', async () => {
  const { tried, outcomes, failure } = await fuzz(await open(), { seed: 10, runs: 3_000 })
  expect(failure).toBeNull()
  expect(tried).toBe(3_000)
  // it tries what is meant to be tried: readable and not, of our schemas and of others
  for (const whose of ['', ', of another schema'])
    for (const outcome of ['decoded', 'undecodable']) expect(outcomes[`${outcome}${whose}`]).toBeGreaterThan(5)
})
