import { expect, test } from 'vitest'
import type { TemplateChange } from '../../analysis/logs/changes.ts'
import { amount, changedText, saidText } from '../../analysis/text.ts'

test('formats amounts with units', () => {
  expect(amount(1_010_000_000, 'bytes')).toBe('1.01 GB')
  expect(amount(512, 'bytes')).toBe('512 bytes')
  expect(amount(0.1834, 'ratio')).toBe('18.3 %')
  expect(amount(0.25, 's')).toBe('0.25 s')
  expect(amount(11.6, '1/s')).toBe('11.6/s')
  expect(amount(12345)).toBe('12300')
})

const said = (change: Partial<TemplateChange>): TemplateChange => ({
  kind: 'appeared',
  service: 'cart',
  template: 'query took <*> ms',
  severity: 'info',
  before: 0,
  during: 7,
  expected: 0,
  deviation: 9,
  timestamp: 0,
  example: '',
  evidence: [],
  ...change,
})

test('shows the exception behind a log line with the first own frame', () => {
  const { en, zh } = saidText(
    said({
      template: `could not save ${'x'.repeat(200)}`,
      exception: { type: 'java.lang.IllegalStateException', message: 'full', frame: 'shop.Cart.save(Cart.java:12)' },
    }),
  )
  expect(en).toMatch(/^cart: new log line, 7 times: could not save x+… \(IllegalStateException at shop\.Cart\.save/)
  expect(en.length).toBeLessThan(220)
  expect(zh).toContain('IllegalStateException，位於 shop.Cart.save')
  const caused = saidText(said({ exception: { type: 'a.NoQuote', message: '', frame: '/app/pay.py:12 pay', cause: 'TimeoutError' } })) // prettier-ignore
  expect(caused.en).toMatch(/ \(NoQuote at \/app\/pay\.py:12 pay, caused by TimeoutError\)$/)
  expect(caused.zh).toMatch(/（NoQuote，位於 \/app\/pay\.py:12 pay，起因為 TimeoutError）$/)
})

test('gives count, expected count and baseline count of a log line', () => {
  const english = (change: Partial<TemplateChange>): string => saidText(said(change)).en
  expect(english({ during: 1 })).toBe('cart: new log line, once: query took <*> ms')
  expect(english({ kind: 'grew', before: 12, during: 43, expected: 2.4 })).toBe('cart: more frequent log line, 43 times, expected 2.4 (12 in the baseline): query took <*> ms') // prettier-ignore
  expect(english({ kind: 'shrank', before: 200, during: 3, expected: 40 })).toBe('cart: less frequent log line, 3 times, expected 40 (200 in the baseline): query took <*> ms') // prettier-ignore
  expect(saidText(said({ kind: 'vanished', before: 200, during: 0, expected: 40 }))).toEqual({
    en: 'cart: log line gone, 0 times, expected 40 (200 in the baseline): query took <*> ms',
    zh: 'cart：不再出現的日誌，0 次，預期 40 次（基準時段 200 次）：query took <*> ms',
  })
})

test('gives the new and old value of a log line', () => {
  const value = (parameter: TemplateChange['parameter'] & {}) => saidText(said({ kind: 'parameters', parameter }))
  expect(value({ position: 0, before: 11, during: 901 })).toEqual({
    en: 'cart: log line with changed values, median of value 1 is 901, was 11: query took <*> ms',
    zh: 'cart：數值改變的日誌，第 1 個值的中位數從 11 變為 901：query took <*> ms',
  })
  expect(value({ position: 1, before: null, during: '7z' }).en).toContain(', value 2 is 7z, was different each time:') // prettier-ignore
  expect(value({ position: 1, before: 'old', during: '7z' }).zh).toContain('，第 2 個值從 old 變為 7z：')
})

test('names the kind of a change in both languages', () => {
  const change = { id: 'c', timestamp: 0, type: 'CONFIG_UPDATE', service: 'cart', summary: 'pool 10 to 2' }
  expect(changedText(change).en).toBe('configuration change of cart at 00:00:00 UTC: pool 10 to 2')
  expect(changedText(change).zh).toBe('cart 的設定變更（00:00:00 UTC）：「pool 10 to 2」')
  expect(changedText({ ...change, service: '' }).zh).toBe('未知服務的設定變更（00:00:00 UTC）：「pool 10 to 2」')
})

test('names the releases of a deployment, from its fields, not from its summary', () => {
  const change = { id: 'c', timestamp: 0, type: 'DEPLOYMENT', service: 'cart', summary: 'Deployed something' }
  const texts = (detail: unknown) => changedText({ ...change, detail })
  const both = { before: { image_tag: 'cart:1.4.2' }, after: { image_tag: 'cart:1.5.0' } }
  expect(texts(both).en).toBe('deployment of cart 1.5.0 at 00:00:00 UTC (previously 1.4.2)')
  expect(texts(both).zh).toBe('部署 cart 1.5.0（00:00:00 UTC，先前為 1.4.2）')
  expect(texts({ after: 'shop/cart:2' }).en).toBe('deployment of cart shop/cart:2 at 00:00:00 UTC')
  expect(texts({ before: { replicas: 1 } }).en).toBe('deployment of cart at 00:00:00 UTC: Deployed something')
  expect(texts(undefined).zh).toBe('cart 的部署（00:00:00 UTC）：「Deployed something」')
})
