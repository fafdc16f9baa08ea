/** A session as a person watches it: each event becomes the lines that tell it. */
import { styleText } from 'node:util'
import type { Received } from '../../bus/bus.ts'
import { actionInWords } from '../../gateway/present/action.ts'
import { actionReason, checkReason, closingReason, endingReason } from '../../gateway/present/reasons.ts'
import type { Language } from '../../gateway/present/language.ts'
import { wordIn } from '../../gateway/present/words.ts'
import type { CheckResult, DiagnosisCompleted, Events } from '../../schemas/events.generated.ts'

export const spoken = (text: Readonly<Record<string, string>>, language: Language): string =>
  text[language] ?? text['en'] ?? ''

const SHOWN_CAUSES = 3
const SHOWN_FINDINGS = 5

/** Lines for one event; none for those that only machines read. */
export function narrate(received: Received, language: Language): string[] {
  const session = 'session_id' in received.value ? tag(received.value.session_id) : ''
  const lines = tell(received, language)
  return lines.map((line) => `${session} ${line}`)
}

function tell(received: Received, language: Language): string[] {
  switch (received.event) {
    case 'DiagnosisRequested':
      return [styleText('bold', `▶ ${asked(received.value, language)}`)]
    case 'DiagnosisProgressed':
      return [styleText('dim', `… ${spoken(received.value.message, language)}`)]
    case 'EvidenceRecorded':
      return [toolCall(received.value)]
    case 'DiagnosisCompleted':
      return diagnosis(received.value, language)
    case 'ApprovalRequested':
      return [
        styleText(
          'yellow',
          `⏸ ${actionInWords(received.value.action, language)} (${wordIn(language, received.value.risk)})`,
        ),
        styleText('yellow', `  npx sre approve ${received.value.approval_id} --reason "…"`),
      ]
    case 'ApprovalClosed':
      return [closed(received.value, language)]
    case 'ActionCompleted':
      return action(received.value, language)
    case 'ChangeRecorded':
      return [`± ${received.value.summary}`]
    default:
      return []
  }
}

function asked(request: Events['DiagnosisRequested'], language: Language): string {
  const about = request.service ?? request.question ?? request.affected_services.join(', ')
  const by = request.requested_by.split('|').at(-1) ?? request.requested_by
  return language === 'zh-TW'
    ? `${by} 要求診斷（${wordIn(language, request.kind)}）：${about}`
    : `${by} asks for a diagnosis (${request.kind}): ${about}`
}

function toolCall(evidence: Events['EvidenceRecorded']): string {
  const mark =
    evidence.status === 'ok'
      ? styleText('green', '✓')
      : evidence.status === 'no_data'
        ? styleText('yellow', '∅')
        : styleText('red', '✗')
  const query = evidence.query.split('\n')[0] ?? ''
  const shown = query.length > 60 ? `${query.slice(0, 57)}…` : query
  return `${mark} ${evidence.tool} ${evidence.operation} ${styleText('dim', `${shown}  ${Math.round(evidence.duration_ms)} ms`)} ${evidence.error ?? evidence.summary}`
}

function diagnosis(result: DiagnosisCompleted, language: Language): string[] {
  const head =
    result.status === 'completed'
      ? styleText('bold', '■')
      : styleText('red', `■ ${wordIn(language, result.status)}: ${endingReason(result.reason, language) ?? ''}`)
  const none = language === 'zh-TW' ? '缺少' : 'missing'
  const evidence = language === 'zh-TW' ? '項證據' : 'evidence'
  return [
    `${head} ${styleText('bold', spoken(result.summary, language))}`,
    ...result.root_causes.slice(0, SHOWN_CAUSES).map((cause) => {
      const what = [cause.service, cause.indicator, cause.change_id].filter((part) => part !== null).join(' · ')
      return `  ${cause.rank}. ${what} ${styleText('dim', `(${cause.score.toFixed(2)}, ${cause.evidence.length} ${evidence})`)} ${spoken(cause.explanation, language)}`
    }),
    ...result.findings
      .slice(0, SHOWN_FINDINGS)
      .map((finding) => `  - ${wordIn(language, finding.severity)}: ${spoken(finding.message, language)}`),
    ...result.missing.map((text) => styleText('yellow', `  ? ${none}: ${spoken(text, language)}`)),
  ]
}

const MAY_HAVE_RUN: Readonly<Record<Language, string>> = { en: 'it may have run', 'zh-TW': '可能已執行' }

function closed(closing: Events['ApprovalClosed'], language: Language): string {
  const person = closing.decided_by?.split('|').at(-1)
  const by = person === undefined ? '' : language === 'zh-TW' ? `（${person}）` : ` by ${person}`
  const line = `${wordIn(language, closing.outcome)}${by}: ${closingReason(closing, language) ?? closing.code}`
  return closing.outcome === 'approved' ? styleText('green', `✔ ${line}`) : styleText('red', `✘ ${line}`)
}

function action(done: Events['ActionCompleted'], language: Language): string[] {
  const outcome = done.outcome === 'unknown' ? MAY_HAVE_RUN[language] : wordIn(language, done.outcome)
  const reason = actionReason(done, language)
  const why = reason === null ? '' : `: ${reason}`
  const head = `${done.action.type} ${done.action.service}: ${outcome}, ${wordIn(language, done.effect)}${why}`
  return [
    done.outcome === 'unknown'
      ? styleText('yellow', `? ${head}`)
      : done.effect === 'helped'
        ? styleText('green', `✔ ${head}`)
        : styleText('red', `✘ ${head}`),
    ...done.checks.map((check) => `  ${check.service} ${check.indicator}: ${level(check, language)}`),
  ]
}

function level(check: CheckResult, language: Language): string {
  const levels = [check.normal, check.disturbed, check.after].map(number).join(' → ')
  return `${levels} (${[wordIn(language, check.effect), checkReason(check, language) ?? []].flat().join(': ')})`
}

const number = (value: number | null): string => (value === null ? '?' : Number(value.toPrecision(3)).toString())

const tag = (sessionId: string | null): string => styleText('cyan', (sessionId ?? '').slice(-6).padEnd(6))
