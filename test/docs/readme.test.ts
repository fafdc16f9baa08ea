/** README.md and its translation say the same: the same commands, sections and links. */
import { expect, test } from 'vitest'
import { readPage } from './markdown.ts'

const [english, chinese] = [readPage('README.md'), readPage('README.zh-TW.md')]
const commands = (page: typeof english) => page.blocks.map(({ text }) => text.replaceAll(/ {2,}# .*$/gm, ''))
const depths = (page: typeof english) => page.headings.map(({ depth }) => depth)

/** Each page links to the other, and the translation to the other translated pages. */
const targets = (page: typeof english) =>
  page.links.map(({ url }) => url).filter((url) => url !== 'README.md' && !/\.zh-TW\.md$/.test(url))

test('the README has the same commands, sections, code and links in both languages', () => {
  expect(commands(chinese)).toEqual(commands(english))
  expect(depths(chinese)).toEqual(depths(english))
  expect(targets(chinese)).toEqual(targets(english))
  expect(chinese.codes.map(({ text }) => text).toSorted()).toEqual(english.codes.map(({ text }) => text).toSorted())
})

test('both link to each other', () => {
  expect(english.links.map(({ url }) => url)).toContain('README.zh-TW.md')
  expect(chinese.links.map(({ url }) => url)).toContain('README.md')
})

test('the zh-TW punctuation is full-width between Chinese characters', () => {
  const text = [...chinese.headings.map((heading) => heading.text)]
  for (const one of text) expect(one).not.toMatch(/\p{Script=Han}[,:;()]/u)
})
