import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import type { Received } from '../../bus/bus.ts'
import { shown } from '../../cli/terminal/line.ts'
import { createNarrator } from '../../cli/terminal/narrate.ts'
import { writeReport } from '../../agents/postmortem/write-report.ts'
import { facts } from '../postmortem/facts.ts'
import type { Language } from '../../gateway/present/language.ts'
import {
  actionCompleted,
  approvalClosed,
  approvalRequested,
  completed,
  detected,
  evidence,
  progressed,
  requested,
} from '../gateway/records.ts'

const SESSION = '01890000-0000-7000-8000-000000abcdef'
const linesOf = (events: readonly object[], language: Language, everything = false): string[] => {
  const narrator = createNarrator(language, everything)
  return events
    .flatMap((event) => narrator.tell(event as Received))
    .map((line) => stripVTControlCharacters(shown(line)))
}
const told = (event: object, language: Language = 'en', everything = false): string =>
  linesOf([event], language, everything).join('\n')

test('each line starts with the last characters of the session id', () => {
  expect(told(requested(SESSION))).toMatch(/^abcdef .*requested a diagnosis \(alert\): /)
  const narrator = createNarrator('en')
  narrator.tell(progressed(SESSION, 20) as Received)
  expect(narrator.growing().map((line) => stripVTControlCharacters(shown(line)))).toEqual(['abcdef 20 percent …'])
})

test('a phase is one line that grows with the answers and stays at the end', () => {
  const narrator = createNarrator('en')
  const growing = () => narrator.growing().map((line) => stripVTControlCharacters(shown(line)))
  const tell = (event: object) => narrator.tell(event as Received).map((line) => stripVTControlCharacters(shown(line)))
  expect(tell(progressed(SESSION, 20))).toEqual([])
  expect(growing()).toEqual(['abcdef 20 percent …'])
  for (const status of ['ok', 'no_data']) expect(tell(evidence(SESSION, { status }))).toEqual([])
  expect(growing()).toEqual(['abcdef 20 percent: 1 answer, 1 without data …'])
  const late = evidence(SESSION, { status: 'ok' })
  expect(tell(progressed(SESSION, 60))).toEqual([])
  expect(tell(late), 'asked before, told after').toEqual([])
  expect(growing()).toEqual(['abcdef 20 percent: 2 answers, 1 without data', 'abcdef 60 percent …'])
  const lines = tell(completed(SESSION, {}))
  expect(lines.slice(0, 2)).toEqual(['abcdef 20 percent: 2 answers, 1 without data', 'abcdef 60 percent'])
  expect(growing()).toEqual([])
})

test('the first three failures of a phase have their own line, and all are counted', () => {
  const failed = evidence(SESSION, { status: 'failed', error: 'connection refused' })
  const lines = linesOf(
    [progressed(SESSION, 20), ...Array.from({ length: 5 }, () => failed), completed(SESSION, {})],
    'en',
  )
  expect(lines.filter((line) => line.includes(' failed ') && line.includes('connection refused'))).toHaveLength(3)
  expect(lines).toContain('abcdef 20 percent: 5 failed')
})

test('a shown call includes its result', () => {
  const call = (over: object) => told(evidence(SESSION, over), 'en', true)
  expect(call({})).toContain('  ok ')
  expect(call({ status: 'no_data' })).toContain('  no data ')
  const nothing = { status: 'no_data', summary: 'no lines of cart in this time range' }
  expect(told(evidence(SESSION, nothing), 'zh-TW', true)).toContain('此時段沒有 cart 的日誌')
  const failed = call({ status: 'failed', error: 'connection refused', query: `${'q'.repeat(80)}\nmore` })
  expect(failed).toContain('  failed ')
  expect(failed).toContain('connection refused')
  expect(failed).toContain(`${'q'.repeat(57)}…`)
  expect(failed).not.toContain('more')
})

test('a result shows causes, data gaps and the command for the rest; findings only with --verbose', () => {
  const text = told(completed(SESSION, { missing: [{ en: 'no logs', 'zh-TW': '沒有日誌' }] }))
  expect(text).toContain('diagnosis: a bad version of cart')
  expect(text).toContain('1. deployed just before')
  expect(text).not.toContain('errors rose')
  expect(told(completed(SESSION, {}), 'en', true)).toContain('- [critical] errors rose')
  expect(text).toContain('data gap: no logs')
  expect(text).toContain('findings and evidence: npx sre show abcdef')
  expect(told(completed(SESSION, { status: 'failed', reason: 'gone' }))).toContain('diagnosis: failed: gone')
})

