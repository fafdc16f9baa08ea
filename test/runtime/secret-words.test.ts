import { describe, expect, it } from 'vitest'
import { isSecret } from '../../agents/runtime/secrets/values.ts'

describe('words about a secret', () => {
  it('are recognised in one pass, however long they are', () => {
    const beside = { sureness: 'sure', quoted: false, tight: false, after: ' more words' } as const
    expect(isSecret('A'.repeat(400_000), beside)).toBe(false)
    expect(isSecret('GhTkLmAbc', beside)).toBe(true)
  })
})
