import { expect, test } from 'vitest'
import { summarize } from '../../agents/assistant/summary.ts'
import type { Verdict } from '../../analysis/verdict.ts'

const text = (words: string) => ({ en: words, zh: words })
const verdict = (over: Partial<Verdict> = {}): Verdict => ({
  verdict: 'incident',
  onset: Date.UTC(2026, 0, 1, 12),
  confidence: 0.83,
  findings: [],
  rootCauses: [{ rank: 1, service: 'cart', indicator: 'latency_p99', changeId: null, score: 1, explanation: text('it is slow.'), evidence: [] }], // prettier-ignore
  missing: [],
  ruledOut: [],
  nextQuery: null,
  evidence: [],
  ...over,
})

test('says what, since when, because of what and how sure, in both languages', () => {
  const { en, 'zh-TW': zh } = summarize(verdict())
  expect(en).toBe(
    'cart is the most likely cause of a disturbance since 2026-01-01T12:00:00Z. it is slow. Confidence 83 %: of answers like this on public incidents, so many were right.',
  )
  expect(zh).toContain('cart')
  expect(zh).toContain('83%')
})

test('is never certain', () => {
  expect(summarize(verdict({ confidence: 0.9999 }))['en']).toContain('Confidence 99 %')
})

test('names no cause where nothing is wrong, or nothing could be concluded', () => {
  expect(summarize(verdict({ verdict: 'nothing_wrong' }))['en']).not.toContain('cart')
  expect(summarize(verdict({ verdict: 'inconclusive' }))['en']).not.toContain('cart')
  expect(summarize(verdict({ rootCauses: [] }))['en']).not.toContain('cart')
})
