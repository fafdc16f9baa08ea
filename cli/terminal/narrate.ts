/** Turns the events of a session into lines on the terminal. */
import { LRUCache } from 'lru-cache'
import type { Received } from '../../bus/bus.ts'
import { wordsOf } from '../../actions/words.ts'
import { actionReason, checkReason, closingReason, endingReason } from '../../gateway/present/reasons.ts'
import type { Language } from '../../gateway/present/language.ts'
import { personIn } from '../../gateway/present/person.ts'
import { deciding, proposing } from '../../gateway/present/texts.ts'
import { clauses, labelled, noted, readable, riskText, tagged } from '../../gateway/present/words.ts'
import type { DiagnosisCompleted, Events } from '../../schemas/events.generated.ts'
import { anomalyLines } from './anomaly.ts'
import { changeLine } from './change.ts'
import { checkText } from './checks.ts'
import { type Line, paint, painted, type Painted } from './line.ts'
import { createPhases, type Phases } from './phases.ts'
import { postmortemLines } from './postmortem.ts'
import type { Screen } from './screen.ts'

export const spoken = (text: Readonly<Record<string, string>>, language: Language): string =>
  text[language] ?? text['en'] ?? ''

/** The agent whose progress has phases. */
const DIAGNOSES = 'assistant'
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
        if (received.value.agent !== DIAGNOSES) return [spoken(received.value.message, language)]
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
      const session = tag(sessionIn(received.value))
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
      return [paint('bold', asked(received.value, language))]
    case 'ActionDeclined':
      return [paint('yellow', proposing.declined(spoken(received.value.reason, language))[language])]
    case 'ApprovalRequested':
      return needed(received.value, language)
    case 'ApprovalCounted':
      return [paint('yellow', deciding.oneMore(personIn(received.value.approved_by))[language])]
    case 'ApprovalClosed':
      return [closed(received.value, language)]
    case 'ActionCompleted':
      return action(received.value, language)
    case 'PostmortemCompleted':
      return postmortemLines(received.value, language)
    case 'AnomalyDetected':
      return anomalyLines(received.value, language)
    case 'ChangeRecorded':
      return [changeLine(received.value, language)]
    default:
      return []
  }
}

function asked(request: Events['DiagnosisRequested'], language: Language): string {
  const about = request.service ?? request.question ?? request.affected_services.join(', ')
  const by = request.requested_by.split('|').at(-1) ?? request.requested_by
  const kind = readable(language, request.kind)
  return language === 'zh-TW'
    ? `${by} 請求診斷（${kind}）：${about}`
    : `${by} requested a diagnosis (${kind}): ${about}`
}

function needed({ action, risk, approval_id }: Events['ApprovalRequested'], language: Language): Line[] {
  const exactly = noted(language, wordsOf(action)[language], riskText(language, risk))
  return [
    paint('yellow', labelled(language, LABELS[language].approval, exactly)),
    paint('yellow', `  npx sre approve ${approval_id} --reason "…"`),
  ]
}

function diagnosis(result: DiagnosisCompleted, language: Language, everything: boolean): Line[] {
  const words = LABELS[language]
  const why = endingReason(result.reason, language)
  const ended = readable(language, result.status)
  // what the memory has is what a reader cannot see anywhere else
  const findings = result.findings.filter(({ source }) => everything || source === 'memory')
  return [
    ...(result.status === 'completed'
      ? []
      : [paint('red', labelled(language, words.diagnosis, why === null ? ended : labelled(language, ended, why)))]),
    paint('bold', labelled(language, words.diagnosis, spoken(result.summary, language))),
    ...result.root_causes
      .slice(0, SHOWN_CAUSES)
      .map((cause) => `  ${cause.rank}. ${spoken(cause.explanation, language)}`),
    ...findings.map(
      (one) => `  - ${tagged(language, readable(language, one.severity), spoken(one.message, language))}`,
    ),
    ...result.missing.map((text) => paint('yellow', `  ${labelled(language, words.gap, spoken(text, language))}`)),
    paint('dim', `  ${labelled(language, words.more, `npx sre show ${result.session_id.slice(-6)}`)}`),
  ]
}

const LABELS = {
  en: {
    diagnosis: 'diagnosis',
    gap: 'data gap',
    more: 'findings and evidence',
    approval: 'needs approval',
    mayHaveRun: 'it may have run',
  },
  'zh-TW': {
    diagnosis: '診斷',
    gap: '資料缺口',
    more: '發現與證據',
    approval: '需要核准',
    mayHaveRun: '可能已執行',
  },
} as const

/** Harmless: another approval covers it, or there is nothing left to do. */
const MOOT = ['joined', 'overtaken']

function closed(closing: Events['ApprovalClosed'], language: Language): Painted {
  const person = closing.decided_by?.split('|').at(-1)
  const by = person === undefined ? '' : language === 'zh-TW' ? `（${person}）` : ` by ${person}`
  const why = closingReason(closing, language) ?? closing.code
  const line = labelled(language, `${readable(language, closing.outcome)}${by}`, why)
  if (closing.outcome === 'approved') return paint('green', line)
  return paint(MOOT.includes(closing.outcome) ? 'dim' : 'red', line)
}

function action(done: Events['ActionCompleted'], language: Language): Line[] {
  const outcome = done.outcome === 'unknown' ? LABELS[language].mayHaveRun : readable(language, done.outcome)
  const ended = clauses(language, [outcome, readable(language, done.effect)])
  const reason = actionReason(done, language)
  const head = labelled(language, `${done.action.type} ${done.action.service}`, reason === null ? ended : labelled(language, ended, reason)) // prettier-ignore
  return [
    paint(done.outcome === 'unknown' ? 'yellow' : (COLOURS.get(done.effect) ?? 'red'), head),
    ...done.checks.map((check) => `  ${checkText(check, checkReason(check, language), language)}`),
  ]
}

const COLOURS: ReadonlyMap<string, 'green' | 'yellow'> = new Map([
  ['helped', 'green'],
  ['partly', 'yellow'],
])

/** A postmortem may cover several sessions. */
function sessionIn(value: Received['value']): string | null {
  if ('session_ids' in value) return value.session_ids.length === 1 ? value.session_ids[0]! : null
  return 'session_id' in value ? value.session_id : null
}

const tag = (sessionId: string | null): Painted => paint('cyan', (sessionId ?? '').slice(-6).padEnd(6))
