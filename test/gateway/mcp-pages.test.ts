/** Pages of an answer of MCP, and the estimate of tokens they are cut by. */
import { describe, expect, test } from 'vitest'
import { pageOf } from '../../gateway/mcp/pages.ts'
import { countTokens, fitting } from '../../gateway/mcp/tokens.ts'
import { isVisible } from '../../schemas/visible.ts'
import { dataOf } from './mcp-client.ts'

/** What the tokenizers o200k_base and cl100k_base (gpt-tokenizer 3.x) count at most. */
const SAMPLES: [string, string, number][] = [
  [
    'English',
    'The checkout service returned errors for 12 % of requests because its connection pool was exhausted after the release.',
    21,
  ],
  ['Chinese', '結帳服務在十點整部署新版本之後錯誤率急遽上升，資料庫連線逾時，建議退版並檢查連線池設定與慢查詢。', 74],
  ['numbers', '[[1760000000000,0.3841207],[1760000015000,912.55019],[1760000030000,0.000218]]', 35],
  ['ids', '0199d3c2-7a41-7c0e-9b1f-3e5d8a2c6f40 0199d3c2-7a42-70aa-8d3e-b19c4f7e2a65', 61],
  ['hexadecimal digits', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', 43],
  ['base64', 'eyJhbGciOiJSUzI1NiIsImtpZCI6IjNmS2RxV0hLeU54OXZQIn0.q8ZrT1uXyV5mLb0aJwE7hGd2RkC9', 62],
  [
    'JSON',
    '{"tool":"prometheus","operation":"golden-signals","status":"ok","series":[{"labels":{"pod":"cart-7d9f8b6c5-x2x4q"}}]}',
    42,
  ],
  [
    'a log line',
    '2026-11-30T12:04:01.123Z ERROR [pool-7-thread-12] c.e.CheckoutService - connect ECONNREFUSED 10.3.12.17:5432',
    46,
  ],
  ['symbols', '🔥 🚨 ⚠️ → ≥ 95 % ±0.5 µs', 21],
]

describe('the estimate', () => {
  test.each(SAMPLES)('is not below what common tokenizers count in %s, nor three times that', (_, text, counted) => {
    expect(countTokens(text)).toBeGreaterThanOrEqual(counted)
    expect(countTokens(text)).toBeLessThan(counted * 3)
  })

  test('of what fits is at most the number asked for, and of one character more is above it', () => {
    const text = SAMPLES.map(([, one]) => one).join('\n')
    for (let tokens = 1; tokens < countTokens(text); tokens += 7) {
      const end = fitting(text, 0, tokens)
      expect(countTokens(text.slice(0, end))).toBeLessThanOrEqual(tokens)
      expect(countTokens(text.slice(0, end + 4))).toBeGreaterThan(tokens)
    }
    expect(fitting(text, 0, 10_000)).toBe(text.length)
    // tokenizers join spaces only
    expect(fitting('\u2003\t'.repeat(10_000), 0, 900)).toBeLessThanOrEqual(900)
  })
})

describe('pages', () => {
  const whole = (text: string, tokens: number): string => {
    let all = ''
    for (let cursor: string | undefined, pages = 0; ; pages++) {
      const page = pageOf(text, cursor, tokens)
      expect(countTokens(page.text)).toBeLessThanOrEqual(tokens)
      expect(isVisible(page.text.replaceAll('\n', ''))).toBe(true)
      expect(pages).toBeLessThan(2000)
      all += dataOf(page.text)
      if (page.next === null) return all
      cursor = page.next
    }
  }

  test.each([
    [
      'many lines',
      SAMPLES.map(([, one]) => one)
        .join('\n')
        .repeat(20),
    ],
    ['one word without an end', 'x'.repeat(20_000)],
    ['pictographs', '🔥'.repeat(3000)],
    ['blanks', `${' '.repeat(50_000)}x`],
    ['nothing', ''],
  ])('of %s are within the ceiling, and together the whole', (_, text) => {
    expect(whole(text, 900)).toBe(text)
  })

  test('of characters that nobody sees are within the ceiling, although escaping makes them longer', () => {
    expect(JSON.parse(`"${whole('\u202e\u0007\u{e0041}'.repeat(500), 900)}"`)).toBe('\u202e\u0007\u{e0041}'.repeat(500))
  })
})
