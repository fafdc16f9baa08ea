/** Renders a session for the terminal. */
import { percentOf } from '../../analysis/ranking/confidence.ts'
import type {
  ApprovalEvent,
  DiagnosticResult,
  Finding,
  ProgressEvent,
  ToolCallEvent,
} from '../../gateway/api.generated.ts'
import { exactName } from '../../schemas/visible.ts'
import { clauses, labelled, noted, readable, riskText, tagged } from '../../gateway/present/words.ts'
import type { Language } from '../../gateway/present/language.ts'
import type { Line } from '../terminal/line.ts'
import { createPhases } from '../terminal/phases.ts'

const words = {
  en: {
    causes: 'Root causes',
    changes: 'Changes that may have caused it',
    noChange: 'none of them',
    findings: 'Findings',
    missing: 'Data gaps',
    actions: 'Recommended actions',
    none: 'none found',
    confidence: 'confidence',
    since: (onset: string) => `since ${onset}`,
    mitigated: (moment: string) => `mitigated by an action at ${moment}`,
    evidence: 'evidence',
    approve: 'to approve',
    written: (title: string) => `note by the assistant: “${title}”`,
    listed: ', ',
  },
  'zh-TW': {
    causes: '根因',
    changes: '可能造成異常的變更',
    noChange: '都不是',
    findings: '發現',
    missing: '資料缺口',
    actions: '建議的動作',
    none: '無',
    confidence: '信心分數',
    since: (onset: string) => `起始於 ${onset}`,
    mitigated: (moment: string) => `已於 ${moment} 因動作而緩解`,
    evidence: '證據',
    approve: '核准指令',
    written: (title: string) => `助理的說明：「${title}」`,
    listed: '、',
  },
} as const

export const wordsIn = (language: Language) => words[language]

/** What happened since the diagnosis. */
export interface Since {
  /** approvals that are still open */
  isOpen(approvalId: string): boolean
  /** when an action that helped was carried out; null: none did */
  mitigatedAt: string | null
}

const JUST_NOW: Since = { isOpen: () => true, mitigatedAt: null }

export function renderResult(result: DiagnosticResult, language: Language, since = JUST_NOW): string[] {
  const say = words[language]
  if (result.verdict === null) return [result.summary, ...section(labelled(language, say.missing, ''), result.missing)]
  return [
    result.summary,
    noted(language, readable(language, result.verdict), clauses(language, standing(result, language, since))),
    labelled(language, say.causes, result.root_causes.length === 0 ? say.none : '').trimEnd(),
    ...result.root_causes.map(
      ({ rank, service, explanation, evidence }) =>
        `  ${rank}. ${about(service, explanation, language)} [${say.evidence} ${evidence.map(endOf).join(say.listed)}]`,
    ),
    ...section(labelled(language, say.changes, ''), suspected(result, language)),
    ...section(
      labelled(language, say.findings, ''),
      result.findings.map((finding) => renderFinding(finding, language)),
    ),
    ...section(labelled(language, say.missing, ''), result.missing),
    ...section(
      labelled(language, say.actions, ''),
      result.recommended_actions.map((action) => renderAction(action, language, since)),
    ),
  ]
}

/** Of a hundred changes that came at once, nobody reads all. */
const MOST_CHANGES = 5

/** Each with its probability, then that of none of them. */
function suspected({ suspected_changes: changes }: DiagnosticResult, language: Language): string[] {
  if (changes === null || changes.suspects.length === 0) return []
  const alternatives = [
    ...changes.suspects.slice(0, MOST_CHANGES),
    { text: words[language].noChange, probability: changes.none },
  ]
  return alternatives.map(({ text, probability }) => `${percentOf(probability)} %  ${text}`)
}

/** Confidence, onset and phase. The phase is that at the time of the diagnosis: after an action that helped, it is out of date. */
function standing({ confidence_score, onset, phase }: DiagnosticResult, language: Language, { mitigatedAt }: Since) {
  const say = words[language]
  const now = mitigatedAt !== null ? say.mitigated(mitigatedAt) : phase === null ? null : readable(language, phase)
  return [
    `${say.confidence} ${percentOf(confidence_score)} %`,
    ...(onset === null ? [] : [say.since(onset)]),
    ...(now === null ? [] : [now]),
  ]
}

function renderAction(
  { type, title, risk, approval_id: approval }: DiagnosticResult['recommended_actions'][number],
  language: Language,
  { isOpen }: Since,
): string {
  const say = words[language]
  const what = clauses(language, [noted(language, exactName(type), riskText(language, risk)), say.written(title)])
  if (approval === undefined || !isOpen(approval)) return what
  return `${what}  ${labelled(language, say.approve, `npx sre approve ${approval} --reason …`)}`
}

/** Names the service, unless the text begins with it. */
const about = (service: string, text: string, language: Language): string =>
  text.startsWith(service) && !/^[\w.-]/.test(text.slice(service.length)) ? text : labelled(language, service, text)

/** The last six characters of an id, which commands accept. */
const endOf = (id: string): string => id.slice(-6)

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [title.trimEnd(), ...lines.map((line) => `  - ${line}`)]

/** A change names its service itself. */
const renderFinding = ({ source, severity, service, message }: Finding, language: Language): string =>
  tagged(
    language,
    readable(language, severity),
    service === null || source === 'changes' ? message : about(service, message, language),
  )

export interface EventRenderer {
  /** the lines for one server-sent event */
  lines(name: string, data: unknown): Line[]
  growing(): Line[]
}

/** `everything`: also a line per call. */
export function createEventRenderer(language: Language, everything: boolean): EventRenderer {
  const phases = createPhases(language, everything)
  const rendered = (name: string, data: unknown): readonly Line[] => {
    if (name === 'progress') {
      const { agent, message, occurred_at } = data as ProgressEvent
      if (agent !== 'assistant') return [message]
      phases.begin(message, Date.parse(occurred_at))
    }
    if (name === 'tool_call') return phases.call(data as ToolCallEvent, Date.parse((data as ToolCallEvent).occurred_at))
    if (name === 'finding') return [`  ${renderFinding(data as Finding, language)}`]
    if (name === 'approval') return [renderApprovalEvent(data as ApprovalEvent, language)]
    if (name === 'final_result') return [...phases.end(), '', ...renderResult(data as DiagnosticResult, language), '']
    return []
  }
  return {
    lines: (name, data) => [...rendered(name, data)],
    growing: phases.growing,
  }
}

function renderApprovalEvent(
  { approval_id, state, outcome, effect, message }: ApprovalEvent,
  language: Language,
): string {
  // for a closed approval, the outcome is more useful
  const words = [outcome === undefined || state !== 'closed' ? state : undefined, outcome, effect].flatMap((word) =>
    word === undefined ? [] : [readable(language, word)],
  )
  return labelled(language, clauses(language, words), noted(language, message, approval_id))
}
