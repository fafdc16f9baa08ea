import { expect, test } from 'vitest'
import { summarize } from '../../agents/assistant/summary.ts'
import type { Verdict } from '../../analysis/verdict.ts'

const text = (words: string) => ({ en: words, zh: words })
const verdict = (over: Partial<Verdict> = {}): Verdict => ({
  verdict: 'incident',
  onset: Date.UTC(2026, 0, 1, 12),
  ...{ phase: null, earlier: [], standing: [] },
  confidence: 0.8,
  findings: [],
  rootCauses: [{ rank: 1, service: 'cart', indicator: 'latency_p99', changeId: null, score: 1, explanation: text('it is slow.'), evidence: [], since: null, until: null, phase: null, isSeparate: false }], // prettier-ignore
  missing: [],
  ruledOut: [],
  suspectedChanges: null,
  asOf: 0,
  nextQuery: null,
  evidence: [],
  ...over,
})

test('states symptom, onset, cause and confidence, in both languages', () => {
  const { en, 'zh-TW': zh } = summarize(verdict())
  expect(en).toBe(
    'Something has been wrong since 2026-01-01 12:00:00 UTC. Most likely cause: cart: it is slow. Confidence 80 % (estimated from other systems).',
  )
  expect(zh).toContain('cart')
  expect(zh).toContain('信心分數 80 %')
})

test('never claims certainty', () => {
  expect(summarize(verdict({ confidence: 0.9999 }))['en']).toContain('Confidence 99 %')
})

test('states the confidence of nothing_wrong too, in both languages', () => {
  const { en, 'zh-TW': zh } = summarize(verdict({ verdict: 'nothing_wrong' }))
  expect(en).toMatch(/ Confidence 80 % \(estimated from other systems\)\.$/)
  expect(zh).toMatch(/信心分數 80 %（依其他系統的結果推估）。$/)
})

test('starts with what users notice', () => {
  const finding = (message: string) => ({ source: 'metrics', severity: 'critical', service: 'shop', message: text(message), timestamp: null, evidence: [] }) as const // prettier-ignore
  const findings = [finding('cart: cpu went from 1 to 9'), finding('shop: error_ratio went from 0.1 % to 18 %')]
  expect(summarize(verdict({ findings }))['en']).toMatch(/^shop: error_ratio went from 0\.1 % to 18 % since /)
})

test('does not repeat the cause if it is also the first symptom', () => {
  const message = text('cart: latency_p95 went from 18 ms to 860 ms')
  const findings = [{ source: 'metrics', severity: 'critical', service: 'cart', message, timestamp: null, evidence: [] }] as const // prettier-ignore
  const explanation = text(`${message.en}, after the deployment of cart.`)
  const rootCauses = [{ ...verdict().rootCauses[0]!, explanation }]
  expect(summarize(verdict({ findings, rootCauses }))['en']).toContain(
    ' UTC. Most likely cause: cart, after the deployment of cart. Confidence',
  )
})

test('blames no service if nothing is wrong, and names the closest candidate if inconclusive', () => {
  expect(summarize(verdict({ verdict: 'nothing_wrong' }))['en']).toMatch(
    /^Nothing unusual: compared with the baseline, the one service/,
  )
  const { en = '' } = summarize(verdict({ verdict: 'inconclusive' }))
  expect(en).toContain('Best candidate: cart: it is slow.')
  expect(en).not.toContain('Most likely')
  expect(summarize(verdict({ rootCauses: [] }))['en']).not.toContain('cart')
})

const suspect = (changeId: string, probability: number) => ({ changeId, service: 'cart', probability, text: text(`deployment of ${changeId}`), evidence: [] }) // prettier-ignore
const about = (none: number, ...suspects: ReturnType<typeof suspect>[]) => {
  const rootCauses = [{ ...verdict().rootCauses[0]!, changeId: suspects.find(({ probability }) => probability > 0.5)?.changeId ?? null }] // prettier-ignore
  return summarize(verdict({ rootCauses, suspectedChanges: { suspects, none } }))
}

test('gives the probability of the change that caused it', () => {
  const { en, 'zh-TW': zh } = about(0.1, suspect('v2', 0.84), suspect('v1', 0.06))
  expect(en).toContain(' Probability that this change caused it: 84 %. Confidence')
  expect(zh).toContain('此變更造成異常的機率為 84 %。')
})

test('names near-equal changes as alternatives', () => {
  const { en, 'zh-TW': zh } = about(0.15, suspect('v2', 0.44), suspect('v1', 0.38), suspect('v0', 0.03))
  expect(en).toContain(
    ' Which change caused it, if any, is open: 44 % deployment of v2; 38 % deployment of v1; 15 % none of them. Confidence',
  )
  expect(zh).toContain(
    '尚無法確定是哪一項變更造成，也可能都不是：deployment of v2 44 %、deployment of v1 38 %、都不是 15 %。',
  )
})

test('counts the changes where none stands out', () => {
  const { en, 'zh-TW': zh } = about(0.05, ...Array.from({ length: 19 }, (_, at) => suspect(`part ${at}`, 0.05)))
  expect(en).toContain(' Any of 19 changes may have caused it; none stands out. Confidence')
  expect(zh).toContain('有 19 項變更可能造成異常，其中沒有特別可疑的。')
})

test('says that probably no change caused it', () => {
  expect(about(1)['en']).toContain(' Probably no known change caused it (99 %). Confidence')
  const { en, 'zh-TW': zh } = about(0.7, suspect('v2', 0.3))
  expect(en).toContain(' Probably no known change caused it (70 %); less likely: 30 % deployment of v2. Confidence')
  expect(zh).toContain('很可能不是已知的變更造成的（70 %）；其他可能：deployment of v2 30 %。')
})

test('says nothing about changes if none is known', () => {
  expect(summarize(verdict())['en']).not.toContain('change')
})
