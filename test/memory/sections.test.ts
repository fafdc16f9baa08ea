import { expect, test } from 'vitest'
import { RunbookError, sectionsOf } from '../../memory/sections.ts'
import { exactWordsOf, wordsOf } from '../../memory/words.ts'

const RUNBOOK = `---
services: [cart, checkout]
---
Who to call: the shop team.

# Cart is slow

Look at the pool first.

## Pool exhausted

\`\`\`
# not a heading
SELECT count(*) FROM pg_stat_activity;
\`\`\`

Empty
-----

## Rollback ##

Go back to the release before.
`

test('cuts a runbook by heading, with the headings above and the services of its front matter', () => {
  const sections = sectionsOf('runbooks/cart.md', RUNBOOK)
  expect(sections.map(({ headings, text }) => [headings, text.split('\n')[0]])).toEqual([
    [[], 'Who to call: the shop team.'],
    [['Cart is slow'], 'Look at the pool first.'],
    [['Cart is slow', 'Pool exhausted'], '```'],
    [['Cart is slow', 'Rollback'], 'Go back to the release before.'],
  ])
  for (const { services, source, time } of sections)
    expect({ services, source, time }).toEqual({
      services: ['cart', 'checkout'],
      source: 'runbooks/cart.md',
      time: null,
    })
})

test('an entry has the same id as long as its content and place are the same', () => {
  const ids = (source: string, text: string) => sectionsOf(source, text).map(({ id }) => id)
  expect(ids('a.md', RUNBOOK)).toEqual(ids('a.md', RUNBOOK.replaceAll('\n', '\r\n')))
  const changed = ids('a.md', RUNBOOK.replace('the release before', 'release 12'))
  expect(changed.slice(0, 3)).toEqual(ids('a.md', RUNBOOK).slice(0, 3))
  expect(changed[3]).not.toBe(ids('a.md', RUNBOOK)[3])
  expect(ids('b.md', RUNBOOK)[0]).not.toBe(ids('a.md', RUNBOOK)[0])
  const twice = ids('a.md', '# Note\n\nsame\n\n# Note\n\nsame\n')
  expect(new Set(twice).size).toBe(2)
})

test('cuts long sections between paragraphs, long lists between lines, and what has no line between words, or characters', () => {
  const paragraph = '慢'.repeat(900)
  const texts = sectionsOf('a.md', `# Long\n\n${[paragraph, paragraph, paragraph].join('\n\n')}`).map(
    ({ text }) => text,
  )
  expect(texts).toEqual([`${paragraph}\n\n${paragraph}`, paragraph])
  const list = Array.from({ length: 300 }, (_, at) => `- step ${at}: restart`)
  const lists = sectionsOf('a.md', list.join('\n')).map(({ text }) => text)
  expect(lists.length).toBeGreaterThan(2)
  expect(lists.join('\n').split('\n')).toEqual(list)
  const line = Array.from({ length: 900 }, (_, at) => `word${at}`).join(' ')
  const lines = sectionsOf('a.md', line).map(({ text }) => text)
  expect([lines.length, lines.join(' ')]).toEqual([4, line])
  const [first = '', ...others] = sectionsOf('a.md', '🔥'.repeat(2500)).map(({ text }) => text)
  expect(first + others.join('')).toBe('🔥'.repeat(2500))
  expect(first.isWellFormed()).toBe(true)
})

test.each([
  ['services: cart', 'services must be a list of names'],
  ['services: [', 'its front matter is invalid'],
])('refuses the front matter %s', (yaml, why) => {
  expect(() => sectionsOf('a.md', `---\n${yaml}\n---\ntext`)).toThrow(RunbookError)
  expect(() => sectionsOf('a.md', `---\n${yaml}\n---\ntext`)).toThrow(why)
})

test('words are lower case, names give their parts, and Chinese gives pairs of characters', () => {
  expect(wordsOf('Restart checkout-db')).toEqual(['restart', 'checkout-db', 'checkout', 'db'])
  expect(wordsOf('連線池耗盡')).toEqual(['連線', '線池', '池耗', '耗盡'])
  expect(wordsOf('ＣＰＵ 滿')).toEqual(['cpu', '滿'])
})

test('what must be found to the letter: codes, numbers and names with signs or capitals', () => {
  expect(exactWordsOf('why does cart answer ERR_4711 or 0x80 after HikariPool, at 連線 OOM?')).toEqual([
    ...['ERR_4711', '0x80', 'HikariPool', 'OOM'],
  ])
})
