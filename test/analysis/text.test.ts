import { expect, test } from 'vitest'
import type { TemplateChange } from '../../analysis/logs/changes.ts'
import { amount, changedText, saidText } from '../../analysis/text.ts'

test('writes amounts as people do', () => {
  expect(amount(1_010_000_000, 'bytes')).toBe('1.01 GB')
  expect(amount(512, 'bytes')).toBe('512 bytes')
  expect(amount(0.1834, 'ratio')).toBe('18.3 %')
  expect(amount(0.25, 's')).toBe('0.25 s')
  expect(amount(12345)).toBe('12300')
})

test('shows the exception behind a log line with the first own frame', () => {
  const line: TemplateChange = {
    kind: 'appeared',
    service: 'cart',
    template: `could not save ${'x'.repeat(200)}`,
    severity: 'critical',
    before: 0,
    during: 7,
    expected: 0,
    deviation: 9,
    timestamp: 0,
    example: '',
    exception: { type: 'java.lang.IllegalStateException', message: 'full', frame: 'shop.Cart.save(Cart.java:12)' },
    evidence: [],
  }
  const { en, zh } = saidText(line)
  expect(en).toMatch(/^cart: new log line, 7 times: could not save x+… \(IllegalStateException at shop\.Cart\.save/)
  expect(en.length).toBeLessThan(220)
  expect(zh).toContain('IllegalStateException，位於 shop.Cart.save')
})

test('names the kind of a change in both languages', () => {
  const change = { id: 'c', timestamp: 0, type: 'CONFIG_UPDATE', service: 'cart', summary: 'pool 10 to 2' }
  expect(changedText(change).en).toBe('configuration change of cart at 00:00:00 UTC: pool 10 to 2')
  expect(changedText(change).zh).toContain('設定變更')
})