test('the same in zh-TW, and English for texts without a translation', () => {
  const text = told(completed(SESSION, { missing: [{ en: 'no logs', 'zh-TW': '沒有日誌' }] }), 'zh-TW')
  expect(text).toContain('cart 的版本有問題')
  expect(text).toContain('1. deployed just before')
  expect(told(completed(SESSION, {}), 'zh-TW', true)).toContain('- ［嚴重］錯誤增加')
  const ended = { status: 'failed', reason: 'owner_killed: its owner died 3 times while it ran' }
  expect(told(completed(SESSION, ended), 'zh-TW')).toContain('診斷：失敗：執行它的程序多次異常終止：its owner died')
  expect(text).toContain('資料缺口：沒有日誌')
  expect(told(requested(SESSION), 'zh-TW')).toContain('請求診斷')
})

test('an approval names the command; its closing names the decider and the reason', () => {
  const id = '01890000-0000-7000-8000-000000000001'
  expect(told(approvalRequested(SESSION, id))).toContain(`npx sre approve ${id} --reason "…"`)
  const closing = approvalClosed(SESSION, id)
  expect(told(closing)).toContain('approved by alice: looks right')
  expect(told(closing, 'zh-TW')).toContain('已核准（alice）：looks right')
  const nobody = { outcome: 'expired', code: 'expired', decided_by: null, reason: null }
  expect(told({ ...closing, value: { ...closing.value, ...nobody } })).toContain('expired: expired')
  const refused = { outcome: 'refused', code: 'own_request', reason: 'who asked … may not decide' }
  expect(told({ ...closing, value: { ...closing.value, ...refused } }, 'zh-TW')).toContain(
    '已駁回（alice）：發起這個工作階段的人不能核准其動作',
  )
  const joined = approvalClosed(SESSION, id, 'joined', '0189-a')
  joined.value.decided_by = null
  expect(told(joined)).toContain('joined: approval 0189-a proposes the same action and counts for both')
  expect(told(joined, 'zh-TW')).toContain('已併入：核准 0189-a 已提出相同的動作，其結果同時適用')
})

test('an action shows its effect on each indicator', () => {
  const id = '01890000-0000-7000-8000-000000000001'
  const done = actionCompleted(SESSION, id)
  expect(told(done)).toContain('rollback cart: succeeded, helped')
  expect(told(done)).toContain(
    'cart latency_p95: normally 26.8 ms, 838 ms during the incident, no data after the action (unknown: the source has no data)',
  )
  expect(told(done, 'zh-TW')).toContain(
    'cart latency_p95：平時 26.8 ms，事故期間 838 ms，動作後 沒有資料（未知：資料來源沒有資料）',
  )
  const failure = {
    outcome: 'failed',
    effect: 'unknown',
    code: 'execution_failed',
    error: 'no such script',
    checks: [],
  }
  expect(told({ ...done, value: { ...done.value, ...failure } }, 'zh-TW')).toContain(
    '失敗，未知：控制平面回報失敗（no such script）',
  )
})

test('an action that may have run is reported as such', () => {
  const done = actionCompleted(SESSION, '01890000-0000-7000-8000-000000000001')
  const value = { ...done.value, outcome: 'unknown', effect: 'helped', error: 'still running' }
  expect(told({ ...done, value })).toContain('rollback cart: it may have run, helped: still running')
  expect(told({ ...done, value }, 'zh-TW')).toContain('rollback cart：可能已執行，有改善：still running')
})

test('of a postmortem, the title and the summary are shown, and how to read the rest', () => {
  const report = writeReport(facts())
  const value = {
    ...{
      event_id: '1',
      session_id: null,
      session_ids: [SESSION],
      postmortem_id: '01890000-0000-5000-8000-00000000beef',
    },
    ...{ status: 'completed', reason: null, title: { en: 'cart is slow' }, summary: { en: 'It was slow.' } },
    report: JSON.stringify(report),
  }
  const event = { event: 'PostmortemCompleted', value }
  expect(linesOf([event], 'en')).toEqual([
    'abcdef postmortem: cart is slow',
    ...report.summary.map(({ text }) => `abcdef   ${text.en}`),
    'abcdef   the whole report: npx sre postmortem show 00beef',
    'abcdef   as a page: npx sre postmortem show 00beef --format html --output postmortem.html',
  ])
  expect(told({ ...event, value: { ...value, report: '{}' } }, 'zh-TW')).toContain('It was slow.')
  expect(told({ ...event, value: { ...value, report: null } })).toBe('abcdef postmortem: It was slow.')
})

