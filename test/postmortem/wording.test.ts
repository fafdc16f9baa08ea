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
    ['npm @my-scope/name, field @timestamp', 'npm @my-scope/name, field @timestamp'],
    ['Deployed cart@1.5.0 and web@v2.0.1-rc.alpha', 'Deployed cart@1.5.0 and web@v2.0.1-rc.alpha'],
    ['ssh bob@10.0.0.5, git@github.example:team/cart.git', 'ssh a person, git@github.example:team/cart.git'],
  ])('are not named: %s', (text, said) => {
    expect(blameless(text, 'en', NAMES).text).toBe(said)
  })

  it('are not the systems that ask and deploy, nor a word that a name is too', () => {
    const people = patternOf(namesIn(['https://issuer|control-plane', 'https://issuer|sre-executor', 'argocd', 'root']))
    expect(blameless('control-plane (alerts): executor, argocd', 'en', people).found).toEqual([])
    expect(blameless('root found the root cause', 'en', people).text).toBe('a person found the root cause')
  })

  it('are a colleague in Chinese, and their names are not repeated in what was found', () => {
    const { text, found } = blameless('王小明部署了 cart', 'zh-TW', NAMES)
    expect(text).toBe(`${SOMEBODY['zh-TW']}部署了 cart`)
    expect(found).toEqual([{ rule: 'person', words: null }])
  })
})

describe('blame', () => {
  it.each([
    'exec dumb-init -- node of lazy-loader, blame-service and /forgot.html',
    'GET /forgot-password, the forgot password page, git blame, lazy loading',
    'user errors (4xx) rose',
    '造成重大意外，大意是系統無能力處理，並無能見度',
    '最大意義在於懶載入與忘記密碼頁面，框架笨重',
  ])('is not in: %s', (text) => {
    expect(blameless(text, 'en', null)).toEqual({ text, found: [] })
  })

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
    ['這次太大意', '這次太缺少防護'],
    ['人很笨', '人很未預期'],
    ['不要懶', '不要未完成'],
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
