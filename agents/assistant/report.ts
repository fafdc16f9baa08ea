/** Converts a verdict to the published event. A claim that cites no evidence of this session is dropped. */
import type { Text, Verdict } from '../../analysis/verdict.ts'
import type { DiagnosisCompleted, Finding, RootCause } from '../../schemas/events.generated.ts'
import type { Evidence } from '../runtime/evidence.ts'

export const byLanguage = (text: Text): Record<string, string> => ({ en: text.en, 'zh-TW': text.zh })

export type Conclusion = Pick<
  DiagnosisCompleted,
  | 'verdict'
  | 'onset'
  | 'phase'
  | 'confidence'
  | 'findings'
  | 'root_causes'
  | 'missing'
  | 'ruled_out'
  | 'suspected_changes'
  | 'tools_used'
  | 'status'
  | 'reason'
>

export function conclude(verdict: Verdict, evidence: readonly Evidence[], missing: readonly Text[]): Conclusion {
  const known = new Set(evidence.map((one) => one.id))
  const cited = (ids: readonly string[]) => ids.filter((id) => known.has(id))
  return {
    ...completeness(evidence),
    verdict: verdict.verdict,
    onset: rounded(verdict.onset),
    phase: verdict.phase,
    confidence: verdict.confidence,
    findings: verdict.findings
      .map((finding): Finding => ({
        source: finding.source,
        severity: finding.severity,
        service: finding.service,
        message: byLanguage(finding.message),
        timestamp: finding.timestamp === null ? null : Math.round(finding.timestamp),
        evidence: cited(finding.evidence),
      }))
      .filter((finding) => finding.evidence.length > 0),
    root_causes: verdict.rootCauses
      .map((cause): RootCause => ({
        rank: cause.rank,
        service: cause.service,
        indicator: cause.indicator,
        change_id: cause.changeId,
        score: cause.score,
        explanation: byLanguage(cause.explanation),
        evidence: cited(cause.evidence),
        since: rounded(cause.since),
        until: rounded(cause.until),
        phase: cause.phase,
        separate: cause.isSeparate,
      }))
      .filter((cause) => cause.evidence.length > 0),
    missing: [...missing, ...verdict.missing].map(byLanguage),
    ruled_out: verdict.ruledOut.map((one) => ({
      change_id: one.changeId ?? null,
      service: one.service ?? null,
      reason: byLanguage(one.reason),
    })),
    suspected_changes: suspectedIn(verdict, cited),
    tools_used: [...new Set(evidence.map((one) => one.tool))],
  }
}

/** A suspect without evidence of this session is dropped; its probability goes to none. */
function suspectedIn(
  { suspectedChanges: suspected }: Verdict,
  cited: (ids: readonly string[]) => string[],
): DiagnosisCompleted['suspected_changes'] {
  if (suspected === null) return null
  const suspects = suspected.suspects
    .map(({ changeId, service, probability, text, evidence }) => ({
      change_id: changeId,
      service: service === '' ? null : service,
      probability,
      text: byLanguage(text),
      evidence: cited(evidence),
    }))
    .filter(({ evidence }) => evidence.length > 0)
  return {
    suspects,
    none: Math.max(
      0,
      suspects.reduce((left, { probability }) => left - probability, 1),
    ),
  }
}

const rounded = (instant: number | null): number | null => (instant === null ? null : Math.round(instant))

/** `partial` if any query failed, even in part. */
function completeness(evidence: readonly Evidence[]): Pick<DiagnosisCompleted, 'status' | 'reason'> {
  const failed = evidence.filter(({ status, incomplete }) => status === 'failed' || incomplete)
  if (failed.length === 0) return { status: 'completed', reason: null }
  const sources = [...new Set(failed.map(({ tool }) => tool))]
  return { status: 'partial', reason: `questions_failed: ${failed.length}/${evidence.length} (${sources.join(', ')})` }
}
