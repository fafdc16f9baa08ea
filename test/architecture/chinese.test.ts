/** Chinese text has full-width punctuation. Checks every string of the product; joined texts are checked where they are rendered. */
import { parse } from '@babel/parser'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { halfWidthIn } from './half-width.ts'

const root = join(import.meta.dirname, '../..')
/** Not texts: what secrets look like in other systems' logs, and expressions for words that blame. */
const DATA = /^(agents\/runtime\/secrets\/|bench\/secrets\/|postmortem\/wording\.ts$)/

const sources = execFileSync('git', ['ls-files', '*.ts'], { cwd: root, encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter((file) => !file.startsWith('test/') && !DATA.test(file))

interface Found {
  file: string
  line: number
  text: string
}

/** The strings of a file; an expression within a template counts as a word. */
function stringsOf(file: string): Found[] {
  const source = readFileSync(join(root, file), 'utf8')
  if (!/\p{Script=Han}/u.test(source)) return []
  const found: Found[] = []
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(walk)
    if (typeof node !== 'object' || node === null) return
    const { type, value, quasis, loc } = node as { type?: string; value?: unknown; quasis?: { value: { cooked?: string } }[]; loc?: { start: { line: number } } } // prettier-ignore
    const text = type === 'StringLiteral' ? String(value) : type === 'TemplateLiteral' ? (quasis ?? []).map((one) => one.value.cooked ?? '').join('x') : '' // prettier-ignore
    if (/\p{Script=Han}/u.test(text)) found.push({ file, line: loc?.start.line ?? 0, text })
    Object.values(node).forEach(walk)
  }
  walk(parse(source, { sourceType: 'module', plugins: ['typescript'] }).program.body)
  return found
}

test('every Chinese text of the product has full-width punctuation', () => {
  const texts = sources.flatMap(stringsOf)
  expect(texts.length).toBeGreaterThan(400)
  expect(texts.filter(({ text }) => halfWidthIn(text).length > 0)).toEqual([])
})

test('recognizes half-width punctuation beside Chinese text, and leaves code, times and options alone', () => {
  for (const text of ['嚴重: 錯誤', '未知 (沒有資料)', '失敗, 未知', '結束;', 'cart (嚴重)', '真的嗎?', '資料缺口:'])
    expect(halfWidthIn(text), text).not.toEqual([])
  for (const text of [
    '嚴重：錯誤',
    '（10:02:00 UTC，先前為 1.4.2）',
    '請執行 `sre login (x)`',
    '必須是 http(s) URL',
    '連接埠 x:x（x）',
    '日誌：GET <*> failed: no price for <*>',
  ])
    // prettier-ignore
    expect(halfWidthIn(text), text).toEqual([])
})
