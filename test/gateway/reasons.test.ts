/** Why things ended as they did, in the language of who reads. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { actionReason, checkReason, closingReason, endingReason } from '../../gateway/present/reasons.ts'

const HAN = /\p{Script=Han}/u

test('a session that is partial says so in words, with what only it knows', () => {
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

test('an action keeps what another system answered beside what its code means', () => {
  const refused = { code: 'refused', error: '403: not you' }
  expect(actionReason(refused, 'en')).toBe('403: not you')
  expect(actionReason(refused, 'zh-TW')).toBe('控制平面拒絕執行（403: not you）')
  expect(checkReason({ code: 'no_sample', error: 'no sample since the action' }, 'zh-TW')).toBe('動作之後沒有新的樣本')
  expect(actionReason({ code: null, error: null }, 'zh-TW')).toBeNull()
})

test('what has no code, or one of a later version, stays as its event tells it', () => {
  expect(actionReason({ error: 'as it was told before there were codes' }, 'zh-TW')).toMatch(/^as it was/)
  expect(actionReason({ code: 'of_later', error: 'in English' }, 'zh-TW')).toBe('in English')
  expect(endingReason('of_later: in English', 'zh-TW')).toBe('of_later: in English')
  expect(closingReason({ code: 'decided', reason: 'looks right' }, 'zh-TW')).toBe('looks right')
})

test('what joined another approval names it, in each language', () => {
  const joined = { code: 'joined', reason: 'in English', joined_approval: '0189-a' }
  expect(closingReason(joined, 'en')).toBe('approval 0189-a proposes the same action')
  expect(closingReason(joined, 'zh-TW')).toBe('核准 0189-a 已提出相同的動作')
  expect(closingReason({ code: 'overtaken', reason: 'image_tag is a, not b' }, 'zh-TW')).toBe(
    '目標已不是提出時的狀態（image_tag is a, not b）',
  )
})

test('every code the executor gives has its Chinese', () => {
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
