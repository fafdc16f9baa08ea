/** Turns the events of a session into lines on the terminal. */
import { LRUCache } from 'lru-cache'
import type { Received } from '../../bus/bus.ts'
import { wordsOf } from '../../actions/words.ts'
import { actionReason, checkReason, closingReason, endingReason } from '../../gateway/present/reasons.ts'
import type { Language } from '../../gateway/present/language.ts'
import { personIn } from '../../gateway/present/person.ts'
import { deciding } from '../../gateway/present/texts.ts'
import { wordIn } from '../../gateway/present/words.ts'
import type { CheckResult, DiagnosisCompleted, Events } from '../../schemas/events.generated.ts'
import { type Line, paint, painted, type Painted } from './line.ts'
import { createPhases, type Phases } from './phases.ts'
import type { Screen } from './screen.ts'

export const spoken = (text: Readonly<Record<string, string>>, language: Language): string =>
  text[language] ?? text['en'] ?? ''

const SHOWN_CAUSES = 3
/** Sessions tracked at once; the least recently used is forgotten. */
const REMEMBERED = 50

export interface Narrator {
  /** the permanent lines for one event; none for machine-only events */
  tell(received: Received): Painted[]
  /** the lines of running sessions that are still growing */
  growing(): Painted[]
}

/** `everything`: a line per call, and all findings. */
export function createNarrator(language: Language, everything = false): Narrator {
  const sessions = new LRUCache<string, Phases>({ max: REMEMBERED })
  const phasesOf = (id: string): Phases => {
    const phases = sessions.get(id) ?? createPhases(language, everything)
    sessions.set(id, phases)
    return phases
  }
  const tell = (received: Received): Line[] => {
    switch (received.event) {
      case 'DiagnosisProgressed':
        phasesOf(received.value.session_id).begin(spoken(received.value.message, language), received.value.occurred_at)
        return []
      case 'EvidenceRecorded':
        return phasesOf(received.value.session_id).call(received.value, received.value.occurred_at)
      case 'DiagnosisCompleted': {
        const before = phasesOf(received.value.session_id).end()
        sessions.delete(received.value.session_id)
        return [...before, ...diagnosis(received.value, language, everything)]
      }
      default:
        return afterwards(received, language)
    }
  }
  return {
    tell(received) {
      const session = 'session_id' in received.value ? tag(received.value.session_id) : ''
      return tell(received).map((line) => painted`${session} ${line}`)
    },
    growing: () =>
      [...sessions].toReversed().flatMap(([id, phases]) => phases.growing().map((line) => painted`${tag(id)} ${line}`)),
  }
}

/** Prints events from a bus on a screen. */
export function narrateOn(screen: Pick<Screen, 'print' | 'grow'>, narrator: Narrator): (received: Received) => void {
  return (received) => {
    const lines = narrator.tell(received)
    screen.grow(narrator.growing())
    lines.forEach(screen.print)
  }
}

function afterwards(received: Received, language: Language): Line[] {
  switch (received.event) {
    case 'DiagnosisRequested':
      return [paint('bold', `▶ ${asked(received.value, language)}`)]
    case 'ApprovalRequested':
      return [
        paint('yellow', `◆ ${wordsOf(received.value.action)[language]} (${wordIn(language, received.value.risk)})`),
        paint('yellow', `  npx sre approve ${received.value.approval_id} --reason "…"`),
      ]
    case 'ApprovalCounted':
      return [paint('yellow', `◆ ${deciding.oneMore(personIn(received.value.approved_by))[language]}`)]
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
    ? `${by} 請求診斷（${wordIn(language, request.kind)}）：${about}`
    : `${by} requested a diagnosis (${request.kind}): ${about}`
}

function diagnosis(result: DiagnosisCompleted, language: Language, everything: boolean): Line[] {
  const head =
    result.status === 'completed'
      ? paint('bold', '■')
      : paint('red', `■ ${wordIn(language, result.status)}: ${endingReason(result.reason, language) ?? ''}`)
  const findings = everything ? result.findings : []
  return [
    painted`${head} ${paint('bold', spoken(result.summary, language))}`,
    ...result.root_causes
      .slice(0, SHOWN_CAUSES)
      .map((cause) => `  ${cause.rank}. ${spoken(cause.explanation, language)}`),
    ...findings.map((finding) => `  - ${wordIn(language, finding.severity)}: ${spoken(finding.message, language)}`),
    ...result.missing.map((text) => paint('yellow', `  ? ${spoken(text, language)}`)),
    paint('dim', `  ${MORE[language]}: npx sre show ${result.session_id.slice(-6)}`),
  ]
}

const MORE: Readonly<Record<Language, string>> = { en: 'findings and evidence', 'zh-TW': '發現與證據' }

const MAY_HAVE_RUN: Readonly<Record<Language, string>> = { en: 'it may have run', 'zh-TW': '可能已執行' }

/** Harmless: another approval covers it, or there is nothing left to do. */
const MOOT = ['joined', 'overtaken']

function closed(closing: Events['ApprovalClosed'], language: Language): Painted {
  const person = closing.decided_by?.split('|').at(-1)
  const by = person === undefined ? '' : language === 'zh-TW' ? `（${person}）` : ` by ${person}`
  const line = `${wordIn(language, closing.outcome)}${by}: ${closingReason(closing, language) ?? closing.code}`
  if (closing.outcome === 'approved') return paint('green', `✔ ${line}`)
  return MOOT.includes(closing.outcome) ? paint('dim', `↷ ${line}`) : paint('red', `✘ ${line}`)
}

function action(done: Events['ActionCompleted'], language: Language): Line[] {
  const outcome = done.outcome === 'unknown' ? MAY_HAVE_RUN[language] : wordIn(language, done.outcome)
  const reason = actionReason(done, language)
  const why = reason === null ? '' : `: ${reason}`
  const head = `${done.action.type} ${done.action.service}: ${outcome}, ${wordIn(language, done.effect)}${why}`
  return [
    done.outcome === 'unknown' ? paint('yellow', `? ${head}`) : marked(done.effect, head),
    ...done.checks.map((check) => `  ${check.service} ${check.indicator}: ${level(check, language)}`),
  ]
}

function marked(effect: string, head: string): Painted {
  if (effect === 'helped') return paint('green', `✔ ${head}`)
  return effect === 'partly' ? paint('yellow', `◐ ${head}`) : paint('red', `✘ ${head}`)
}

function level(check: CheckResult, language: Language): string {
  const levels = [check.normal, check.disturbed, check.after].map(number).join(' → ')
  return `${levels} (${[wordIn(language, check.effect), checkReason(check, language) ?? []].flat().join(': ')})`
}

const number = (value: number | null): string => (value === null ? '?' : Number(value.toPrecision(3)).toString())

const tag = (sessionId: string | null): Painted => paint('cyan', (sessionId ?? '').slice(-6).padEnd(6))
