import { describe, expect, it } from 'vitest'
import { isSecret } from '../../agents/runtime/secrets/values.ts'
import { expressionsIn } from './found.ts'
import { judge, withSmallBounds } from './judge.ts'
import { problemsOf } from './verdicts.ts'

const none = { built: {}, read: {} }

describe('the check of expressions', () => {
  it.each([
    ['of exceptions', String.raw`^\s*(?:at\s+(?<at>\S.*)|(?<go>\S+\.go:\d+).*)$`, ''],
    ['of labels of a scrape', String.raw`([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"`, 'g'],
    ['of what an issuer said', String.raw`role="alert"[^<>]{0,5}>([^<]*)<`, ''],
    ['of mixed letters', '[A-Z].*[a-z].*[A-Z]', ''],
    [
      'of an address with credentials',
      String.raw`\b[a-z][a-z0-9+.-]*:\/\/[^\s:@/]{0,200}:(?!x)[^\s/]{1,400}(?=@)`,
      'gi',
    ],
  ])('refuses the one %s that began again at every place, and tells an attack', (_name, source, flags) => {
    expect(judge(source, flags)).toMatchObject({ linear: false, attack: expect.stringContaining('repeat') as string })
  })

  it('allows an expression with only one way to match', () => {
    expect(judge('^[a-z]{1,200}-[0-9]+$', '')).toEqual({ linear: true })
  })

  it('does not treat an unparsable expression as linear', () => {
    expect(judge('[[a-z]--[b]]', 'v')).toMatchObject({ linear: null })
  })

  it('reduces counts over four to four, but no escapes or code points', () => {
    expect(withSmallBounds(String.raw`a{0,200}b{5}c{2,}d\{9}\u{1234}[\\]{10,20}`)).toBe(
      String.raw`a{0,4}b{4}c{2,}d\{9}\u{1234}[\\]{4,4}`,
    )
  })

  it('names file, line, expression and attack of a non-linear one', () => {
    const found = { expressions: [{ path: 'a/b.ts', line: 7, source: '(a+)+$', flags: 'g' }], built: [] }
    const [problem = ''] = problemsOf(found, ({ source, flags }) => judge(source, flags), none)
    expect(problem).toContain('a/b.ts:7 /(a+)+$/g\n  exponential, attacked by ')
    expect(problem).toContain('.repeat(')
  })

  it('refuses expressions built at run time and undecidable ones, unless a person has reviewed them', () => {
    const found = {
      expressions: [{ path: 'a.ts', line: 1, source: 'x', flags: 'v' }],
      built: [{ path: 'b.ts', line: 2, text: 'new RegExp(name)' }],
    }
    const undecided = () => ({ linear: null, reason: 'unknown flag' }) as const
    expect(problemsOf(found, undecided, none)).toHaveLength(2)
    const read = { built: { 'new RegExp(name)': 'ours' }, read: { '/x/v': 'one letter' } }
    expect(problemsOf(found, undecided, read)).toEqual([])
    expect(problemsOf({ expressions: [], built: [] }, undecided, read)).toHaveLength(2)
  })

  it('finds literals, expressions built on import, and places that build one later', async () => {
    const { expressions, built } = await expressionsIn(['agents/runtime/secrets/names.ts', 'gateway/document.ts'])
    const made = expressions.filter(({ source }) => source.startsWith('(?:(?<sure>'))
    expect(made.map(({ flags }) => flags).sort()).toEqual(['gi', 'i'])
    expect(expressions.filter(({ source }) => source.includes('compass') || source.startsWith('^(?:pass|auth'))).toHaveLength(1) // prettier-ignore
    expect(built.map(({ path }) => path)).toEqual(['gateway/document.ts'])
  })
})

describe('words about a secret', () => {
  it('are recognised in one pass, however long they are', () => {
    const beside = { sureness: 'sure', quoted: false, tight: false, after: ' more words' } as const
    expect(isSecret('A'.repeat(400_000), beside)).toBe(false)
    expect(isSecret('GhTkLmAbc', beside)).toBe(true)
  })
})
