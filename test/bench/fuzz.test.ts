import { describe, expect, it } from 'vitest'
import { fuzz, type Target } from '../../bench/fuzz/runner.ts'

/** Fails on every input that starts with this number. */
const picky = (refused: number | null): Target<number> => ({
  make: (chance) => chance.below(1000),
  attempt(input) {
    if (input === refused) throw new Error(`refused ${input}`)
    return input < 500 ? 'low' : 'high'
  },
})

describe('the fuzzer', () => {
  it('generates the same inputs from the same seed, and counts the outcomes', async () => {
    const [once, again, other] = await Promise.all([1, 1, 2].map((seed) => fuzz(picky(null), { seed, runs: 2_000 })))
    expect(once).toMatchObject({ tried: 2_000, failure: null })
    expect(once?.outcomes.low).toBeGreaterThan(900)
    expect(once?.outcomes.high).toBeGreaterThan(900)
    expect(again).toEqual(once)
    expect(other).not.toEqual(once)
  })

  it('stops at the first failure, and reproduces it from its number alone', async () => {
    const { failure, tried } = await fuzz(picky(7), { seed: 1, runs: 100_000 })
    if (failure === null) throw new Error('7 comes among so many')
    expect(tried).toBe(failure.number + 1)
    expect(failure).toMatchObject({ error: expect.stringContaining('refused 7'), input: '7' })
    const again = await fuzz(picky(7), { seed: 1, from: failure.number, runs: 1 })
    expect(again).toMatchObject({ tried: 1, failure: { number: failure.number, input: '7' } })
  })
})