test('a call that arrives before its phase counts in it', () => {
  const begins = progressed(SESSION, 20)
  const lines = linesOf([evidence(SESSION, { status: 'ok' }), begins, completed(SESSION, {})], 'en')
  expect(lines[0]).toBe('abcdef 20 percent: 1 answer')
})

test('only the latest unfinished sessions are tracked', () => {
  const narrator = createNarrator('en')
  for (let session = 100_000; session < 101_000; session++)
    narrator.tell(progressed(`01890000-0000-7000-8000-000000${session}`, 20) as Received)
  const growing = narrator.growing().map((line) => stripVTControlCharacters(shown(line)))
  expect(growing).toHaveLength(50)
  expect(growing.at(-1)).toBe('100999 20 percent …')
})

test('a verification is announced as soon as it runs', () => {
  const running = progressed(SESSION, 100)
  const value = { ...running.value, agent: 'executor', step: 'verify', message: { en: 'Verifying, for up to 2 min' } }
  expect(told({ ...running, value })).toBe('abcdef Verifying, for up to 2 min')
})

test("a change is described from its fields, not from its author's words", () => {
  const value = {
    ...{ event_id: '1', session_id: null, sequence: 0, tenant: 'default', change_id: 'change-1', namespace: null },
    ...{
      occurred_at: Date.UTC(2026, 0, 2, 10, 2),
      service: 'cart',
      type: 'DEPLOYMENT',
      author: null,
      deployment_id: null,
    },
    ...{ summary: 'Deployed cart:1.5.0', before: '{"image_tag":"cart:1.4.2"}', after: '{"image_tag":"cart:1.5.0"}' },
  }
  const changed = (over: object, language: Language = 'en') =>
    told({ event: 'ChangeRecorded', value: { ...value, ...over } }, language)
  expect(changed({})).toContain('deployment of cart 1.5.0 at 10:02:00 UTC (previously 1.4.2)')
  expect(changed({}, 'zh-TW')).toContain('部署 cart 1.5.0（10:02:00 UTC，先前為 1.4.2）')
  expect(changed({ before: null, after: 'cart:1.5.0' })).toContain('deployment of cart 1.5.0 at 10:02:00 UTC')
  expect(changed({ type: 'CONFIG_UPDATE', summary: 'pool 10 to 2' })).toContain('configuration change of cart at 10:02:00 UTC: pool 10 to 2') // prettier-ignore
})

test('no line begins with an unexplained symbol', () => {
  const id = '01890000-0000-7000-8000-000000000001'
  const events = [requested(SESSION), progressed(SESSION, 20), evidence(SESSION, {}), completed(SESSION, {}), approvalRequested(SESSION, id), approvalClosed(SESSION, id), approvalClosed(SESSION, id, 'joined', '0189-a'), actionCompleted(SESSION, id)] // prettier-ignore
  for (const language of ['en', 'zh-TW'] as const) {
    const text = linesOf(events, language, true).join('\n')
    expect(text).not.toMatch(/[▶✓✔✗✘■?±◆◐↷∅!]/u)
    expect(text).toContain(language === 'en' ? '(risk: medium)' : '（風險：中）')
  }
})

test('an anomaly is one line when it opens, with its value and what was expected', () => {
  const id = '01890000-0000-7000-8000-000000abcdef'
  expect(told(detected(id))).toBe('       anomaly (critical): cart latency_p95 900 ms, expected 80 ms to 120 ms')
  expect(told(detected(id), 'zh-TW')).toBe('       異常（嚴重）：cart latency_p95 900 ms，預期 80 ms 至 120 ms')
  expect(told(detected(id, 0, { series: [] }))).toBe('       anomaly (critical): cart')
  expect(linesOf([detected(id, 1), detected(id, 2, { phase: 'closed' })], 'en')).toEqual([])
})
