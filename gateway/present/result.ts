import type { DiagnosticResult, Finding } from '../api.generated.ts'
import type { Events, Finding as FindingEvent } from '../../schemas/events.generated.ts'
import { inLanguage, timeOrNull } from './language.ts'
import type { Language } from './language.ts'

export const presentFinding = (finding: FindingEvent, language: Language): Finding => ({
  source: finding.source,
  severity: finding.severity,
  service: finding.service,
  message: inLanguage(finding.message, language),
  evidence: finding.evidence,
  timestamp: timeOrNull(finding.timestamp),
})

/** The API's result of a session. */
export function presentResult(result: Events['DiagnosisCompleted'], language: Language): DiagnosticResult {
  const text = (texts: Record<string, string>) => inLanguage(texts, language)
  return {
    verdict: result.verdict,
    revision: result.revision,
    onset: timeOrNull(result.onset),
    phase: result.phase,
    summary: text(result.summary),
    missing: result.missing.map(text),
    ruled_out: result.ruled_out.map(({ change_id, service, reason }) => ({
      ...(change_id === null ? {} : { change_id }),
      ...(service === null ? {} : { service }),
      reason: text(reason),
    })),
    suspected_changes: presentSuspected(result, text),
    findings: result.findings.map((finding) => presentFinding(finding, language)),
    root_causes: result.root_causes.map((cause) => ({
      ...cause,
      explanation: text(cause.explanation),
      since: timeOrNull(cause.since),
      until: timeOrNull(cause.until),
    })),
    recommended_actions: result.recommended_actions.map(({ title, type, risk, approval_id }) => ({
      title: text(title),
      type,
      risk,
      ...(approval_id === null ? {} : { approval_id }),
    })),
    confidence_score: result.confidence,
    tools_used: result.tools_used,
    execution_time: result.execution_ms / 1000,
    usage: result.usage,
  }
}

/** Null also for a result that an earlier release has stored. */
function presentSuspected(
  { suspected_changes: suspected }: Events['DiagnosisCompleted'],
  text: (texts: Record<string, string>) => string,
): DiagnosticResult['suspected_changes'] {
  if (!suspected) return null
  return { ...suspected, suspects: suspected.suspects.map((one) => ({ ...one, text: text(one.text) })) }
}
