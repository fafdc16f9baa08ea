/** No person is named or blamed in a report, in either language. */
import { describe, expect, it } from 'vitest'
import { BLAMING, blameless, namesIn, patternOf, SOMEBODY } from '../../postmortem/wording.ts'

const NAMES = patternOf(namesIn(['https://issuer|ali', 'Chen Mei-Ling <mei@example.com>', '王小明', null]))

describe('people', () => {
  it.each([
    ['ali deployed cart', 'a person deployed cart'],
    ['an alias of ALI', 'an alias of a person'],
    ['by https://issuer|ali today', 'by a person today'],
    ['ask Chen Mei-Ling.', 'ask a person.'],
    ['ask bob.smith+x@mail.example.org, or @bob-s', 'ask a person, or a person'],
    ['image registry.example.org/cart@sha256:abc', 'image registry.example.org/cart@sha256:abc'],
    ['npm @scope/name 1.2', 'npm @scope/name 1.2'],
  ])('are not named: %s', (text, said) => {
    expect(blameless(text, 'en', NAMES).text).toBe(said)
  })

  it('are a colleague in Chinese, and their names are not repeated in what was found', () => {
    const { text, found } = blameless('王小明部署了 cart', 'zh-TW', NAMES)
    expect(text).toBe(`${SOMEBODY['zh-TW']}部署了 cart`)
    expect(found).toEqual([{ rule: 'person', words: null }])
  })
})

describe('blame', () => {
  it.each([
    ['Human error by the deployer', 'action without a safeguard by the deployer'],
    ['they should have known better', 'they had no signal'],
    ['the team failed to notice and forgot to roll back', 'the team had no alert and did not roll back'],
    ['This was stupid and careless', 'This was unexpected and unguarded'],
    ['the culprit is cart', 'the cause is cart'],
    ['a fault of type pod-kill was injected', 'a fault of type pod-kill was injected'],
    ['a segmentation fault in cart', 'a segmentation fault in cart'],
    ['blameless review of a lazy-loaded module', 'blameless review of a lazy-loaded module'],
  ])('is said of the system instead: %s', (text, said) => {
    expect(blameless(text, 'en', null).text).toBe(said)
  })

  it.each([
    ['這是人為疏失', '這是缺少防護的操作'],
    ['不要怪罪部署者', '不要關聯到部署者'],
    ['值班人員忘了回復', '值班人員未回復'],
    ['罪魁禍首是 cart', '原因是 cart'],
  ])('is said of the system instead: %s', (text, said) => {
    const { text: kind, found } = blameless(text, 'zh-TW', null)
    expect(kind).toBe(said)
    expect(found).toMatchObject([{ rule: 'blame', words: expect.any(String) }])
  })

  it('is never replaced by words that blame', () => {
    for (const { instead } of [...BLAMING.en, ...BLAMING['zh-TW']])
      expect(blameless(instead, 'en', null).found, instead).toEqual([])
  })
})
