/** A session in words, for a terminal. */
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

const words = {
  en: {
    causes: 'Root causes',
    findings: 'Findings',
    missing: 'Not looked at',
    actions: 'What can be done',
    none: 'none found',
    confidence: 'confidence',
    since: 'since',
    evidence: 'evidence',
    approve: 'decide with',
    written: 'in the words of the assistant:',
  },
  'zh-TW': {
    causes: '根本原因',
    findings: '發現',
    missing: '未能檢查',
    actions: '可採取的動作',
    none: '未找到',
    confidence: '信心',
    since: '開始於',
    evidence: '證據',
    approve: '決定指令',
    written: '助理的說明：',
  },
} as const

export const wordsIn = (language: Language) => words[language]

export function renderResult(result: DiagnosticResult, language: Language): string[] {
  const say = words[language]
  const onset = result.onset === null ? '' : `, ${say.since} ${result.onset}`
  const phase = result.phase === null ? '' : `, ${wordIn(language, result.phase).replace('_', ' ')}`
  return [
    result.summary,
    `${wordIn(language, result.verdict ?? '-')} (${say.confidence} ${percentOf(result.confidence_score)} %${onset}${phase})`,
    `${say.causes}:${result.root_causes.length === 0 ? ` ${say.none}` : ''}`,
    ...result.root_causes.map(
      ({ rank, service, indicator, change_id, explanation, evidence }) =>
        `  ${rank}. ${[service, indicator, change_id].filter(Boolean).join(' ')}: ${explanation} [${say.evidence} ${evidence.join(', ')}]`,
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
          `${exactName(type)} (${wordIn(language, risk)}), ${say.written} “${title}”${approval_id === undefined ? '' : `  ${say.approve}: npx sre approve ${approval_id} --reason …`}`,
      ),
    ),
  ]
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  - ${line}`)]

const renderFinding = ({ severity, service, message }: Finding, language: Language): string =>
  `${wordIn(language, severity)}${service === null ? '' : ` ${service}`}: ${message}`

/** The lines one server-sent event makes. */
export function renderEvent(name: string, data: unknown, language: Language): string[] {
  if (name === 'progress') {
    const { progress, message } = data as ProgressEvent
    return [`${String(progress).padStart(3)} %  ${message}`]
  }
  if (name === 'tool_call') {
    const { tool, operation, status, summary, error, duration_ms } = data as ToolCallEvent
    return [
      `       ${tool} ${operation}: ${wordIn(language, status)}, ${error ?? summary} (${Math.round(duration_ms)} ms)`,
    ]
  }
  if (name === 'finding') return [`       ${renderFinding(data as Finding, language)}`]
  if (name === 'approval') {
    const { approval_id, state, outcome, effect, message } = data as ApprovalEvent
    return [
      `       ${[state, outcome, effect].flatMap((word) => (word === undefined ? [] : [wordIn(language, word)])).join(' ')}: ${message} (${approval_id})`,
    ]
  }
  if (name === 'final_result') return ['', ...renderResult(data as DiagnosticResult, language), '']
  return []
}
