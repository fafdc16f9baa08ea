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
import { wordIn } from '../../gateway/present/words.ts'
import type { Language } from '../../gateway/present/language.ts'
import type { Line } from '../terminal/line.ts'
import { createPhases } from '../terminal/phases.ts'

const words = {
  en: {
    causes: 'Root causes',
    findings: 'Findings',
    missing: 'Data gaps',
    actions: 'Recommended actions',
    none: 'none found',
    confidence: 'confidence',
    since: 'since',
    evidence: 'evidence',
    approve: 'to approve',
    written: 'note by the assistant:',
  },
  'zh-TW': {
    causes: '根本原因',
    findings: '發現',
    missing: '資料缺口',
    actions: '建議的動作',
    none: '無',
    confidence: '信心分數',
    since: '起始於',
    evidence: '證據',
    approve: '核准指令',
    written: '助理的說明：',
  },
} as const

export const wordsIn = (language: Language) => words[language]

/** `isOpen`: whether an approval is still pending. */
export function renderResult(result: DiagnosticResult, language: Language, isOpen = (_id: string) => true): string[] {
  const say = words[language]
  if (result.verdict === null) return [result.summary, ...section(say.missing, result.missing)]
  const onset = result.onset === null ? '' : `, ${say.since} ${result.onset}`
  const phase = result.phase === null ? '' : `, ${wordIn(language, result.phase).replace('_', ' ')}`
  return [
    result.summary,
    `${wordIn(language, result.verdict)} (${say.confidence} ${percentOf(result.confidence_score)} %${onset}${phase})`,
    `${say.causes}:${result.root_causes.length === 0 ? ` ${say.none}` : ''}`,
    ...result.root_causes.map(
      ({ rank, service, indicator, change_id, explanation, evidence }) =>
        `  ${rank}. ${[service, indicator, change_id].filter(Boolean).join(' ')}: ${explanation} [${say.evidence} ${evidence.map(endOf).join(', ')}]`,
    ),
    ...section(
      say.findings,
      result.findings.map((finding) => renderFinding(finding, language)),
    ),
    ...section(say.missing, result.missing),
    ...section(
      say.actions,
      result.recommended_actions.map(
        ({ type, title, risk, approval_id }) =>
          `${exactName(type)} (${wordIn(language, risk)}), ${say.written} “${title}”${approval_id === undefined || !isOpen(approval_id) ? '' : `  ${say.approve}: npx sre approve ${approval_id} --reason …`}`,
      ),
    ),
  ]
}

/** The last six characters of an id, which commands accept. */
const endOf = (id: string): string => id.slice(-6)

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  - ${line}`)]

const renderFinding = ({ severity, service, message }: Finding, language: Language): string =>
  `${wordIn(language, severity)}${service === null ? '' : ` ${service}`}: ${message}`

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
      const { message, occurred_at } = data as ProgressEvent
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
  // of a closed approval, its outcome says more
  const words = [outcome === undefined || state !== 'closed' ? state : undefined, outcome, effect].flatMap((word) =>
    word === undefined ? [] : [wordIn(language, word)],
  )
  return `${words.join(' ')}: ${message} (${approval_id})`
}
