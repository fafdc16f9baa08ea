import { expect, test } from 'vitest'
import { failures, inChinese, notes, summaries } from '../../agents/tools/notes.ts'

const VALUES = [11, 22, 33]

test('every note has its own Chinese, with the values of the English', () => {
  const seen = new Map<string, string>()
  for (const [name, write] of Object.entries({ ...summaries, ...notes, ...failures })) {
    const english = write(...VALUES)
    const chinese = inChinese(english)
    expect(chinese, name).toMatch(/\p{Script=Han}/u)
    expect(chinese.match(/\d\d/g)?.toSorted(), name).toEqual(english.match(/\d\d/g)?.toSorted())
    expect(chinese, name).not.toMatch(/[#*$]/)
    seen.set(chinese, name)
  }
  // a note that another one's pattern takes would have the other's words
  expect(seen.size).toBe(Object.keys({ ...summaries, ...notes, ...failures }).length)
})

test('texts of sources stay as they came', () => {
  for (const text of ['PromQL info: metric might not be a counter', '3 parts failed', '3 changes\nand more'])
    expect(inChinese(text)).toBe(text)
})
