/** Reasons for endings, in the reader's language. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { actionReason, checkReason, closingReason, endingReason } from '../../gateway/present/reasons.ts'

const HAN = /\p{Script=Han}/u

test('a partial session gives its reason in words, with its details', () => {
  const reason = 'questions_failed: 2/9 (prometheus, loki)'
  expect(endingReason(reason, 'en')).toBe('not every query was answered in full: 2/9 (prometheus, loki)')
  expect(endingReason(reason, 'zh-TW')).toBe('並非每個查詢都得到完整的回答：2/9 (prometheus, loki)')
  expect(endingReason('cancelled: cancelled on request', 'en')).toBe('cancelled on request')
  expect(endingReason(null, 'zh-TW')).toBeNull()
})

test('a session whose analysis took too long says what to ask instead', () => {
  const reason = 'analysis_timeout: ended after 120 s'
  expect(endingReason(reason, 'en')).toMatch(/ask about a shorter window or fewer services: ended after 120 s$/)
  expect(endingReason(reason, 'zh-TW')).toMatch(/請縮短查詢時段或減少服務：/)
})

test("an action keeps another system's error next to the meaning of its code", () => {
  const refused = { code: 'refused', error: '403: not you' }
  expect(actionReason(refused, 'en')).toBe('403: not you')
  expect(actionReason(refused, 'zh-TW')).toBe('控制平面拒絕執行（403: not you）')
  expect(checkReason({ code: 'no_sample', error: 'no sample since the action' }, 'zh-TW')).toBe('動作之後沒有新的樣本')
  expect(actionReason({ code: null, error: null }, 'zh-TW')).toBeNull()
})

test("a reason without a code, or with an unknown one, keeps the event's text", () => {
  expect(actionReason({ error: 'as it was told before there were codes' }, 'zh-TW')).toMatch(/^as it was/)
  expect(actionReason({ code: 'of_later', error: 'in English' }, 'zh-TW')).toBe('in English')
  expect(endingReason('of_later: in English', 'zh-TW')).toBe('of_later: in English')
  expect(closingReason({ code: 'decided', reason: 'looks right' }, 'zh-TW')).toBe('looks right')
})

test('a joined approval names the other one, in each language', () => {
  const joined = { code: 'joined', reason: 'in English', joined_approval: '0189-a' }
  expect(closingReason(joined, 'en')).toBe('approval 0189-a proposes the same action and counts for both')
  expect(closingReason(joined, 'zh-TW')).toBe('核准 0189-a 已提出相同的動作，其結果同時適用')
  expect(closingReason({ code: 'overtaken', reason: 'image_tag is a, not b' }, 'zh-TW')).toBe(
    '目標已不是提出時的狀態（image_tag is a, not b）',
  )
})

test('every code of the executor has a Chinese text', () => {
  const sources = globSync('agents/executor/*.ts', { cwd: join(import.meta.dirname, '../..') })
  const text = sources.map((path) => readFileSync(join(import.meta.dirname, '../..', path), 'utf8')).join('\n')
  const codes = [...text.matchAll(/(?:code: |refuse\(|instead\(|return \[)'([a-z_]+)'/g)].map(([, code = '']) => code)
  expect(codes.length).toBeGreaterThan(20)
  const untold = codes.filter((code) => {
    const told = [closingReason({ code, reason: 'x' }, 'zh-TW'), actionReason({ code, error: 'x' }, 'zh-TW'), checkReason({ code, error: 'x' }, 'zh-TW')] // prettier-ignore
    return code !== 'decided' && !told.some((one) => HAN.test(one ?? ''))
  })
  expect(untold).toEqual([])
})
