import { expect, it } from 'vitest'
import { fuzz } from '../../bench/fuzz/runner.ts'
import { open as openBatches } from '../../bench/fuzz/targets/batches.ts'
import { open } from '../../bench/fuzz/targets/codec.ts'

it("decodes any bytes of any writer's schema, or says why not", async () => {
  const { tried, outcomes, failure } = await fuzz(await open(), { seed: 10, runs: 3_000 })
  expect(failure).toBeNull()
  expect(tried).toBe(3_000)
  // all kinds must occur: decodable and not, with our schemas and others
  for (const whose of ['', ', of another schema'])
    for (const outcome of ['decoded', 'undecodable']) expect(outcomes[`${outcome}${whose}`]).toBeGreaterThan(5)
})

it('reads any bytes of a Kafka batch, or dead-letters it', async () => {
  const { tried, outcomes, failure } = await fuzz(await openBatches(), { seed: 10, runs: 2_000 })
  expect(failure).toBeNull()
  expect(tried).toBe(2_000)
  for (const outcome of ['read', 'put aside']) expect(outcomes[outcome]).toBeGreaterThan(200)
})
