/** The README's picture: a terminal as SVG. */
import { expect, test } from 'vitest'
import { picture } from '../../bench/picture/svg.ts'

const rowsOf = (svg: string): string[] => [...svg.matchAll(/<text [^>]*>(.*)<\/text>/g)].map(([, row]) => row ?? '')

test('keeps colours and words, and escapes XML characters', () => {
  const svg = picture([
    '\x1b[32m✓\x1b[39m a <b> & c',
    '\x1b[1mbold \x1b[2mand dim\x1b[0m plain',
    '\x1b[3munknown\x1b[23m',
  ])
  expect(rowsOf(svg)).toEqual([
    '<tspan class="green">✓</tspan> a &lt;b&gt; &amp; c',
    '<tspan class="bold">bold </tspan><tspan class="bold dim">and dim</tspan> plain',
    'unknown',
  ])
  expect(svg).toContain('prefers-color-scheme: dark')
  expect(svg).not.toContain('\x1b')
})

test('wraps a long line without losing words or colours', () => {
  const words = Array.from({ length: 60 }, (_, at) => `word${at}`)
  const rows = rowsOf(picture([`\x1b[31m${words.join(' ')}\x1b[39m`]))
  expect(rows.length).toBeGreaterThan(3)
  for (const row of rows) expect(row).toContain('class="red"')
  expect(
    rows
      .map((row) => row.replace(/<[^>]+>/g, ''))
      .join(' ')
      .split(/ +/)
      .filter(Boolean),
  ).toEqual(words)
})
